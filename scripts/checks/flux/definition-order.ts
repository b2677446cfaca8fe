import { describe } from '../../finding.ts';
import { locate } from '../../render/object.ts';
import type { Rule } from '../rule.ts';
import { customResources } from './custom-resources.ts';
import { type FluxSubject, orderOf, printBuild } from './flux-objects.ts';

export const definitionOrder: Rule<FluxSubject> = {
  id: 'flux/definition-order',
  severity: 'warning',
  title: 'A custom resource is applied after its CustomResourceDefinition',
  why: 'On a new cluster the API server refuses the resource until its definition is there. A retry heals that between two Kustomizations; for a Kustomization that itself applies the other one it never ends, since it applies both together or nothing.',
  fix: 'Put the definition into the same Kustomization, or add `dependsOn` on the one that brings it.',
  docs: 'https://fluxcd.io/flux/components/kustomize/kustomizations/#dependencies',
  scope: 'general',
  *check(subject) {
    const reported = new Set<string>();
    for (const { object, build, definedBy } of customResources(subject)) {
      if (!definedBy || definedBy === build) continue;
      const order = orderOf(subject, build, definedBy);
      if (order === 'before') continue;
      const from = subject.kustomizationOf(build);
      const to = subject.kustomizationOf(definedBy);
      const key = `${build.component} ${object.apiVersion} ${object.kind}`;
      if (reported.has(key)) continue;
      reported.add(key);
      yield {
        message: `${describe(object)}: its definition comes with ${printBuild(subject, definedBy)}, and ${printBuild(subject, build)} does not wait for it: ${order === 'any' ? 'on a new cluster its first attempts fail' : 'on a new cluster it fails as a whole, so the definition never comes'}`,
        fix:
          order === 'any' && from
            ? `Add \`- name: ${to?.name}\` to the dependsOn of ${describe(from)}.`
            : 'Move the resource into a Kustomization of its own.',
        at: locate(object, ['kind']),
        object,
        ...(order === 'never' && { severity: 'error' as const }),
      };
    }
  },
};
