import { describe } from '../../finding.ts';
import { equalityRequirements, labelsOf, printRequirement } from '../../kubernetes/selectors.ts';
import { locate } from '../../render/object.ts';
import { at, textAt } from '../../yaml/node.ts';
import type { Rule } from '../rule.ts';
import type { ReferenceSubject } from './index-objects.ts';
import { type NearMiss, nearestWorkload, printNearMiss, selectedWorkloads } from './matching-pods.ts';

export const serviceSelector: Rule<ReferenceSubject> = {
  id: 'reference/service-selector',
  severity: 'error',
  title: 'The selector of a Service matches pods of its namespace',
  why: 'A Service without pods accepts no connection, and nothing in the cluster says so.',
  fix: 'Write labels that the pod template of a workload in the same namespace has.',
  docs: 'https://kubernetes.io/docs/concepts/services-networking/service/',
  scope: 'general',
  *check(subject) {
    for (const service of subject.all('', 'Service')) {
      const selector = at(service.node, ['spec', 'selector']);
      const requirements = equalityRequirements(labelsOf(selector));
      // Without a selector someone else keeps its endpoints.
      if (requirements.length === 0 || textAt(service.node, ['spec', 'type']) === 'ExternalName') continue;
      const namespace = subject.namespaceOf(service) ?? 'default';
      if (selectedWorkloads(subject, namespace, requirements).length > 0) continue;
      const miss = nearestWorkload(subject.workloadsIn(namespace), requirements);
      const opaque = subject.isOpaque(namespace);
      if (opaque && !(miss?.slip && requirements.length > 1)) continue;
      const printed = requirements.map(printRequirement).join(', ');
      yield {
        message: `${describe(service)}: no pod of namespace ${namespace} has ${printed}, so the Service has no endpoints${printNearMiss(miss)}`,
        fix: fixFor(miss),
        at: locate(service, ['spec', 'selector', miss?.requirement.key ?? requirements[0]!.key]),
        object: service,
        ...(opaque && { severity: 'warning' as const }),
      };
    }
  },
};

function fixFor(miss: NearMiss | undefined): string {
  if (miss === undefined) return serviceSelector.fix;
  const { key } = miss.requirement;
  return miss.has === undefined
    ? `Remove or correct \`${key}\` in the selector, or add the label to the pod template of ${describe(miss.workload.object)}.`
    : `Write \`${key}: ${miss.has}\` in the selector, or change the label of the pod template.`;
}
