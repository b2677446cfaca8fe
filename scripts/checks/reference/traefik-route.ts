import { describe } from '../../finding.ts';
import { numberAt } from '../../kubernetes/pod-template.ts';
import { groupOf, locate, type RenderedObject } from '../../render/object.ts';
import { didYouMean } from '../../text/nearest.ts';
import { at, itemsAt, type Node, type Path, textAt } from '../../yaml/node.ts';
import type { Report, Rule } from '../rule.ts';
import type { ReferenceSubject } from './index-objects.ts';
import { reportMissing } from './report-missing.ts';
import { printPorts, servicePorts } from './service-ports.ts';

const routeKinds: ReadonlyMap<string, string> = new Map([
  ['IngressRoute', 'Middleware'],
  ['IngressRouteTCP', 'MiddlewareTCP'],
  ['IngressRouteUDP', ''],
]);

export const traefikRoute: Rule<ReferenceSubject> = {
  id: 'reference/traefik-route',
  severity: 'error',
  title: 'The Services, Middlewares and TLSOptions of an IngressRoute exist',
  why: 'Traefik logs an error for a route that names something missing, drops it and answers 404. Kubernetes sees nothing wrong.',
  fix: 'Write names that exist in the namespace of the IngressRoute, or name the namespace too.',
  docs: 'https://doc.traefik.io/traefik/reference/routing-configuration/kubernetes/crd/http/ingressroute/',
  scope: 'general',
  *check(subject) {
    for (const group of ['traefik.io', 'traefik.containo.us'])
      for (const [kind, middleware] of routeKinds)
        for (const route of subject.all(group, kind)) yield* checkRoute(subject, route, middleware);
  },
};

function* checkRoute(
  subject: ReferenceSubject,
  object: RenderedObject,
  middleware: string,
): Generator<Report> {
  const group = groupOf(object.apiVersion);
  const own = subject.namespaceOf(object) ?? 'default';
  const tls = at(object.node, ['spec', 'tls', 'options']);
  const names: { node: Node; path: Path; kind: string }[] = tls
    ? [{ node: tls, path: ['spec', 'tls', 'options'], kind: 'TLSOption' }]
    : [];
  for (const [index, route] of itemsAt(object.node, ['spec', 'routes']).entries()) {
    for (const [item, node] of itemsAt(route, ['middlewares']).entries())
      names.push({ node, path: ['spec', 'routes', index, 'middlewares', item], kind: middleware });
    for (const [item, node] of itemsAt(route, ['services']).entries())
      yield* checkService(subject, object, node, ['spec', 'routes', index, 'services', item]);
  }
  for (const { node, path, kind } of names) {
    const name = textAt(node, ['name']);
    // `name@provider` lies outside the cluster's objects; so does what a Helm chart brings with it.
    if (name === undefined || name.includes('@') || (kind === 'TLSOption' && name === 'default')) continue;
    yield* reportMissing(subject, {
      object,
      path: [...path, 'name'],
      target: { group, kind, namespace: textAt(node, ['namespace']) ?? own, name },
      reader: kind === 'TLSOption' ? '`tls.options`' : 'a route',
      consequence: 'Traefik drops the route and answers 404',
    });
  }
}

function* checkService(
  subject: ReferenceSubject,
  object: RenderedObject,
  node: Node,
  path: Path,
): Generator<Report> {
  const kind = textAt(node, ['kind']) ?? 'Service';
  const name = textAt(node, ['name']);
  if (name === undefined || name.includes('@')) return;
  const namespace = textAt(node, ['namespace']) ?? subject.namespaceOf(object) ?? 'default';
  const target = { group: kind === 'Service' ? '' : groupOf(object.apiVersion), kind, namespace, name };
  const found = subject.find(target);
  if (!found) {
    yield* reportMissing(subject, {
      object,
      path: [...path, 'name'],
      target,
      reader: 'a route',
      consequence: 'Traefik drops the route and answers 404',
    });
    return;
  }
  const port = textAt(node, ['port']) ?? numberAt(node, ['port']);
  if (kind !== 'Service' || port === undefined) return;
  const ports = servicePorts(found);
  if (ports.some((each) => each.name === port || String(each.number) === String(port))) return;
  // Traefik takes any port of an ExternalName Service.
  if (textAt(found.node, ['spec', 'type']) === 'ExternalName') return;
  yield {
    message: `${describe(object)}: a route leads to port ${port} of ${describe(found)}, which has ${printPorts(ports)}: Traefik drops the route and answers 404${
      typeof port === 'string'
        ? didYouMean(
            port,
            ports.flatMap((each) => each.name ?? []),
          )
        : ''
    }`,
    fix: `Write a port that ${describe(found)} has.`,
    at: locate(object, [...path, 'port']),
    object,
  };
}
