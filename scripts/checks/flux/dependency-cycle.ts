import { locate, type RenderedObject } from '../../render/object.ts';
import type { Rule } from '../rule.ts';
import { dependenciesOf, type FluxSubject, fluxName } from './flux-objects.ts';

export const dependencyCycle: Rule<FluxSubject> = {
  id: 'flux/dependency-cycle',
  severity: 'error',
  title: 'No Flux objects wait for each other in a circle',
  why: 'Each waits for the next, so none of them is ever applied. Flux does not name the circle: every status says only DependencyNotReady.',
  fix: 'Remove the dependsOn entry that is not needed for a start.',
  docs: 'https://fluxcd.io/flux/components/kustomize/kustomizations/#dependencies',
  scope: 'general',
  *check(subject) {
    for (const objects of [subject.kustomizations, subject.helmReleases]) {
      const byName = new Map(objects.map((object) => [fluxName(subject, object), object]));
      const inCycle = new Set<string>();
      for (const name of [...byName.keys()].sort()) {
        if (inCycle.has(name)) continue;
        const cycle = shortestCycle(subject, byName, name);
        if (!cycle) continue;
        for (const member of cycle) inCycle.add(member);
        const object = byName.get(name)!;
        const next = cycle[1] ?? name;
        const entry = dependenciesOf(subject, object).find(({ target }) => target === next);
        const printed = [...cycle, name].map((member) => byName.get(member)!.name).join(' → ');
        yield {
          message: `${object.kind}s wait for each other in a circle: ${printed}; none of them is ever applied`,
          fix: `Remove one of the dependsOn entries of ${cycle.map((member) => byName.get(member)!.name).join(', ')}.`,
          at: locate(object, entry?.path ?? ['spec', 'dependsOn']),
          object,
        };
      }
    }
  },
};

/** The shortest way from an object back to itself, without its repetition at the end; not where it names itself. */
function shortestCycle(
  subject: FluxSubject,
  byName: ReadonlyMap<string, RenderedObject>,
  start: string,
): string[] | undefined {
  const previous = new Map<string, string>();
  const queue = [start];
  for (let current = queue.shift(); current !== undefined; current = queue.shift())
    for (const { target } of dependenciesOf(subject, byName.get(current)!)) {
      if (target === start && current !== start) {
        const cycle = [current];
        while (cycle[0] !== start) cycle.unshift(previous.get(cycle[0]!)!);
        return cycle;
      }
      if (target === start || previous.has(target) || !byName.has(target)) continue;
      previous.set(target, current);
      queue.push(target);
    }
  return undefined;
}
