/** Which of Traefik's middlewares ask who somebody is, and which of its entry points encrypt. */

import { at, entriesAt, itemsAt, type MapEntry, type Node, textAt } from '../../yaml/node.ts';
import type { ReferenceSubject } from './index-objects.ts';
import { traefikFiles } from './traefik-configuration.ts';

export interface TraefikLogin {
  /** Whether one of the middlewares, by its name without `@file`, lets nobody pass unknown. */
  asks(middlewares: readonly string[]): boolean;
  encrypts(entryPoint: string): boolean;
  /** Whether an entry point does nothing but send people to another one. */
  sendsOn(entryPoint: string): boolean;
  /** The entry points of a router that names none. */
  readonly defaultEntryPoints: readonly string[];
  /** The routers in Traefik's own files. */
  readonly routers: ReadonlyMap<string, MapEntry>;
  /** Those that lead on to somewhere else instead of answering. */
  redirects(middlewares: readonly string[]): boolean;
}

/** Undefined where the environment's Traefik asks nobody at all, as a prototype's may. */
export function traefikLogin(subject: ReferenceSubject): TraefikLogin | undefined {
  const files = traefikFiles(subject);
  if (!files) return undefined;
  const middlewares = new Map<string, Node>();
  const entryPoints = new Map<string, Node>();
  const routers = new Map<string, MapEntry>();
  for (const file of files) {
    for (const [name, { value }] of entriesAt(file, ['http', 'middlewares'])) middlewares.set(name, value);
    for (const [name, { value }] of entriesAt(file, ['entryPoints'])) entryPoints.set(name, value);
    for (const [name, entry] of entriesAt(file, ['http', 'routers'])) routers.set(name, entry);
  }
  if (![...middlewares.values()].some((node) => at(node, ['forwardAuth']))) return undefined;
  const anyIs =
    (fields: readonly string[]) =>
    (names: readonly string[]): boolean =>
      expanded(middlewares, names).some((node) => fields.some((field) => at(node, [field])));
  return {
    asks: anyIs(['forwardAuth', 'basicAuth', 'digestAuth']),
    redirects: anyIs(['redirectScheme', 'redirectRegex']),
    // One that is not there is another rule's finding.
    encrypts: (name) => !entryPoints.has(name) || at(entryPoints.get(name), ['http', 'tls']) !== undefined,
    sendsOn: (name) => at(entryPoints.get(name), ['http', 'redirections', 'entryPoint']) !== undefined,
    defaultEntryPoints: defaultsOf(entryPoints),
    routers,
  };
}

/** The middlewares of these names, and those that their chains are made of. */
function expanded(middlewares: ReadonlyMap<string, Node>, names: readonly string[]): readonly Node[] {
  const found = new Map<string, Node>();
  const open = [...names];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const bare = name.replace(/@file$/, '');
    const node = middlewares.get(bare);
    if (!node || found.has(bare)) continue;
    found.set(bare, node);
    open.push(...textsAt(node, ['chain', 'middlewares']));
  }
  return [...found.values()];
}

function defaultsOf(entryPoints: ReadonlyMap<string, Node>): readonly string[] {
  const chosen = [...entryPoints].filter(([, node]) => {
    const isDefault = at(node, ['asDefault']);
    return isDefault?.type === 'scalar' && isDefault.value === true;
  });
  return (chosen.length > 0 ? chosen : [...entryPoints]).map(([name]) => name);
}

export const textsAt = (node: Node | undefined, path: readonly string[]): readonly string[] =>
  itemsAt(node, path).flatMap((item) =>
    item.type === 'scalar' && typeof item.value === 'string' ? [item.value] : [],
  );

const prefix = 'traefik.ingress.kubernetes.io/';

/** The comma-separated names in an annotation of Traefik. */
export const namesIn = (node: Node, annotation: string): readonly string[] =>
  (textAt(node, ['metadata', 'annotations', prefix + annotation]) ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

/** Where such an annotation stands. */
export const annotationPath = (annotation: string): readonly string[] => [
  'metadata',
  'annotations',
  prefix + annotation,
];
