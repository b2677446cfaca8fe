import { describe } from '../../finding.ts';
import { locate } from '../../render/object.ts';
import { textAt } from '../../yaml/node.ts';
import type { Rule } from '../rule.ts';
import { ordinalsOf, type ReferenceSubject } from './index-objects.ts';
import { reportMissing } from './report-missing.ts';
import { isHeadless } from './service-ports.ts';

export const statefulSetService: Rule<ReferenceSubject> = {
  id: 'reference/stateful-set-service',
  severity: 'error',
  title: 'The Service of a StatefulSet exists and is headless',
  why: 'The names of its pods, <pod>.<service>, resolve only where `serviceName` is a headless Service. Without it members of a cluster never find each other.',
  fix: 'Write the name of the headless Service (`clusterIP: None`) that selects the pods.',
  docs: 'https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-network-id',
  scope: 'general',
  *check(subject) {
    for (const object of subject.all('apps', 'StatefulSet')) {
      const name = textAt(object.node, ['spec', 'serviceName']);
      const namespace = subject.namespaceOf(object) ?? 'default';
      if (!name) continue;
      const target = { group: '', kind: 'Service', namespace, name };
      const service = subject.find(target);
      if (!service)
        yield* reportMissing(subject, {
          object,
          path: ['spec', 'serviceName'],
          target,
          reader: '`serviceName`',
          consequence: 'its pods have no names in DNS',
        });
      // A single pod is reached by the Service's own name.
      else if (!isHeadless(service) && ordinalsOf(object).count > 1)
        yield {
          message: `${describe(object)}: its serviceName is ${describe(service)}, which is not headless: its pods have no names in DNS`,
          fix: 'Add a Service with `clusterIP: None` for the same pods and name it in `serviceName`.',
          at: locate(object, ['spec', 'serviceName']),
          object,
          severity: 'warning',
        };
    }
  },
};
