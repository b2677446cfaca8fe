import { dependenciesOf } from '../cluster/components.ts';
import type { Finding } from '../finding.ts';
import type { Mixer } from './mix.ts';
import type { PinEdit } from './pin.ts';

/** What else has to move, so that the components of a promotion fit what they meet. */
export interface Companions {
  readonly components: readonly string[];
  /** They may go first by themselves; otherwise all have to move at once. */
  readonly before: boolean;
  /** No one of them can be left out, as far as was tried. */
  readonly smallest: boolean;
}

export interface CompanionSearch {
  readonly mixer: Mixer;
  /** The promotion, with which the mix is red. */
  readonly edits: readonly PinEdit[];
  /** What else could be promoted and would change by it. */
  readonly candidates: readonly PinEdit[];
  /** What is wrong with the promotion. */
  readonly findings: readonly Finding[];
  /** What a set of pins newly breaks; undefined where it cannot be told. */
  readonly broken: (edits: readonly PinEdit[]) => readonly Finding[] | undefined;
  readonly step?: (message: string) => void;
}

/** Each try renders and checks a whole environment, which takes about a second. */
const maximumTries = 12;

/**
 * The fewest of the components that lag which, promoted too, make the mix green. Those that the findings name and those that
 * the promoted ones depend on are tried first. Undefined where not even all of them help.
 */
export function findCompanions(search: CompanionSearch): Companions | undefined {
  const { edits, candidates } = search;
  let tries = 0;
  const isGreen = (set: readonly PinEdit[], own = edits): boolean => {
    tries += 1;
    const names = set.map(({ component }) => component.component).join(', ');
    search.step?.(`Trying with ${names} (${tries} of at most ${maximumTries}) …`);
    return search.broken([...own, ...set])?.length === 0;
  };
  if (candidates.length === 0) return undefined;
  const named = candidates.filter((candidate) => isSuspect(candidate, search));
  let set: readonly PinEdit[];
  if (named.length > 0 && isGreen(named)) set = named;
  else if (candidates.length > named.length && isGreen(candidates)) set = candidates;
  else return undefined;
  // Those that nothing names are the first to be left out.
  const order = [...set].sort((a, b) => Number(named.includes(a)) - Number(named.includes(b)));
  let size = order.length;
  // Halves first, since a repository may have many components.
  while (size > 1 && tries < maximumTries - 1) {
    size = Math.ceil(size / 2);
    for (let at = 0; at < order.length && tries < maximumTries - 1; ) {
      const left = new Set(order.slice(at, at + size));
      const rest = set.filter((one) => !left.has(one));
      if (rest.length > 0 && rest.length < set.length && isGreen(rest)) set = rest;
      at += size;
    }
  }
  const smallest = tries < maximumTries - 1 || set.length === 1;
  return {
    components: set.map(({ component }) => component.component),
    before: isGreen(set, []),
    smallest,
  };
}

function isSuspect(
  { component: { component } }: PinEdit,
  { findings, edits, mixer }: CompanionSearch,
): boolean {
  const promoted = new Set(edits.map((edit) => edit.component.component));
  const dependencies = mixer.now.environment.builds
    .filter((build) => promoted.has(build.component))
    .flatMap(dependenciesOf);
  return (
    dependencies.includes(component) ||
    findings.some(
      (finding) =>
        finding.component === component ||
        `${finding.message} ${finding.object?.name ?? ''}`
          .split(/[^\w-]+/)
          .some((word) => word === component || word.startsWith(`${component}-`)),
    )
  );
}
