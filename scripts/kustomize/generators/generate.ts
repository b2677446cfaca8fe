import { isUtf8 } from 'node:buffer';
import { type MapEntry, type MapNode, map, type Node, type Origin, scalar } from '../../yaml/node.ts';
import type { BuildContext } from '../context.ts';
import {
  flag,
  items,
  type Kustomization,
  type Pair,
  pairs,
  scalarAt,
  stringOf,
  text,
} from '../kustomization.ts';
import {
  currentId,
  describeId,
  makeResource,
  matchesAnyId,
  matchesCurrentId,
  type Resource,
} from '../resource.ts';
import { refuseOpenKey, textOf } from '../scalars.ts';
import { fail } from '../stop.ts';
import { type KeyValue, keyValues } from './key-values.ts';

type Behavior = 'create' | 'merge' | 'replace';

/** Adds what `configMapGenerator` and `secretGenerator` make, or merges it into what is there. */
export function generate(context: BuildContext, kustomization: Kustomization, resources: Resource[]): void {
  for (const kind of ['ConfigMap', 'Secret'] as const)
    for (const item of items(
      kustomization.node,
      kind === 'ConfigMap' ? 'configMapGenerator' : 'secretGenerator',
    ))
      absorb(resources, make(context, kustomization, kind, item), behaviorOf(item), item.origin);
}

function behaviorOf(item: Node): Behavior {
  const behavior = text(item, 'behavior');
  return behavior === 'merge' || behavior === 'replace' ? behavior : 'create';
}

function make(
  context: BuildContext,
  kustomization: Kustomization,
  kind: 'ConfigMap' | 'Secret',
  item: Node,
): Resource {
  const { origin } = item;
  const name = scalarAt(item, 'name');
  if (name === undefined || stringOf(name) === '')
    fail('generator-name', `a ${kind} generator needs a name`, 'Give it `name`.', origin);
  const node = map(origin);
  put(node, 'apiVersion', 'v1', origin);
  put(node, 'kind', kind, origin);
  const metadata = map(origin);
  node.entries.set('metadata', { origin, value: metadata });
  put(metadata, 'name', stringOf(name), name.origin);
  const namespace = scalarAt(item, 'namespace');
  if (namespace && stringOf(namespace) !== '')
    put(metadata, 'namespace', stringOf(namespace), namespace.origin);
  if (kind === 'Secret') {
    const type = scalarAt(item, 'type');
    put(node, 'type', text(item, 'type') || 'Opaque', type?.origin ?? origin);
  }
  putData(node, kind, keyValues(context, kustomization, item), origin);
  const options = [
    item.type === 'map' ? item.entries.get('options')?.value : undefined,
    kustomization.node.entries.get('generatorOptions')?.value,
  ];
  for (const field of ['labels', 'annotations'])
    putPairs(
      metadata,
      field,
      options.flatMap((each) => pairs(each, field)),
      origin,
    );
  if (options.some((each) => flag(each, 'immutable')))
    node.entries.set('immutable', { origin, value: scalar(true, origin) });
  return makeResource(node, !options.some((each) => flag(each, 'disableNameSuffixHash')));
}

const put = (node: MapNode, key: string, value: string, origin: Origin): void => {
  node.entries.set(key, { origin, value: { type: 'scalar', value, origin } });
};

function putPairs(metadata: MapNode, field: string, values: readonly Pair[], origin: Origin): void {
  if (values.length === 0) return;
  const node = map(origin);
  // The generator's own options come first and win over the kustomization's.
  for (const pair of values)
    if (!node.entries.has(pair.key))
      node.entries.set(pair.key, { origin: pair.keyOrigin, value: scalar(pair.value, pair.origin) });
  metadata.entries.set(field, { origin, value: node });
}

function putData(
  node: MapNode,
  kind: 'ConfigMap' | 'Secret',
  values: readonly KeyValue[],
  origin: Origin,
): void {
  if (kind === 'Secret') node.entries.set('data', { origin, value: map(origin) });
  for (const value of values) {
    const isText = kind === 'ConfigMap' && isUtf8(value.bytes);
    const field = kind === 'Secret' || isText ? 'data' : 'binaryData';
    const content = isText ? Buffer.from(value.bytes).toString('utf8') : base64(value.bytes);
    let into = node.entries.get(field)?.value;
    if (into?.type !== 'map') {
      into = map(origin);
      node.entries.set(field, { origin, value: into });
    }
    put(into, value.key, content, value.origin);
  }
}

const base64Line = 70;

/** Broken into lines as kyaml does: only a text that fits a line with room to spare stays without a line break. */
function base64(bytes: Uint8Array): string {
  const encoded = Buffer.from(bytes).toString('base64');
  if (encoded.length < base64Line) return encoded;
  return encoded.replace(/.{1,70}/g, '$&\n');
}

function absorb(resources: Resource[], made: Resource, behavior: Behavior, origin: Origin): void {
  const id = currentId(made);
  const matches = resources.filter((resource) => matchesAnyId(resource, id));
  const [old, another] = matches;
  if (another !== undefined)
    fail(
      'generator-ambiguous',
      `several objects could take this ${describeId(id)}`,
      'Give the generator a name and namespace that only one of them has.',
      origin,
    );
  if (old === undefined) {
    if (behavior !== 'create')
      fail(
        'generator-without-base',
        `there is no ${describeId(id)} to ${behavior}`,
        "Correct name and namespace (the namespace must be the base's), or leave `behavior` out.",
        origin,
      );
    resources.push(made);
    return;
  }
  if (behavior === 'create')
    fail(
      'generator-exists',
      `${describeId(id)} exists already`,
      'Add `behavior: merge` or `behavior: replace`, or choose another name.',
      origin,
    );
  merge(made, old, behavior);
  const index = resources.indexOf(old);
  if (resources.some((other) => other !== old && matchesCurrentId(other, currentId(made))))
    fail('generator-ambiguous', `several objects are ${describeId(id)}`, 'Keep one of them.', origin);
  resources[index] = made;
}

/** The new object takes the old one's name and history, and with `merge` the data that it does not have itself. */
function merge(made: Resource, old: Resource, behavior: 'merge' | 'replace'): void {
  const metadata = metadataOf(made.node);
  const former = metadataOf(old.node);
  for (const field of ['labels', 'annotations']) combine(metadata, former, field);
  for (const field of ['name', 'namespace']) {
    const entry = former.entries.get(field);
    if (entry && textOf(entry.value) !== '') metadata.entries.set(field, entry);
    else metadata.entries.delete(field);
  }
  made.previous = old.previous;
  made.prefixes = old.prefixes;
  made.suffixes = old.suffixes;
  made.needsHash = made.needsHash && old.needsHash;
  if (behavior !== 'merge') return;
  for (const field of ['data', 'binaryData']) combine(made.node, old.node, field);
}

const metadataOf = (node: MapNode): MapNode => node.entries.get('metadata')?.value as MapNode;

function combine(into: MapNode, from: MapNode, field: string): void {
  const old = from.entries.get(field);
  const own = into.entries.get(field);
  const entries = new Map<string, MapEntry>();
  for (const source of [old, own])
    if (source?.value.type === 'map')
      for (const [key, entry] of source.value.entries) {
        refuseOpenKey(key, entry.origin);
        entries.set(key, {
          origin: entry.origin,
          // Merged values become text.
          value: { type: 'scalar', value: textIfAny(entry.value), origin: entry.value.origin },
        });
      }
  if (entries.size === 0) {
    into.entries.delete(field);
    return;
  }
  const origin = (own ?? old)?.origin ?? into.origin;
  into.entries.set(field, { origin, value: { type: 'map', entries, origin } });
}

const textIfAny = (node: Node): string => (node.type === 'scalar' && node.value === null ? '' : textOf(node));
