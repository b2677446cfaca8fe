import { describe } from '../../finding.ts';
import { groupOf, locate } from '../../render/object.ts';
import { textAt } from '../../yaml/node.ts';
import type { Rule } from '../rule.ts';
import { customResources } from './custom-resources.ts';
import type { FluxSubject } from './flux-objects.ts';

export const missingDefinition: Rule<FluxSubject> = {
  id: 'flux/missing-definition',
  severity: 'warning',
  title: 'The CustomResourceDefinition of a custom resource is in the environment',
  why: 'The API server refuses a kind that it does not know, and Flux with it everything that is built together.',
  fix: 'Add the CustomResourceDefinition, or the HelmRelease that brings it.',
  docs: 'https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/custom-resources/',
  scope: 'general',
  *check(subject) {
    // A chart may bring any definition.
    if (!subject.complete || subject.names('HelmRelease').size > 0) return;
    const defined = new Set(
      subject.references
        .everywhere('apiextensions.k8s.io', 'CustomResourceDefinition')
        .map(({ node }) => `${textAt(node, ['spec', 'group'])}/${textAt(node, ['spec', 'names', 'kind'])}`),
    );
    const reported = new Set<string>();
    for (const { object, build } of customResources(subject)) {
      const key = `${build.component} ${object.apiVersion} ${object.kind}`;
      const kind = `${groupOf(object.apiVersion)}/${object.kind}`;
      if (defined.has(kind) || object.apiVersion === '' || reported.has(key)) continue;
      reported.add(key);
      yield {
        message: `${describe(object)}: nothing in the environment defines ${object.kind} of ${object.apiVersion}: unless the cluster came with it, the API server refuses the object`,
        at: locate(object, ['kind']),
        object,
      };
    }
  },
};
