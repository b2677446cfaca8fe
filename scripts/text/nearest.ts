/** Finds what somebody probably meant to write. */

/** Damerau-Levenshtein distance: letters to insert, drop, replace or swap with a neighbour to make one text of the other. */
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

/** The name of an object, file or directory that a person most likely meant, or undefined where none is near. */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of candidates) {
    if (candidate === name) continue;
    // `kafka` for `kafka-service` is a frequent slip that counting letters would call far.
    const contained =
      name.length > 2 && (candidate.startsWith(`${name}-`) || candidate.endsWith(`-${name}`)) ? 2 : undefined;
    const distance = contained ?? editDistance(name, candidate);
    // What shares no letter is another name, however short both are.
    if (distance < bestDistance && distance < Math.max(name.length, candidate.length)) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/**
 * The field, kind or option that was probably meant. Other than names, these are a closed set of words whose case is
 * often mistaken, and short ones (`tls`, `dns`) must not be taken for each other.
 */
export function nearestWord(word: string, candidates: Iterable<string>): string | undefined {
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
