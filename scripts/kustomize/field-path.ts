import { list, map, type Node, type Origin } from '../yaml/node.ts';
import { listSlot, mapSlot, type Slot, splitPath } from './field-spec.ts';
import { isNull, plain, refuseOpenKey, textOf } from './scalars.ts';
import { unanchored } from './selector.ts';
import { fail, unsupported } from './stop.ts';

/** Splits at dots, except within brackets and after a backslash. */
export function fieldParts(path: string): string[] {
  const result: string[] = [];
  const parts = splitPath(path, '.');
  for (let index = 0; index < parts.length; index += 1) {
    const part = parts[index] as string;
    if (!part.startsWith('[') || part.endsWith(']')) {
      result.push(part);
      continue;
    }
    let joined = part;
    while (index + 1 < parts.length) {
      index += 1;
      joined += `.${parts[index]}`;
      if (joined.endsWith(']')) break;
    }
    result.push(joined.includes('=') ? joined : joined.replace(/^[[\]]+|[[\]]+$/g, ''));
  }
  return result;
}

/** `[key=value]`: the items of a list whose key has the value. */
export const elementPart = /^\[([^=]*)=(.*)\]$/s;

export function wrongPath(path: string, part: string, origin: Origin): never {
  return fail(
    'field-path',
    `\`${part}\` of \`${path}\` does not fit the object: it leads into a value of another type`,
    'Correct the path: names lead into mappings, indices and `[key=value]` into lists.',
    origin,
  );
}

/** How the fields that a path leads to are found. */
export interface Finder {
  readonly path: string;
  readonly origin: Origin;
  /** What a missing field becomes; undefined where none is made. */
  readonly kind: Node['type'] | undefined;
  readonly keyOrigin: Origin;
}

/** Every place that a path leads to, from a slot on; missing ones are made where the finder says so. */
export function findSlots(slot: Slot, parts: readonly string[], finder: Finder): Slot[] {
  const [part, ...rest] = parts;
  if (part === undefined) return [slot];
  const { node } = slot;
  if (part === '*') {
    if (isNull(node)) return [];
    if (node.type !== 'list') wrongPath(finder.path, part, finder.origin);
    return node.items.flatMap((_, index) => findSlots(listSlot(node, index), rest, finder));
  }
  if (/^\+?\d+$/.test(part)) return inIndex(node, Number(part), part, rest, finder);
  const element = elementPart.exec(part);
  if (element) return inElements(node, element[1] as string, element[2] as string, part, rest, finder);
  if (part.startsWith('[') || part === '') unsupported(`the field path \`${finder.path}\``, finder.origin);
  return inField(node, part, rest, finder);
}

const newNode = (kind: Node['type'], origin: Origin): Node =>
  kind === 'map' ? map(origin) : kind === 'list' ? list(origin) : plain('', origin);

/** What a created field must be, so that the next part of the path can lead into it. */
const kindFor = (next: string | undefined, kind: Node['type']): Node['type'] =>
  next === undefined ? kind : elementPart.test(next) || /^\+?\d+$/.test(next) ? 'list' : 'map';

function inField(node: Node, part: string, rest: readonly string[], finder: Finder): Slot[] {
  if (isNull(node)) {
    if (finder.kind !== undefined)
      unsupported('a replacement that creates fields in an empty one', finder.origin);
    return [];
  }
  // A path that goes on within a scalar edits the YAML or JSON text in it.
  if (node.type === 'scalar') unsupported('a replacement within structured text', finder.origin);
  if (node.type !== 'map') wrongPath(finder.path, part, finder.origin);
  if (!node.entries.has(part)) {
    if (finder.kind === undefined) return [];
    refuseOpenKey(part, finder.origin);
    node.entries.set(part, {
      origin: finder.keyOrigin,
      value: newNode(kindFor(rest[0], finder.kind), finder.keyOrigin),
    });
  }
  return findSlots(mapSlot(node, part) as Slot, rest, finder);
}

function inIndex(node: Node, index: number, part: string, rest: readonly string[], finder: Finder): Slot[] {
  if (node.type === 'scalar' && !isNull(node))
    unsupported('a replacement within structured text', finder.origin);
  if (node.type !== 'list') wrongPath(finder.path, part, finder.origin);
  if (index === node.items.length && finder.kind !== undefined)
    node.items.push(newNode(kindFor(rest[0], finder.kind), finder.keyOrigin));
  if (index >= node.items.length)
    fail(
      'replacement-field',
      `\`${finder.path}\`: the list has ${node.items.length} items, so there is no index ${index}`,
      'Correct the index; it counts from 0.',
      finder.origin,
    );
  return findSlots(listSlot(node, index), rest, finder);
}

function inElements(
  node: Node,
  key: string,
  pattern: string,
  part: string,
  rest: readonly string[],
  finder: Finder,
): Slot[] {
  if (isNull(node)) {
    if (finder.kind !== undefined)
      unsupported('a replacement that creates items in an empty field', finder.origin);
    return [];
  }
  if (node.type === 'scalar') unsupported('a replacement within structured text', finder.origin);
  if (node.type !== 'list') wrongPath(finder.path, part, finder.origin);
  // Upstream matches against the value as it would be written, quotes and comment included.
  if (/[\^$]/.test(pattern)) unsupported(`the pattern \`${part}\``, finder.origin);
  const matches = unanchored(pattern, finder.origin);
  const search = (): Slot[] =>
    node.items.flatMap((item, index) => {
      const found = key === '' ? item : item.type === 'map' ? item.entries.get(key)?.value : undefined;
      if (found === undefined) return [];
      if (found.type !== 'scalar') unsupported(`the pattern \`${part}\``, finder.origin);
      if (!matches(textOf(found))) return [];
      return key === '' ? [listSlot(node, index)] : findSlots(listSlot(node, index), rest, finder);
    });
  const slots = search();
  if (slots.length > 0 || finder.kind === undefined) return slots;
  if (/[.*+?|()]/.test(pattern)) unsupported(`creating an item from the pattern \`${part}\``, finder.origin);
  const made = plain(pattern, finder.keyOrigin);
  if (key === '') node.items.push(made);
  else {
    const item = map(finder.keyOrigin);
    item.entries.set(key, { origin: finder.keyOrigin, value: made });
    node.items.push(item);
  }
  const again = search();
  if (again.length === 0) unsupported(`creating an item from \`${part}\``, finder.origin);
  return again;
}
