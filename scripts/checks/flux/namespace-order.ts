import { describe } from '../../finding.ts';
import type { Build } from '../../render/environment.ts';
import { isKind, locate } from '../../render/object.ts';
import type { Rule } from '../rule.ts';
import { type FluxSubject, orderOf, printBuild } from './flux-objects.ts';

export const namespaceOrder: Rule<FluxSubject> = {
  id: 'flux/namespace-order',
  severity: 'warning',
  title: 'An object is applied after the Namespace that it lies in',
  why: 'On a new cluster the API server refuses the object until its namespace is there. A retry heals that between two Kustomizations; for a Kustomization that itself applies the other one it never ends, since it applies both together or nothing.',
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
        const orders = builds.map((maker) => orderOf(subject, build, maker));
        if (orders.includes('before')) continue;
        const order = orders.includes('any') ? 'any' : 'never';
        const maker = builds[orders.indexOf(order)]!;
        const to = subject.kustomizationOf(maker);
        yield {
          message: `${describe(object)}: Namespace ${namespace} comes with ${printBuild(subject, maker)}, and ${printBuild(subject, build)} does not wait for it: ${order === 'any' ? 'on a new cluster its first attempts fail' : 'on a new cluster it fails as a whole, so the namespace never comes'}`,
          fix:
            order === 'any' && from
              ? `Add \`- name: ${to?.name}\` to the dependsOn of ${describe(from)}.`
              : 'Move the object into a Kustomization of its own.',
          at:
            order === 'any' && from
              ? locate(from, ['spec', 'dependsOn'])
              : locate(object, ['metadata', 'namespace']),
          object: order === 'any' && from ? from : object,
          ...(order === 'never' && { severity: 'error' as const }),
        };
      }
    }
  },
};
