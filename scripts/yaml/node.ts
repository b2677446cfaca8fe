/**
 * YAML as a tree in which every node remembers where it was written, so that a finding can name the file, line and
 * column that set a value, however many patches lie between that line and the rendered object.
 */

/** A place in a source file: path relative to the repository's root, line and column counted from 1. */
export interface Origin {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export type Scalar = string | number | boolean | null;
export type Json = Scalar | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };
export type PathSegment = string | number;
export type Path = readonly PathSegment[];

export interface ScalarNode {
  readonly type: 'scalar';
  value: Scalar;
  /** How the source wrote it; absent for values that were computed. */
  style?: 'plain' | 'single-quoted' | 'double-quoted' | 'block' | undefined;
  /** The plain text before its type was resolved: `0644` where the value is 420. */
  source?: string | undefined;
  origin: Origin;
}

export interface MapEntry {
  /** Where the key stands. */
  origin: Origin;
  value: Node;
}

export interface MapNode {
  readonly type: 'map';
  readonly entries: Map<string, MapEntry>;
  origin: Origin;
}

export interface ListNode {
  readonly type: 'list';
  readonly items: Node[];
  origin: Origin;
}

export type Node = ScalarNode | MapNode | ListNode;

export const scalar = (value: Scalar, origin: Origin): ScalarNode => ({ type: 'scalar', value, origin });

export const map = (origin: Origin): MapNode => ({ type: 'map', entries: new Map(), origin });

export const list = (origin: Origin, items: Node[] = []): ListNode => ({ type: 'list', items, origin });

/** The node as plain JSON. */
export function toJson(node: Node): Json {
  switch (node.type) {
    case 'scalar':
      return node.value;
    case 'list':
      return node.items.map(toJson);
    case 'map': {
      const result: JsonObject = {};
      for (const [key, entry] of node.entries) {
        // A plain assignment of `__proto__` would set the prototype instead of a property.
        if (key === '__proto__') {
          Object.defineProperty(result, key, {
            value: toJson(entry.value),
            enumerable: true,
            configurable: true,
            writable: true,
          });
        } else {
          result[key] = toJson(entry.value);
        }
      }
      return result;
    }
  }
}

/** Plain JSON as a node; everything in it is blamed on one place. */
export function fromJson(value: Json, origin: Origin): Node {
  if (Array.isArray(value))
    return list(
      origin,
      value.map((item) => fromJson(item, origin)),
    );
  if (value !== null && typeof value === 'object') {
    const result = map(origin);
    for (const [key, item] of Object.entries(value))
      result.entries.set(key, { origin, value: fromJson(item, origin) });
    return result;
  }
  return scalar(value, origin);
}

/** A deep copy: changing one leaves the other as it was. Origins are shared, since they never change. */
export function clone<T extends Node>(node: T): T;
export function clone(node: Node): Node {
  switch (node.type) {
    case 'scalar':
      return { ...node };
    case 'list':
      return { ...node, items: node.items.map((item) => clone(item)) };
    case 'map': {
      const entries = new Map<string, MapEntry>();
      for (const [key, entry] of node.entries)
        entries.set(key, { origin: entry.origin, value: clone(entry.value) });
      return { ...node, entries };
    }
  }
}

/** The child below a key or an index, or undefined. */
export function child(node: Node | undefined, segment: PathSegment): Node | undefined {
  if (node?.type === 'map') return node.entries.get(String(segment))?.value;
  if (node?.type === 'list') return typeof segment === 'number' ? node.items[segment] : undefined;
  return undefined;
}

/** The node at a path, or undefined where there is none. */
export function at(node: Node | undefined, path: Path): Node | undefined {
  let current: Node | undefined = node;
  for (const segment of path) current = child(current, segment);
  return current;
}

/** The text at a path; undefined where there is none or it is not a string. */
export function textAt(node: Node | undefined, path: Path): string | undefined {
  const found = at(node, path);
  return found?.type === 'scalar' && typeof found.value === 'string' ? found.value : undefined;
}

/** The items of the list at a path; empty where there is no list. */
export function itemsAt(node: Node | undefined, path: Path): readonly Node[] {
  const found = at(node, path);
  return found?.type === 'list' ? found.items : [];
}

/** The entries of the mapping at a path; empty where there is no mapping. */
export function entriesAt(node: Node | undefined, path: Path): ReadonlyMap<string, MapEntry> {
  const found = at(node, path);
  return found?.type === 'map' ? found.entries : new Map<string, MapEntry>();
}

/**
 * Where the value at a path was written: the key for a mapping's entry, the item for a list's. Of a path that does not
 * exist, the deepest part that does.
 */
export function originAt(node: Node, path: Path): Origin {
  let current = node;
  let origin = node.origin;
  for (const segment of path) {
    if (current.type === 'map') {
      const entry = current.entries.get(String(segment));
      if (!entry) return origin;
      origin = entry.origin;
      current = entry.value;
    } else if (current.type === 'list' && typeof segment === 'number') {
      const item = current.items[segment];
      if (!item) return origin;
      origin = item.origin;
      current = item;
    } else {
      return origin;
    }
  }
  return origin;
}

/**
 * Where the character at an offset stands of a text that is a whole file, as generators read them, or a block (`|`, `>`)
 * in one. Undefined for what is written on one line: there the value's own place is near enough.
 */
export function originInText(node: Node | undefined, offset: number): Origin | undefined {
  if (node?.type !== 'scalar' || typeof node.value !== 'string') return undefined;
  const before = node.value.slice(0, offset).split('\n');
  const { file, line, column } = node.origin;
  // Before a value in YAML stands at least its key: only a whole file begins here.
  if (line === 1 && column === 1)
    return { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
  return node.style === 'block' ? { file, line: line + before.length, column: 1 } : undefined;
}
