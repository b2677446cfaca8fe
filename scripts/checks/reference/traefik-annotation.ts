import { describe } from '../../finding.ts';
import { locate, type RenderedObject } from '../../render/object.ts';
import { didYouMean } from '../../text/nearest.ts';
import { textAt } from '../../yaml/node.ts';
import type { Report, Rule } from '../rule.ts';
import type { ReferenceSubject } from './index-objects.ts';
import { type TraefikConfiguration, traefikConfiguration } from './traefik-configuration.ts';

const prefix = 'traefik.ingress.kubernetes.io/';

interface Annotation {
  readonly name: string;
  /** What it names, for messages. */
  readonly what: string;
  readonly known: keyof TraefikConfiguration;
  readonly consequence: string;
}

const annotations: readonly Annotation[] = [
  {
    name: 'router.middlewares',
    what: 'middleware',
    known: 'middlewares',
    consequence: 'Traefik drops the router and answers 404',
  },
  {
    name: 'service.serverstransport',
    what: 'serversTransport',
    known: 'serversTransports',
    consequence: 'Traefik answers 500 for the Service',
  },
  {
    name: 'router.tls.options',
    what: 'TLS options',
    known: 'tlsOptions',
    consequence: 'Traefik drops the router and answers 404',
  },
];

export const traefikAnnotation: Rule<ReferenceSubject> = {
  id: 'reference/traefik-annotation',
  severity: 'error',
  title: 'What Traefik’s annotations name is in its configuration',
  why: 'Traefik logs an error for a name that it does not know, drops the router and answers 404. Kubernetes sees nothing wrong.',
  fix: 'Write `<name>@file` with a name from base/traefik/config, or an entry point that Traefik opens.',
  docs: 'https://doc.traefik.io/traefik/reference/routing-configuration/kubernetes/ingress/',
  scope: 'infometis',
  *check(subject) {
    const configuration = traefikConfiguration(subject);
    if (!configuration) return;
    for (const object of [...subject.all('networking.k8s.io', 'Ingress'), ...subject.all('', 'Service')]) {
      for (const annotation of annotations) yield* checkNames(object, annotation, configuration);
      yield* checkEntryPoints(object, configuration.entryPoints);
    }
  },
};

const valuesOf = (object: RenderedObject, annotation: string): string[] =>
  (textAt(object.node, ['metadata', 'annotations', prefix + annotation]) ?? '')
    .split(',')
    .map((value) => value.trim())
    .filter((value) => value !== '');

function* checkNames(
  object: RenderedObject,
  annotation: Annotation,
  configuration: TraefikConfiguration,
): Generator<Report> {
  const known = configuration[annotation.known];
  for (const value of valuesOf(object, annotation.name)) {
    const [name = '', provider] = value.split('@');
    // Of the other providers (kubernetescrd, internal) the files say nothing.
    if (provider !== undefined && provider !== 'file') continue;
    if (provider === 'file' && known.has(name)) continue;
    if (provider === undefined && annotation.known === 'tlsOptions' && name === 'default') continue;
    const bare = provider === undefined && known.has(name);
    yield {
      message: `${describe(object)}: ${annotation.name} names the ${annotation.what} \`${value}\`, which ${bare ? 'Traefik looks for among Kubernetes’ own, where there are none' : "is in none of Traefik's files"}: ${annotation.consequence}${
        bare
          ? `; did you mean \`${name}@file\`?`
          : didYouMean(
              `${name}@file`,
              [...known].map((item) => `${item}@file`),
            )
      }`,
      fix: `Write one of ${[...known].map((item) => `\`${item}@file\``).join(', ') || 'none, as there are none'}, or add \`${name}\` to base/traefik/config/dynamic.`,
      at: locate(object, ['metadata', 'annotations', prefix + annotation.name]),
      object,
    };
  }
}

function* checkEntryPoints(object: RenderedObject, known: ReadonlySet<string>): Generator<Report> {
  for (const name of valuesOf(object, 'router.entrypoints'))
    if (!known.has(name.toLowerCase()))
      yield {
        message: `${describe(object)}: router.entrypoints names \`${name}\`, and Traefik opens no such entry point: it drops the router and answers 404${didYouMean(name, known)}`,
        fix: `Write one of ${[...known].join(', ') || 'none, as Traefik opens none'}.`,
        at: locate(object, ['metadata', 'annotations', `${prefix}router.entrypoints`]),
        object,
      };
}
