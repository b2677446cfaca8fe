import { describe } from '../../finding.ts';
import type { Build } from '../../render/environment.ts';
import { isKind, locate } from '../../render/object.ts';
import type { Rule } from '../rule.ts';
import { type FluxSubject, printBuild, waitsFor } from './flux-objects.ts';

export const namespaceOrder: Rule<FluxSubject> = {
  id: 'flux/namespace-order',
  severity: 'warning',
  title: 'An object is applied after the Namespace that it lies in',
  why: 'On a new cluster the API server refuses the object until its namespace is there. A retry heals that between two Kustomizations; for the root it never ends, since it applies the other only together with the object.',
  fix: 'Add `dependsOn` on the Kustomization that brings the Namespace.',
  docs: 'https://fluxcd.io/flux/components/kustomize/kustomizations/#dependencies',
  scope: 'general',
  *check(subject) {
    const makers = new Map<string, Build[]>();
    for (const build of subject.environment.builds)
      for (const object of build.objects)
        if (isKind(object, '', 'Namespace'))
          makers.set(object.name, [...(makers.get(object.name) ?? []), build]);
    for (const build of subject.environment.builds) {
      const from = subject.kustomizationOf(build);
      const reported = new Set<string>();
      for (const object of build.objects) {
        const namespace = subject.references.namespaceOf(object);
        const builds = namespace === undefined ? undefined : makers.get(namespace);
        if (namespace === undefined || !builds || builds.includes(build) || reported.has(namespace)) continue;
        reported.add(namespace);
        const comes = builds.some((maker) => {
          const to = subject.kustomizationOf(maker);
          // What the root brings is there before any other Kustomization is.
          return !to || (from && waitsFor(subject, from, to));
        });
        if (comes) continue;
        const maker = builds[0]!;
        const to = subject.kustomizationOf(maker);
        yield {
          message: `${describe(object)}: Namespace ${namespace} comes with ${printBuild(subject, maker)}, and ${printBuild(subject, build)} does not wait for it: ${from ? 'on a new cluster its first attempts fail' : 'on a new cluster the root fails as a whole, so the namespace never comes'}`,
          fix: from
            ? `Add \`- name: ${to?.name}\` to the dependsOn of ${describe(from)}.`
            : 'Move the object into a Kustomization of its own.',
          at: from ? locate(from, ['spec', 'dependsOn']) : locate(object, ['metadata', 'namespace']),
          object: from ?? object,
          ...(!from && { severity: 'error' as const }),
        };
      }
    }
  },
};
