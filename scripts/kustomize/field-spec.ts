import { type ListNode, list, type MapNode, map, type Node, type Origin, scalar } from '../yaml/node.ts';
import type { FieldSpec } from './data/field-specs.ts';
import { type Gvk, gvkOf, isSelected } from './resource.ts';
import { isNull, rewritten, type Tag, textOf } from './scalars.ts';
import { fail, unsupported } from './stop.ts';

/** A node together with where it hangs, so that it can be exchanged and its place be told. */
export interface Slot {
  readonly node: Node;
  replace(node: Node, keyOrigin?: Origin): void;
}

export function mapSlot(parent: MapNode, key: string): Slot | undefined {
  const entry = parent.entries.get(key);
  if (!entry) return undefined;
  return {
    node: entry.value,
    replace(node, keyOrigin) {
      parent.entries.set(key, { origin: keyOrigin ?? entry.origin, value: node });
    },
  };
}

export const listSlot = (parent: ListNode, index: number): Slot => ({
  node: parent.items[index] as Node,
  replace(node) {
    parent.items[index] = node;
  },
});

/**
 * Writes text into the scalar at a slot, as kustomize's transformers do: the quotes that are there stay. Without
 * `keyOrigin` the key keeps its place.
 */
export function setText(
  slot: Slot,
  text: string,
  tag: Tag,
  origin: Origin,
  keyOrigin: Origin | undefined,
): void {
  const { node } = slot;
  if (node.type !== 'scalar')
    fail(
      'not-a-scalar',
      `a ${node.type === 'map' ? 'mapping' : 'list'} stands where a single value is to be set`,
      'Write a single value in this field, or leave it out.',
      node.origin,
    );
  slot.replace(rewritten(node, text, tag, origin), keyOrigin);
}

/** `\` before the delimiter keeps it within a part; a leading delimiter is ignored. */
export function splitPath(path: string, delimiter: string): string[] {
  let parts = path.split(delimiter);
  if (parts.length > 1 && parts[0] === '') parts = parts.slice(1);
  const result: string[] = [parts[0] ?? ''];
  for (const part of parts.slice(1)) {
    const last = result[result.length - 1] as string;
    if (last.endsWith('\\')) result[result.length - 1] = last.slice(0, -1) + delimiter + part;
    else result.push(part);
  }
  return result;
}

export interface Visit {
  /** What a missing last field becomes; without it nothing is made. */
  readonly create?: 'scalar' | 'map';
  /** The place to blame for what is made. */
  readonly origin: Origin;
  readonly set: (slot: Slot) => void;
}

const split = new Map<string, string[]>();

/** Calls `set` for every field of the object that the spec names. Lists on the way are walked through. */
export function visitField(object: MapNode, spec: FieldSpec, visit: Visit, gvk: Gvk = gvkOf(object)): void {
  if (!isSelected(gvk, spec)) return;
  let path = split.get(spec.path);
  if (!path) {
    path = splitPath(spec.path, '/');
    split.set(spec.path, path);
  }
  descend({ node: object, replace: () => undefined }, path, 0, spec, visit);
}

function descend(slot: Slot, path: readonly string[], depth: number, spec: FieldSpec, visit: Visit): void {
  if (depth === path.length) {
    visit.set(slot);
    return;
  }
  const { node } = slot;
  if (isNull(node)) return;
  if (node.type === 'list') {
    for (let index = 0; index < node.items.length; index += 1)
      descend(listSlot(node, index), path, depth, spec, visit);
    return;
  }
  if (node.type === 'scalar')
    fail(
      'not-a-mapping',
      `\`${textOf(node)}\` stands where kustomize looks for \`${spec.path}\` and needs a mapping or a list`,
      'Write the field as the kind has it; kustomize cannot go into a single value.',
      node.origin,
    );
  const part = path[depth] as string;
  const isList = part.endsWith('[]');
  const name = isList ? part.slice(0, -2) : part;
  if (name === '' || /^(?:[+-]?\d+|-|\*|\[.*\])$/.test(name))
    unsupported(`field path \`${spec.path}\``, visit.origin);
  const creates = spec.create === true && visit.create !== undefined && !isList;
  const makes = isList ? 'list' : !creates ? undefined : depth === path.length - 1 ? visit.create : 'map';
  if (!node.entries.has(name)) {
    if (!creates) return;
    node.entries.set(name, { origin: visit.origin, value: empty(makes, visit.origin) });
  }
  const found = mapSlot(node, name) as Slot;
  if (isNull(found.node) && makes !== undefined && makes !== 'scalar') {
    found.replace(empty(makes, visit.origin));
    descend(mapSlot(node, name) as Slot, path, depth + 1, spec, visit);
    return;
  }
  descend(found, path, depth + 1, spec, visit);
}

const empty = (kind: 'scalar' | 'map' | 'list' | undefined, origin: Origin): Node =>
  kind === 'map' ? map(origin) : kind === 'list' ? list(origin) : scalar(null, origin);

/**
 * Adds field specs as kustomize merges its configurations: one is left out where an earlier one of the same path is
 * for a kind that it would match too.
 */
export function mergeFieldSpecs(
  specs: readonly FieldSpec[],
  more: readonly FieldSpec[],
  origin: Origin,
): FieldSpec[] {
  const result = [...specs];
  for (const spec of more) {
    const known = result.find(
      (other) =>
        other.path === spec.path &&
        isSelected({ group: other.group ?? '', version: other.version ?? '', kind: other.kind ?? '' }, spec),
    );
    if (!known) result.push(spec);
    else if ((known.create ?? false) !== (spec.create ?? false))
      fail(
        'conflicting-field-spec',
        `two settings of \`create\` for the label field \`${spec.path}\``,
        `Write \`create: ${String(spec.create ?? false)}\` for \`${spec.path}\`, as kustomize itself has it.`,
        origin,
      );
  }
  return result;
}
