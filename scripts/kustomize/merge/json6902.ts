import {
  clone,
  type ListNode,
  list,
  type MapNode,
  map,
  type Node,
  type Origin,
  type ScalarNode,
} from '../../yaml/node.ts';
import { isNull, legacyValue, refuseOddKey, settle } from '../scalars.ts';
import { fail, unsupported } from '../stop.ts';

interface Operation {
  readonly op: string;
  readonly path: string | undefined;
  readonly from: string | undefined;
  /** Undefined where there is none. */
  readonly value: Node | undefined;
  readonly origin: Origin;
}

export type JsonPatch = readonly Operation[];

/** The operations of a JSON 6902 patch, or undefined where the node is not one. */
export function readJsonPatch(node: Node | undefined): JsonPatch | undefined {
  if (node?.type !== 'list' || !node.items.every((item) => item.type === 'map')) return undefined;
  return (node.items as MapNode[]).map((item) => {
    const text = (key: string): string | undefined => {
      const value = item.entries.get(key)?.value;
      if (value?.type !== 'scalar') return undefined;
      const found = legacyValue(value);
      return typeof found === 'string' ? found : undefined;
    };
    return {
      op: text('op') ?? 'unknown',
      path: text('path'),
      from: text('from'),
      value: item.entries.get('value')?.value,
      origin: item.entries.get('path')?.value.origin ?? item.origin,
    };
  });
}

/**
 * Applies a JSON 6902 patch to an object, in place. Mirrors evanphx/json-patch v4, with which kustomize applies them:
 * `replace` of a missing key adds it, `add` does not make missing parents, negative indices count from the end.
 */
export function applyJsonPatch(object: MapNode, patch: JsonPatch): void {
  normalize(object);
  for (const operation of patch) apply(object, operation);
}

function apply(object: MapNode, operation: Operation): void {
  const { op, path, origin } = operation;
  if (path === '') unsupported('a JSON patch of the whole object', origin);
  const pathOf = (value: string | undefined, name: string): string =>
    value ?? fail('json-patch', `the operation has no \`${name}\``, `Add \`${name}\`.`, origin);
  const target = (): Place => find(object, pathOf(path, 'path'), operation);
  switch (op) {
    case 'add':
      target().add(operand(operation));
      return;
    case 'remove':
      target().remove();
      return;
    case 'replace': {
      const place = target();
      place.get();
      place.set(operand(operation));
      return;
    }
    case 'move': {
      const source = find(object, pathOf(operation.from, 'from'), operation);
      const value = source.get();
      source.remove();
      target().add(value ?? nothing(origin));
      return;
    }
    case 'copy': {
      const value = find(object, pathOf(operation.from, 'from'), operation).get();
      target().add(value === undefined ? nothing(origin) : clone(value));
      return;
    }
    case 'test': {
      const value = target().get();
      const wanted = operation.value;
      const same =
        value === undefined || isNull(value)
          ? wanted === undefined || isNull(wanted)
          : wanted !== undefined && equal(value, asJson(wanted));
      if (!same)
        fail(
          'json-patch-test',
          `the \`test\` of \`${path}\` fails`,
          'Adapt the patch to the object.',
          origin,
        );
      return;
    }
    default:
      fail(
        'json-patch',
        `\`${op}\` is no operation of a JSON patch`,
        'Write add, remove, replace, move, copy or test.',
        origin,
      );
  }
}

const nothing = (origin: Origin): ScalarNode => ({ type: 'scalar', value: null, origin });

const operand = ({ value, origin }: Operation): Node =>
  value === undefined ? nothing(origin) : asJson(value);

/** A copy of a patch's value with the types that the older YAML reader gives it. */
function asJson(node: Node): Node {
  switch (node.type) {
    case 'scalar':
      return { type: 'scalar', value: legacyValue(node), origin: node.origin };
    case 'list':
      return list(node.origin, node.items.map(asJson));
    case 'map': {
      const result = map(node.origin);
      for (const [key, { origin, value }] of node.entries) {
        refuseOddKey(key, origin);
        result.entries.set(key, { origin, value: asJson(value) });
      }
      return result;
    }
  }
}

/** The object has passed through JSON: quotes and notations are gone, only values are left. */
function normalize(node: Node): void {
  switch (node.type) {
    case 'scalar':
      settle(node);
      return;
    case 'list':
      for (const item of node.items) normalize(item);
      return;
    case 'map':
      for (const { value } of node.entries.values()) normalize(value);
  }
}

function equal(left: Node, right: Node): boolean {
  if (left.type === 'scalar' || right.type === 'scalar')
    return left.type === right.type && (left as ScalarNode).value === (right as ScalarNode).value;
  if (left.type === 'list' || right.type === 'list') {
    if (left.type !== 'list' || right.type !== 'list') return false;
    return (
      left.items.length === right.items.length &&
      left.items.every((item, index) => equal(item, right.items[index] as Node))
    );
  }
  if (left.entries.size !== right.entries.size) return false;
  for (const [key, { value }] of left.entries) {
    const other = right.entries.get(key)?.value;
    if (other === undefined || !equal(value, other)) return false;
  }
  return true;
}

interface Place {
  /** Undefined for a key that is not there; fails for an index that is not there. */
  get(): Node | undefined;
  add(value: Node): void;
  set(value: Node): void;
  remove(): void;
}

const decode = (part: string): string => part.replace(/~[01]/g, (code) => (code === '~1' ? '/' : '~'));

function find(object: MapNode, path: string, operation: Operation): Place {
  const parts = path.split('/').slice(1).map(decode);
  const key = parts.pop();
  let current: Node | undefined = object;
  for (const part of parts) {
    if (current?.type === 'map') current = current.entries.get(part)?.value;
    else if (current?.type === 'list') current = current.items[indexOf(part, current.items.length) ?? -1];
    else current = undefined;
  }
  if (key !== undefined && current?.type === 'map') return inMap(current, key, path, operation);
  if (key !== undefined && current?.type === 'list') return inList(current, key, path, operation);
  return fail(
    'json-patch-path',
    `\`${path}\`: its parent does not exist in the object`,
    'Correct the path, or add the parent first in an operation of its own.',
    operation.origin,
  );
}

function inMap(parent: MapNode, key: string, path: string, { origin }: Operation): Place {
  const set = (value: Node): void => {
    parent.entries.set(key, { origin: value.origin, value });
  };
  return {
    get: () => parent.entries.get(key)?.value,
    add: set,
    set,
    remove() {
      if (!parent.entries.delete(key))
        fail(
          'json-patch-path',
          `\`${path}\` does not exist, so it cannot be removed`,
          'Correct the path, or remove the operation.',
          origin,
        );
    },
  };
}

function inList(parent: ListNode, key: string, path: string, { origin }: Operation): Place {
  const noIndex = (): never =>
    fail(
      'json-patch-path',
      `\`${path}\`: \`${key}\` is no index of a list of ${parent.items.length}`,
      'Write an index that exists, or `-` to append.',
      origin,
    );
  const index = (): number => {
    const found = indexOf(key, parent.items.length);
    return found === undefined || found >= parent.items.length ? noIndex() : found;
  };
  return {
    get: () => parent.items[index()],
    set(value) {
      parent.items[index()] = value;
    },
    add(value) {
      const at = key === '-' ? parent.items.length : indexOf(key, parent.items.length + 1);
      if (at === undefined || at > parent.items.length) noIndex();
      else parent.items.splice(at, 0, value);
    },
    remove() {
      parent.items.splice(index(), 1);
    },
  };
}

/** An index of a list; negative ones count from the end. Undefined where it is none or lies before the start. */
function indexOf(key: string, length: number): number | undefined {
  if (!/^[-+]?\d+$/.test(key)) return undefined;
  const index = Number(key);
  if (index >= 0) return index;
  return index < -length ? undefined : index + length;
}

/** What starts with a bracket is read as JSON, and JSON only. */
export function isStrictJson(source: string): boolean {
  const trimmed = source.trim();
  if (!trimmed.startsWith('[')) return true;
  try {
    JSON.parse(trimmed);
    return true;
  } catch {
    return false;
  }
}
