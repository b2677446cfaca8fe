import { describe } from '../../finding.ts';
import { labelsOf, printRequirement, requirementsOf, unmet } from '../../kubernetes/selectors.ts';
import { locate, type RenderedObject } from '../../render/object.ts';
import { at, itemsAt, textAt } from '../../yaml/node.ts';
import type { Rule } from '../rule.ts';
import type { ReferenceSubject } from './index-objects.ts';

export const monitorSelector: Rule<ReferenceSubject> = {
  id: 'reference/monitor-selector',
  severity: 'warning',
  title: 'The selector of a ServiceMonitor matches a Service',
  why: 'A ServiceMonitor that matches no Service scrapes nothing, and alerts on missing metrics stay silent.',
  fix: 'Write labels that the Service itself has (not its pods), and name its namespace in `namespaceSelector`.',
  docs: 'https://prometheus-operator.dev/docs/developer/getting-started/',
  scope: 'general',
  *check(subject) {
    for (const monitor of subject.all('monitoring.coreos.com', 'ServiceMonitor')) {
      const requirements = requirementsOf(at(monitor.node, ['spec', 'selector']));
      const namespaces = namespacesOf(subject, monitor);
      if (requirements.length === 0 || namespaces === 'any' || namespaces.some(subject.isOpaque)) continue;
      const services = namespaces.flatMap((namespace) => subject.everywhere('', 'Service', namespace));
      const labels = services.map((service) => labelsOf(at(service.node, ['metadata', 'labels'])));
      if (labels.some((each) => unmet(each, requirements).length === 0)) continue;
      yield {
        message: `${describe(monitor)}: no Service of namespace ${namespaces.join(', ')} has ${requirements.map(printRequirement).join(', ')}: nothing is scraped`,
        at: locate(monitor, ['spec', 'selector']),
        object: monitor,
      };
    }
  },
};

function namespacesOf(subject: ReferenceSubject, monitor: RenderedObject): readonly string[] | 'any' {
  if (at(monitor.node, ['spec', 'namespaceSelector', 'any'])) return 'any';
  const names = itemsAt(monitor.node, ['spec', 'namespaceSelector', 'matchNames']).flatMap(
    (item) => textAt(item, []) ?? [],
  );
  return names.length > 0 ? names : [subject.namespaceOf(monitor) ?? 'default'];
}
