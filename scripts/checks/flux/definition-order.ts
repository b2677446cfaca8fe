import { describe } from '../../finding.ts';
import { locate } from '../../render/object.ts';
import type { Rule } from '../rule.ts';
import { customResources } from './custom-resources.ts';
import { type FluxSubject, printBuild, waitsFor } from './flux-objects.ts';

export const definitionOrder: Rule<FluxSubject> = {
  id: 'flux/definition-order',
  severity: 'warning',
  title: 'A custom resource is applied after its CustomResourceDefinition',
  why: 'On a new cluster the API server refuses the resource until its definition is there. A retry heals that between two Kustomizations; for the root it never ends, since it applies the other only together with the resource.',
  fix: 'Put the definition into the same Kustomization, or add `dependsOn` on the one that brings it.',
  docs: 'https://fluxcd.io/flux/components/kustomize/kustomizations/#dependencies',
  scope: 'general',
  *check(subject) {
    const reported = new Set<string>();
    for (const { object, build, definedBy } of customResources(subject)) {
      if (!definedBy || definedBy === build) continue;
      const from = subject.kustomizationOf(build);
      const to = subject.kustomizationOf(definedBy);
      // What the root brings is there before any other Kustomization is.
      if (!to || (from && waitsFor(subject, from, to))) continue;
      const key = `${build.component} ${object.apiVersion} ${object.kind}`;
      if (reported.has(key)) continue;
      reported.add(key);
      yield {
        message: `${describe(object)}: its definition comes with ${printBuild(subject, definedBy)}, and ${printBuild(subject, build)} does not wait for it: ${from ? 'on a new cluster its first attempts fail' : 'on a new cluster the root fails as a whole, so the definition never comes'}`,
        fix: from
          ? `Add \`- name: ${to.name}\` to the dependsOn of ${describe(from)}.`
          : 'Move the resource into a Kustomization of its own.',
        at: locate(object, ['kind']),
        object,
        ...(!from && { severity: 'error' as const }),
      };
    }
  },
};
