/** Random numbers that a seed brings back on every machine. */
export interface Random {
  /** A whole number from 0 to `bound` - 1. */
  below(bound: number): number;
  pick<T>(list: readonly T[]): T;
  /** A shuffled copy. */
  shuffle<T>(list: readonly T[]): T[];
}

/** The same seed and purpose give the same numbers; another purpose is another, unrelated row of numbers. */
export function randomFor(seed: number, purpose: string): Random {
  let state = (seed ^ hashOf(purpose)) >>> 0;
  // Mulberry32: small, fast, and good enough to choose test cases with.
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (bound: number): number => Math.floor(next() * bound);
  return {
    below,
    pick: (list) => {
      if (list.length === 0) throw new RangeError('nothing to pick from');
      return list[below(list.length)] as (typeof list)[number];
    },
    shuffle: (list) => {
      const out = [...list];
      for (let last = out.length - 1; last > 0; last -= 1) {
        const other = below(last + 1);
        [out[last], out[other]] = [out[other]!, out[last]!];
      }
      return out;
    },
  };
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}
