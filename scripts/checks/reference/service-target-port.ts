import { describe } from '../../finding.ts';
import { numberAt, portsOf } from '../../kubernetes/pod-template.ts';
import { equalityRequirements, labelsOf } from '../../kubernetes/selectors.ts';
import { locate, type RenderedObject } from '../../render/object.ts';
import { didYouMean } from '../../text/nearest.ts';
import { at, itemsAt, textAt } from '../../yaml/node.ts';
import type { Report, Rule } from '../rule.ts';
import type { ReferenceSubject, Workload } from './index-objects.ts';
import { selectedWorkloads } from './matching-pods.ts';

export const serviceTargetPort: Rule<ReferenceSubject> = {
  id: 'reference/service-target-port',
  severity: 'error',
  title: 'The targetPort of a Service is a port of the pods that it selects',
  why: 'A named targetPort that no container declares leaves the Service port without endpoints. A number works undeclared, but more often than not it is the wrong number.',
  fix: 'Write the name of a container port of the selected pods as `targetPort`, or declare the port in the container.',
  docs: 'https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports',
  scope: 'general',
  *check(subject) {
    for (const service of subject.all('', 'Service')) {
      const requirements = equalityRequirements(labelsOf(at(service.node, ['spec', 'selector'])));
      if (requirements.length === 0 || textAt(service.node, ['spec', 'type']) === 'ExternalName') continue;
      const selected = selectedWorkloads(subject, subject.namespaceOf(service) ?? 'default', requirements);
      if (selected.length > 0) yield* checkPorts(service, selected);
    }
  },
};

function* checkPorts(service: RenderedObject, selected: readonly Workload[]): Generator<Report> {
  const declared = selected.flatMap(({ template }) => portsOf(template));
  const headless = textAt(service.node, ['spec', 'clusterIP']) === 'None';
  const pods = selected.map(({ object }) => describe(object)).join(', ');
  for (const [index, port] of itemsAt(service.node, ['spec', 'ports']).entries()) {
    const protocol = textAt(port, ['protocol']) ?? 'TCP';
    const name = textAt(port, ['targetPort']);
    const of = `port ${textAt(port, ['name']) ?? numberAt(port, ['port']) ?? index}`;
    const ofProtocol = declared.filter((candidate) => candidate.protocol === protocol);
    if (name !== undefined) {
      if (ofProtocol.some((candidate) => candidate.name === name)) continue;
      const names = ofProtocol.flatMap((candidate) => candidate.name ?? []);
      const other = declared.find((candidate) => candidate.name === name);
      yield {
        message: `${describe(service)}: ${of} leads to targetPort \`${name}\`, and no container of ${pods} has a ${protocol} port of that name${other ? ` (it has a ${other.protocol} one)` : ''}: the port has no endpoints${didYouMean(name, names)}`,
        fix: `Write one of the declared names (${names.join(', ') || 'there are none'}), or name the container port \`${name}\`.`,
        at: locate(service, ['spec', 'ports', index, 'targetPort']),
        object: service,
        // Clients of a headless Service reach the pods' own ports whatever it says.
        ...(headless && { severity: 'warning' as const }),
      };
      continue;
    }
    const number = numberAt(port, ['targetPort']) ?? numberAt(port, ['port']);
    if (number === undefined || headless || declared.length === 0) continue;
    if (ofProtocol.some((candidate) => candidate.number === number)) continue;
    // One workload that declares nothing may well listen there.
    if (selected.some(({ template }) => portsOf(template).length === 0)) continue;
    const numbers = ofProtocol.map((candidate) => candidate.number).join(', ');
    yield {
      message: `${describe(service)}: ${of} leads to ${protocol} port ${number}, which no container of ${pods} declares${numbers ? `; declared are ${numbers}` : ''}`,
      fix: 'Write the port on which the process listens, by its name where it has one, and declare it in the container.',
      at: locate(service, ['spec', 'ports', index, at(port, ['targetPort']) ? 'targetPort' : 'port']),
      object: service,
      severity: 'warning',
    };
  }
}
