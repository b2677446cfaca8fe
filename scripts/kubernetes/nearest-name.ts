/** Suggestions for names that do not exist. */

/** The number of letters to insert, drop, replace or swap with a neighbour to make one text of the other. */
export function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(row[j - 1]! + 1, previous[j]! + 1, previous[j - 1]! + change);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, beforePrevious[j - 2]! + 1);
      row.push(best);
    }
    beforePrevious = previous;
    previous = row;
  }
  return previous[b.length]!;
}

/** The candidate that a person most likely meant, or undefined where none is near. */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of candidates) {
    if (candidate === name) continue;
    // `kafka` for `kafka-service` is a frequent slip that counting letters would call far.
    const contained =
      name.length > 2 && (candidate.startsWith(`${name}-`) || candidate.endsWith(`-${name}`)) ? 2 : undefined;
    const distance = contained ?? editDistance(name, candidate);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/**
 * The candidate of which a name is a slip of the finger, or undefined. Stricter than a suggestion: it serves where the
 * named thing might exist unseen, so numbers that differ and longer or shorter names are taken at their word.
 */
export function slipOf(name: string, candidates: Iterable<string>): string | undefined {
  const allowed = name.length < 8 ? 1 : 2;
  const letters = (text: string): string => text.replaceAll(/[0-9]/g, '');
  for (const candidate of candidates)
    if (
      letters(candidate) !== letters(name) &&
      candidate.split('-').length === name.split('-').length &&
      editDistance(name, candidate) <= allowed
    )
      return candidate;
  return undefined;
}

/** `` ; did you mean `kafka-service`? `` or nothing. */
export const didYouMean = (name: string, candidates: Iterable<string>): string => {
  const nearest = nearestName(name, candidates);
  return nearest === undefined ? '' : `; did you mean \`${nearest}\`?`;
};
