import { describe } from '../../finding.ts';
import { numberAt } from '../../kubernetes/pod-template.ts';
import { locate, type RenderedObject } from '../../render/object.ts';
import { didYouMean } from '../../text/nearest.ts';
import { at, itemsAt, type Path, textAt } from '../../yaml/node.ts';
import type { Report, Rule } from '../rule.ts';
import type { ReferenceSubject } from './index-objects.ts';
import { reportMissing } from './report-missing.ts';
import { printPorts, servicePorts } from './service-ports.ts';

export const ingressBackend: Rule<ReferenceSubject> = {
  id: 'reference/ingress-backend',
  severity: 'error',
  title: 'The Service and the port of an Ingress backend exist',
  why: 'The API server accepts the Ingress; the ingress controller then serves 404 or 503 at its paths.',
  fix: 'Write the name and the port of a Service in the namespace of the Ingress.',
  docs: 'https://kubernetes.io/docs/concepts/services-networking/ingress/',
  scope: 'general',
  *check(subject) {
    for (const ingress of subject.all('networking.k8s.io', 'Ingress')) {
      yield* checkBackend(subject, ingress, ['spec', 'defaultBackend'], 'the default backend');
      for (const [rule, node] of itemsAt(ingress.node, ['spec', 'rules']).entries())
        for (const [index, path] of itemsAt(node, ['http', 'paths']).entries())
          yield* checkBackend(
            subject,
            ingress,
            ['spec', 'rules', rule, 'http', 'paths', index, 'backend'],
            `path \`${textAt(path, ['path']) ?? '/'}\``,
          );
    }
  },
};

function* checkBackend(
  subject: ReferenceSubject,
  ingress: RenderedObject,
  path: Path,
  reader: string,
): Generator<Report> {
  const service = at(ingress.node, [...path, 'service']);
  const name = textAt(service, ['name']);
  const portName = textAt(service, ['port', 'name']);
  // The AWS controller's way to say that the name is an action, not a Service.
  if (name === undefined || portName === 'use-annotation') return;
  const target = { group: '', kind: 'Service', namespace: subject.namespaceOf(ingress) ?? 'default', name };
  const found = subject.find(target);
  if (!found) {
    yield* reportMissing(subject, {
      object: ingress,
      path: [...path, 'service', 'name'],
      target,
      reader,
      consequence: 'the path leads nowhere',
    });
    return;
  }
  const portNumber = numberAt(service, ['port', 'number']);
  const ports = servicePorts(found);
  const wanted = portName ?? portNumber;
  if (wanted === undefined || ports.some((port) => port.name === wanted || port.number === wanted)) return;
  const names = ports.flatMap((port) => port.name ?? []);
  yield {
    message: `${describe(ingress)}: ${reader} leads to port ${wanted} of ${describe(found)}, which has ${printPorts(ports)}: the path leads nowhere${portName === undefined ? '' : didYouMean(portName, names)}`,
    fix: `Write a port that ${describe(found)} has, or add port ${wanted} to it.`,
    at: locate(ingress, [...path, 'service', 'port', portName === undefined ? 'number' : 'name']),
    object: ingress,
  };
}
