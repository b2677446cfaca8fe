import { describe } from '../../finding.ts';
import { didYouMean } from '../../text/nearest.ts';
import { at, entriesAt, itemsAt, type Node, textAt } from '../../yaml/node.ts';
import type { Report, Rule } from '../rule.ts';
import type { ConfigurationSubject } from './subject.ts';
import { type TraefikFile, traefikFiles } from './traefik.ts';

type Kind = 'middlewares' | 'services' | 'serversTransports' | 'entryPoints';

const kindNames: Readonly<Record<Kind, string>> = {
  middlewares: 'middleware',
  services: 'service',
  serversTransports: 'serversTransport',
  entryPoints: 'entry point',
};

export const traefikDynamic: Rule<ConfigurationSubject> = {
  id: 'configuration/traefik-dynamic',
  severity: 'error',
  title:
    'The routers and middlewares in Traefik’s files name middlewares, services and entry points that exist',
  why: 'Traefik logs an error, drops the router and answers 404: with a middleware for sign-in misspelt, nobody gets in.',
  fix: 'Write a name that one of the files defines; names of other providers carry their provider: `api@internal`.',
  docs: 'https://doc.traefik.io/traefik/reference/routing-configuration/other-providers/file/',
  scope: 'infometis',
  *check({ index }) {
    const files = traefikFiles(index);
    if (files.length === 0) return;
    const known = (kind: Kind): ReadonlySet<string> =>
      new Set(
        files.flatMap(({ root }) =>
          kind === 'entryPoints'
            ? [...entriesAt(root, ['entryPoints']).keys()]
            : ['http', 'tcp'].flatMap((protocol) => [...entriesAt(root, [protocol, kind]).keys()]),
        ),
      );
    const names = {
      middlewares: known('middlewares'),
      services: known('services'),
      serversTransports: known('serversTransports'),
      entryPoints: known('entryPoints'),
    };
    for (const file of files)
      for (const reference of referencesIn(file)) yield* checkReference(file, reference, names);
  },
};

interface Reference {
  readonly kind: Kind;
  readonly node: Node | undefined;
  readonly reader: string;
}

function* checkReference(
  { file, workload }: TraefikFile,
  { kind, node, reader }: Reference,
  names: Readonly<Record<Kind, ReadonlySet<string>>>,
): Generator<Report> {
  const written = textAt(node, []);
  if (node === undefined || written === undefined) return;
  const [name = '', provider = 'file'] = written.split('@');
  if (provider !== 'file' || names[kind].has(name)) return;
  yield {
    message: `${describe(workload.object)}: ${reader} of \`${file.key}\` names the ${kindNames[kind]} \`${written}\`, which no file defines: Traefik drops the router and answers 404${didYouMean(name, names[kind])}`,
    at: node.origin,
    object: file.object,
  };
}

function* referencesIn({ root }: TraefikFile): Generator<Reference> {
  for (const [name, { value }] of entriesAt(root, ['entryPoints'])) {
    for (const node of itemsAt(value, ['http', 'middlewares']))
      yield { kind: 'middlewares', node, reader: `entry point \`${name}\`` };
  }
  for (const node of [at(root, ['ping', 'entryPoint']), at(root, ['metrics', 'prometheus', 'entryPoint'])])
    yield { kind: 'entryPoints', node, reader: 'the configuration' };
  for (const protocol of ['http', 'tcp']) {
    for (const [name, { value }] of entriesAt(root, [protocol, 'routers'])) {
      const reader = `router \`${name}\``;
      for (const node of itemsAt(value, ['middlewares'])) yield { kind: 'middlewares', node, reader };
      for (const node of itemsAt(value, ['entryPoints'])) yield { kind: 'entryPoints', node, reader };
      yield { kind: 'services', node: at(value, ['service']), reader };
    }
    for (const [name, { value }] of entriesAt(root, [protocol, 'middlewares'])) {
      const reader = `middleware \`${name}\``;
      for (const node of itemsAt(value, ['chain', 'middlewares']))
        yield { kind: 'middlewares', node, reader };
      yield { kind: 'services', node: at(value, ['errors', 'service']), reader };
    }
    for (const [name, { value }] of entriesAt(root, [protocol, 'services'])) {
      const reader = `service \`${name}\``;
      yield { kind: 'serversTransports', node: at(value, ['loadBalancer', 'serversTransport']), reader };
      for (const list of ['weighted', 'mirroring'])
        for (const item of itemsAt(value, [list, 'services']))
          yield { kind: 'services', node: at(item, ['name']), reader };
    }
  }
}
