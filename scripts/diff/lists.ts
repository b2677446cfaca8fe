/** Which item of a list before is which item after: by Kubernetes' merge keys, not by its place. */

import mergeKeyData from '../kustomize/data/merge-keys.json' with { type: 'json' };
import type { Json } from '../yaml/node.ts';
import { canonical, get, isMap } from './json.ts';

interface MergeList {
  readonly keys: readonly string[];
  readonly type?: string;
}
const { kinds, types } = mergeKeyData as {
  readonly kinds: Readonly<Record<string, string>>;
  readonly types: Readonly<Record<string, Readonly<Record<string, string | MergeList>>>>;
};

/** What is known of a value's type: of a mapping its name, of a list its keys; undefined where nothing is. */
export type KnownType = string | MergeList | undefined;

export const typeOfObject = (apiVersion: string, kind: string): KnownType => kinds[`${apiVersion} ${kind}`];

export const typeOfField = (type: KnownType, field: string): KnownType =>
  typeof type === 'string' ? types[type]?.[field] : undefined;

export const typeOfItem = (type: KnownType): KnownType => (typeof type === 'object' ? type.type : undefined);

// What the API server fills in before it looks at the keys.
const defaults: Readonly<Record<string, Json>> = { protocol: 'TCP' };

// Lists that do not merge, such as claim templates, rules of an Ingress and those of custom kinds, still have items that
// people know by a name.
const likely: readonly (readonly string[])[] = [
  ['name'],
  ['metadata', 'name'],
  ['key'],
  ['host'],
  ['path'],
  ['id'],
];

export interface MatchedItem {
  /** For people: `kafka`, `9092/TCP`, or its index. */
  readonly label: string;
  /** Index before and after; undefined where it is not there. */
  readonly before: number | undefined;
  readonly after: number | undefined;
}

export interface MatchedList {
  /** In the order after, what was removed last. */
  readonly items: readonly MatchedItem[];
  /** Whether items that are on both sides stand in another order. */
  readonly reordered: boolean;
}

/** Pairs the items of two lists of mappings. */
export function matchItems(before: readonly Json[], after: readonly Json[], type: KnownType): MatchedList {
  const own = typeof type === 'object' && type.keys.length > 0 ? [type.keys.map((key) => [key])] : [];
  for (const keys of [...own, ...likely.map((key) => [key])]) {
    const [left, right] = [labelsBy(before, keys), labelsBy(after, keys)];
    if (left && right) return matchByLabel(left, right);
  }
  return matchByValue(before, after);
}

/** A label for each item, or undefined where they do not tell all items apart. */
function labelsBy(items: readonly Json[], keys: readonly (readonly string[])[]): string[] | undefined {
  const labels: string[] = [];
  for (const item of items) {
    const parts = keys.map((key) => get(item, key) ?? defaults[key[0] ?? '']);
    if (!isMap(item) || parts.some((part) => typeof part !== 'string' && typeof part !== 'number'))
      return undefined;
    labels.push(parts.join('/'));
  }
  return new Set(labels).size === labels.length ? labels : undefined;
}

function matchByLabel(before: readonly string[], after: readonly string[]): MatchedList {
  const places = new Map(before.map((label, index) => [label, index]));
  const kept = new Set(after);
  const items = [
    ...after.map((label, index) => ({ label, before: places.get(label), after: index })),
    ...before.flatMap((label, index) =>
      kept.has(label) ? [] : [{ label, before: index, after: undefined }],
    ),
  ];
  return { items, reordered: isReordered(items) };
}

/** Equal items first, wherever they stand; of the others the first with the first. */
function matchByValue(before: readonly Json[], after: readonly Json[]): MatchedList {
  const places = new Map<string, number[]>();
  before.forEach((item, index) => {
    const key = canonical(item);
    places.set(key, [...(places.get(key) ?? []), index]);
  });
  const equals = after.map((item) => places.get(canonical(item))?.shift());
  const taken = new Set(equals);
  const left = before.map((_, index) => index).filter((index) => !taken.has(index));
  const items = after.map((_, index) => ({
    label: String(index),
    before: equals[index] ?? left.shift(),
    after: index,
  }));
  const equal = items.filter(({ after: place }) => equals[place] !== undefined);
  return {
    items: [...items, ...left.map((index) => ({ label: String(index), before: index, after: undefined }))],
    reordered: isReordered(equal),
  };
}

function isReordered(items: readonly MatchedItem[]): boolean {
  let last = -1;
  for (const { before, after } of items) {
    if (before === undefined || after === undefined) continue;
    if (before < last) return true;
    last = before;
  }
  return false;
}
