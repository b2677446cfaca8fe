import { at, type ListNode, type MapNode, type Node, type ScalarNode } from '../../yaml/node.ts';
import mergeKeyData from '../data/merge-keys.json' with { type: 'json' };
import { isMissing, isNull, plain, quoteOpen, rewritten, tagOf, textOf } from '../scalars.ts';
import { fail } from '../stop.ts';

// Which lists merge, and by which keys: from the OpenAPI document of Kubernetes 1.21 that kustomize 5.8.1 carries
// (sigs.k8s.io/kustomize/kyaml v0.21.1, kubernetesapi/v1_21_2), reduced to the types that lead to such a list.
interface MergeList {
  readonly keys: readonly string[];
  readonly type?: string;
}
interface MergeKeys {
  readonly kinds: Readonly<Record<string, string>>;
  readonly types: Readonly<Record<string, Readonly<Record<string, string | MergeList>>>>;
}
const { kinds, types }: MergeKeys = mergeKeyData;

/** A type by name; `plain` is one that is known and has no list that merges below it; undefined is unknown. */
type Schema = string | MergeList | undefined;
const known = 'plain';

type Directive = 'merge' | 'replace' | 'delete';

/**
 * Applies a strategic merge patch and returns the object, or undefined where the patch deletes it. Both nodes are
 * consumed: parts of either end up in the result, and the object is changed in place.
 *
 * Mirrors kyaml's merge2 as kustomize 5.8.1 uses it, oddities included: the whole object is walked, so empty values
 * (`key:` with nothing) vanish everywhere; new list items come first; `$patch: replace` in a list's item does nothing;
 * a value takes the quotes of the one it replaces.
 */
export function mergeStrategic(object: MapNode, patch: MapNode): MapNode | undefined {
  return mergeNode(object, patch, undefined) as MapNode | undefined;
}

function mergeNode(dest: Node | undefined, patch: Node | undefined, given: Schema): Node | undefined {
  const first = isMissing(dest) ? patch : dest;
  if (first === undefined || isNull(first)) {
    // A null that somebody spelled out stays; `key:` with nothing does not.
    return patch === undefined && dest !== undefined && textOf(dest) !== '' ? dest : undefined;
  }
  if (!isMissing(dest) && !isMissing(patch) && dest?.type !== patch?.type)
    mismatch(dest as Node, patch as Node);
  const schema = given ?? schemaOf(dest) ?? schemaOf(patch);
  switch (first.type) {
    case 'scalar':
      return patch === undefined ? dest : isNull(patch) ? undefined : patch;
    case 'map':
      return mergeMap(dest as MapNode | undefined, patch as MapNode | undefined, schema);
    case 'list':
      if (typeof schema === 'object')
        return mergeList(dest as ListNode | undefined, patch as ListNode | undefined, schema);
      return patch === undefined ? dest : isNull(patch) ? undefined : patch;
  }
}

/** An object within an object of unknown kind is merged by its own kind. */
function schemaOf(node: Node | undefined): Schema {
  if (node?.type !== 'map') return undefined;
  const kind = textOf(at(node, ['kind']));
  const apiVersion = textOf(at(node, ['apiVersion']));
  return kind === '' || apiVersion === '' ? undefined : kinds[`${apiVersion} ${kind}`];
}

function fieldSchema(schema: Schema, field: string): Schema {
  if (schema === undefined || typeof schema === 'object') return undefined;
  return schema === known ? known : (types[schema]?.[field] ?? known);
}

function mergeMap(
  dest: MapNode | undefined,
  patch: MapNode | undefined,
  schema: Schema,
): MapNode | undefined {
  let result = dest;
  if (isMissing(dest)) {
    if (takeMapDirective(patch as MapNode, false) === 'delete') return undefined;
    result = patch;
  } else if (patch !== undefined) {
    if (isNull(patch)) return undefined;
    const directive = takeMapDirective(patch, true);
    if (directive === 'delete') return undefined;
    if (directive === 'replace') result = patch;
  }
  const target = result as MapNode;
  const keys = new Set(target.entries.keys());
  for (const key of patch?.entries.keys() ?? []) keys.add(key);
  for (const key of [...keys].sort()) {
    const from = patch?.entries.get(key);
    const into = target.entries.get(key);
    const merged = mergeNode(into?.value, from?.value, fieldSchema(schema, key));
    if (merged === undefined) target.entries.delete(key);
    else if (merged === into?.value) {
      if (merged.type === 'scalar') quoteOpen(merged);
    } else
      target.entries.set(key, {
        origin: from?.origin ?? (into?.origin as MapNode['origin']),
        value:
          into?.value.type === 'scalar' && merged.type === 'scalar' ? restyled(into.value, merged) : merged,
      });
  }
  return target;
}

const restyled = (existing: ScalarNode, value: ScalarNode): ScalarNode =>
  rewritten(existing, textOf(value), tagOf(value), value.origin);

function takeMapDirective(patch: MapNode, strict: boolean): Directive {
  const entry = patch.entries.get('$patch');
  if (entry === undefined) return 'merge';
  const value = textOf(entry.value);
  if (value === 'merge' || value === 'replace' || value === 'delete') {
    patch.entries.delete('$patch');
    return value;
  }
  if (strict) badDirective(entry.value);
  return 'merge';
}

function takeListDirective(patch: ListNode): Directive {
  const item = patch.items.find((each): each is MapNode => each.type === 'map' && each.entries.has('$patch'));
  const entry = item?.entries.get('$patch');
  // Beside other keys the directive is about the item, not about the list.
  if (item === undefined || entry === undefined || item.entries.size > 1) return 'merge';
  const value = textOf(entry.value);
  if (value !== 'merge' && value !== 'replace' && value !== 'delete') badDirective(entry.value);
  setElement(patch, ['$patch'], [value], undefined);
  return value;
}

function mergeList(
  dest: ListNode | undefined,
  patch: ListNode | undefined,
  schema: MergeList,
): ListNode | undefined {
  let result = dest;
  if (isMissing(dest)) result = patch;
  else if (patch !== undefined) {
    if (isNull(patch)) return undefined;
    const directive = takeListDirective(patch);
    if (directive === 'delete') return undefined;
    if (directive === 'replace') result = patch;
  }
  const target = result as ListNode;
  const sources = [target, isMissing(patch) ? undefined : patch];
  return schema.keys.length === 0
    ? mergeElements(sources, [''], primitiveValues(sources), undefined)
    : mergeElements(sources, schema.keys, keyValues(sources, schema.keys), schema.type ?? known);
}

/** The key values of every item, the patch's first, each combination once. */
function keyValues(sources: readonly (ListNode | undefined)[], keys: readonly string[]): string[][] {
  const result: string[][] = [];
  const seen = new Set<string>();
  for (const source of [sources[1], sources[0]])
    for (const item of source?.items ?? []) {
      const values = keys.map((key) => {
        const value = item.type === 'map' ? item.entries.get(key)?.value : undefined;
        return value === undefined || isNull(value) ? '' : textOf(value);
      });
      const mark = JSON.stringify(values);
      if (seen.has(mark)) continue;
      seen.add(mark);
      result.push(values);
    }
  return result;
}

function primitiveValues(sources: readonly (ListNode | undefined)[]): string[][] {
  const seen = new Set<string>();
  for (const source of [sources[1], sources[0]])
    for (const item of source?.items ?? []) seen.add(textOf(item));
  return [...seen].map((value) => [value]);
}

function mergeElements(
  sources: readonly (ListNode | undefined)[],
  keys: readonly string[],
  found: string[][],
  schema: Schema,
): ListNode {
  const dest = sources[0] as ListNode;
  const combinations = keys.length > 1 ? completed(found) : found;
  if (combinations.length === 0) return dest;
  const added: ListNode = { type: 'list', items: [], origin: dest.origin };
  // A key that no item has (`protocol` of ports, mostly) does not count.
  const used = keys.map((_, index) => combinations.some((values) => values[index] !== ''));
  const counts = used.includes(true) ? used : keys.map(() => true);
  const validKeys = keys.filter((_, index) => counts[index]);
  for (const values of combinations) {
    const validValues = values.filter((_, index) => counts[index]);
    const [matchKeys, matchValues] = nonEmpty(validKeys, validValues);
    const [into, from] = sources.map((source) => findElement(source, matchKeys, matchValues));
    const merged = mergeNode(into, from, schema);
    if (merged === undefined || isNull(merged) || (merged.type === 'map' && merged.entries.size === 0)) {
      setElement(dest, validKeys, validValues, undefined);
      continue;
    }
    if (merged.type === 'map')
      validKeys.forEach((key, index) => {
        const value = validValues[index] as string;
        if (!merged.entries.has(key) && value !== '')
          merged.entries.set(key, { origin: merged.origin, value: plain(value, merged.origin) });
      });
    setElement(added, validKeys, validValues, merged);
  }
  return appendElements(added, dest, validKeys);
}

function nonEmpty(keys: readonly string[], values: readonly string[]): [string[], string[]] {
  const indices = keys.map((_, index) => index).filter((index) => values[index] !== '');
  if (indices.length === 0) return [[...keys], [...values]];
  return [indices.map((index) => keys[index] as string), indices.map((index) => values[index] as string)];
}

/** Items that agree where both have a value are taken for the same one. */
function completed(combinations: readonly string[][]): string[][] {
  const result = [...combinations];
  for (let left = 0; left < result.length; left += 1) {
    const own = result[left] as string[];
    for (let right = 0; right < result.length; right += 1) {
      const common = unify(own, result[right] as string[]);
      if (!common) continue;
      result[left] = common;
      result[right] = common;
    }
  }
  return result;
}

function unify(left: readonly string[], right: readonly string[]): string[] | undefined {
  if (!left.some((value, index) => value === right[index])) return undefined;
  const result: string[] = [];
  for (const [index, value] of left.entries()) {
    const other = right[index] as string;
    if (value !== other && value !== '' && other !== '') return undefined;
    result.push(value !== '' ? value : other);
  }
  return result;
}

function findElement(
  source: ListNode | undefined,
  keys: readonly string[],
  values: readonly string[],
): Node | undefined {
  if (keys[0] === '') return source?.items.find((item) => textOf(item) === values[0]);
  return source?.items.find(
    (item) =>
      item.type === 'map' &&
      keys.every((key, index) => {
        const entry = item.entries.get(key);
        return entry !== undefined && textOf(entry.value) === values[index];
      }),
  );
}

/** Puts an element in the place of those that match, or at the end; without an element the matching ones go. */
function setElement(
  target: ListNode,
  keys: readonly string[],
  values: readonly string[],
  element: Node | undefined,
): void {
  const forMaps = keys[0] !== '' && values.length > 0 && values[0] !== '';
  const items: Node[] = [];
  let matched = false;
  for (const item of target.items) {
    if (isNull(item) || (item.type === 'map' && item.entries.size === 0)) continue;
    if (item.type !== 'map' && forMaps) {
      items.push(item);
      continue;
    }
    if (!elementMatches(item, keys, values)) {
      if (values.length > 0) items.push(item);
      continue;
    }
    matched = true;
    if (element !== undefined) items.push(element);
  }
  if (element !== undefined && !matched) items.push(element);
  target.items.splice(0, target.items.length, ...items);
}

function elementMatches(item: Node, keys: readonly string[], values: readonly string[]): boolean {
  let matched = false;
  for (const [index, key] of keys.entries()) {
    // Without a value for a key the verdict on the key before it stands.
    if (index < values.length) {
      const value = values[index] as string;
      if (key === '') matched = item.type === 'scalar' && textOf(item) === value;
      else {
        if (item.type !== 'map') return false;
        const entry = item.entries.get(key);
        matched = entry !== undefined && (value === '' || textOf(entry.value) === value);
      }
    }
    if (!matched) return false;
  }
  return true;
}

function appendElements(target: ListNode, more: ListNode, keys: readonly string[]): ListNode {
  for (const item of [...more.items]) {
    if (keys[0] === '') {
      setElement(target, [''], [textOf(item)], item);
      continue;
    }
    const values: string[] = [];
    for (const key of keys) {
      const value = item.type === 'map' ? item.entries.get(key)?.value : undefined;
      if (value === undefined) target.items.push(item);
      else values.push(textOf(value));
    }
    if (keys.length > 1) setElement(target, keys, values, undefined);
    setElement(target, keys, values, item);
  }
  return target;
}

function mismatch(dest: Node, patch: Node): never {
  const name = (node: Node): string =>
    node.type === 'map' ? 'a mapping' : node.type === 'list' ? 'a list' : 'a single value';
  fail(
    'patch-type',
    `the patch has ${name(patch)} where the object has ${name(dest)} (${dest.origin.file}:${dest.origin.line})`,
    'Give the field in the patch the type that it has in the object.',
    patch.origin,
  );
}

function badDirective(node: Node): never {
  fail(
    'patch-directive',
    `\`$patch: ${textOf(node)}\` is no directive`,
    'Write `$patch: delete`, `$patch: replace` or `$patch: merge`.',
    node.origin,
  );
}
