import { describe } from '../../finding.ts';
import { equalityRequirements, labelsOf } from '../../kubernetes/selectors.ts';
import { locate } from '../../render/object.ts';
import { at, itemsAt, type Path, textAt } from '../../yaml/node.ts';
import type { Rule } from '../rule.ts';
import { type OwnLogin, ownLogins } from './data/own-login.ts';
import type { ReferenceSubject } from './index-objects.ts';
import { selectedWorkloads } from './matching-pods.ts';
import { toldSettings } from './told-settings.ts';
import { annotationPath, namesIn, textsAt, traefikLogin } from './traefik-login.ts';

export const anonymousPath: Rule<ReferenceSubject> = {
  id: 'reference/anonymous-path',
  severity: 'error',
  title: 'Where Traefik asks who somebody is, no path leads past it',
  why: 'One path without a login is a way in for everyone who reaches the load balancer, and from most of these interfaces the data can be read, changed or deleted.',
  fix: 'Name one of the middlewares require-viewer@file, require-operator@file or require-admin@file, or let the component itself ask (data/own-login.ts says how one tells).',
  docs: 'https://doc.traefik.io/traefik/reference/routing-configuration/http/middlewares/forwardauth/',
  scope: 'infometis',
  *check(subject) {
    const login = traefikLogin(subject);
    if (!login) return;
    for (const ingress of subject.all('networking.k8s.io', 'Ingress')) {
      const middlewares = namesIn(ingress.node, 'router.middlewares');
      if (login.asks(middlewares) || login.redirects(middlewares)) continue;
      const namespace = subject.namespaceOf(ingress) ?? 'default';
      for (const { path, service } of backendsOf(ingress)) {
        const why = whyAnonymous(subject, namespace, service);
        if (why === undefined) continue;
        yield {
          message: `${describe(ingress)}: whoever asks for ${path} reaches Service ${service} unknown: no middleware asks who it is, and ${why}`,
          at: locate(ingress, annotationPath('router.middlewares')),
          object: ingress,
        };
      }
    }
    for (const [name, { value, origin }] of login.routers) {
      const middlewares = textsAt(value, ['middlewares']);
      if (textAt(value, ['service']) === 'noop@internal') continue;
      if (login.asks(middlewares) || login.redirects(middlewares)) continue;
      yield {
        message: `Traefik's router ${name}: no middleware asks who somebody is, and ${textAt(value, ['service']) ?? 'its service'} answers everyone`,
        at: origin,
      };
    }
  },
};

function backendsOf({
  node,
}: {
  readonly node: Parameters<typeof itemsAt>[0];
}): readonly { readonly path: string; readonly service: string }[] {
  const serviceAt = (of: Parameters<typeof itemsAt>[0], way: Path): string | undefined =>
    textAt(of, [...way, 'service', 'name']);
  const fallback = serviceAt(node, ['spec', 'defaultBackend']);
  return [
    ...(fallback === undefined ? [] : [{ path: 'anything else', service: fallback }]),
    ...itemsAt(node, ['spec', 'rules']).flatMap((rule) =>
      itemsAt(rule, ['http', 'paths']).flatMap((path) => {
        const service = serviceAt(path, ['backend']);
        return service === undefined ? [] : [{ path: textAt(path, ['path']) ?? '/', service }];
      }),
    ),
  ];
}

/** Undefined where the pods behind a Service ask by themselves. */
function whyAnonymous(subject: ReferenceSubject, namespace: string, name: string): string | undefined {
  const service = subject.find({ group: '', kind: 'Service', namespace, name });
  // A Service that is missing is another rule's finding.
  if (!service) return undefined;
  const selector = equalityRequirements(labelsOf(at(service.node, ['spec', 'selector'])));
  const workloads = selectedWorkloads(subject, namespace, selector);
  for (const workload of workloads) {
    const component = workload.template.labels['app.kubernetes.io/name'] ?? '';
    const own = ownLogins.find((each) => each.component === component);
    if (!own) return `${component || name} has no login of its own`;
    const why = whyOpen(own, toldSettings(subject, workload));
    if (why !== undefined) return why;
  }
  return undefined;
}

function whyOpen(own: OwnLogin, told: ReadonlyMap<string, readonly string[]>): string | undefined {
  for (const [name, pattern] of Object.entries(own.refuses)) {
    const value = told.get(name)?.find((each) => pattern.test(each));
    if (value !== undefined) return `${own.component} lets it in: \`${name}\` is \`${value}\``;
  }
  for (const [name, pattern] of Object.entries(own.requires))
    if (!told.get(name)?.some((each) => pattern.test(each)))
      return `${own.component} does not ask either: \`${name}\` is ${told.has(name) ? `\`${told.get(name)!.join(', ')}\`` : 'not set'}`;
  return undefined;
}
