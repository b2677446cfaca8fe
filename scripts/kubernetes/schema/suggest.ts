/** Finds what somebody probably meant to write. */

/** The candidate nearest to `word`, if it is near enough to be a slip of the hand. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const limit = word.length <= 3 ? 1 : word.length <= 7 ? 2 : 3;
  let best: string | undefined;
  let bestDistance = limit + 1;
  const lower = word.toLowerCase();
  for (const candidate of candidates) {
    if (candidate === word) continue;
    const other = candidate.toLowerCase();
    if (other === lower) return candidate;
    if (Math.abs(other.length - lower.length) > limit) continue;
    const distance = editDistance(lower, other);
    if (distance < bestDistance && distance < Math.max(word.length, candidate.length) / 2) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** The only candidate that goes on where the word ends: `serviceAccountName` for `serviceAccount`. */
export function onlyLonger(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length < 4) return undefined;
  const longer = [...candidates].filter((candidate) =>
    candidate.toLowerCase().startsWith(word.toLowerCase()),
  );
  return longer.length === 1 ? longer[0] : undefined;
}

/** Damerau-Levenshtein distance (adjacent letters swapped count once). */
export function editDistance(a: string, b: string): number {
  let previous: number[] = [];
  let current = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let value = Math.min((current[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (current[j - 1] ?? 0) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        value = Math.min(value, (previous[j - 2] ?? 0) + 1);
      }
      next.push(value);
    }
    previous = current;
    current = next;
  }
  return current[b.length] ?? 0;
}
