import type { Node, Origin, Scalar, ScalarNode } from '../yaml/node.ts';
import { resolvePlain } from '../yaml/scalar.ts';
import { unsupported } from './stop.ts';

// Kustomize edits the text of a scalar and keeps the type tag that its reader gave it. What a value finally is follows
// from both, and from its quotes; these functions hold that rule in one place.

/** The type a reader has given a scalar: `none` where kustomize wrote the text itself and left the type open. */
export type Tag = 'string' | 'other' | 'none';

const legacyTrue = new Set(['y', 'Y', 'yes', 'Yes', 'YES', 'on', 'On', 'ON']);
const legacyFalse = new Set(['n', 'N', 'no', 'No', 'NO', 'off', 'Off', 'OFF']);
const untagged = new WeakSet<ScalarNode>();

export const isNull = (node: Node | undefined): boolean => node?.type === 'scalar' && node.value === null;
export const isMissing = (node: Node | undefined): boolean => node === undefined || isNull(node);

/** The text of a scalar as it is written, without its quotes; empty for mappings and lists. */
export function textOf(node: Node | undefined): string {
  if (node?.type !== 'scalar') return '';
  if (node.source !== undefined) return node.source;
  return node.value === null ? 'null' : String(node.value);
}

export function tagOf(node: ScalarNode): Tag {
  if (untagged.has(node)) return 'none';
  if (typeof node.value !== 'string') return 'other';
  // A date is written plainly and read as a timestamp, although its value is text.
  return node.style === 'plain' && node.source !== undefined && resolvePlain(node.source) !== node.source
    ? 'other'
    : 'string';
}

// What kustomize writes itself it puts into quotes, or a block, where a reader would take it for something else.
const quotedBySelf = ({ value }: ScalarNode): boolean =>
  typeof value === 'string' &&
  (value.includes('\n') || legacyTrue.has(value) || legacyFalse.has(value) || resolvePlain(value) !== value);

const isQuoted = (node: ScalarNode): boolean =>
  node.style === undefined ? quotedBySelf(node) : node.style !== 'plain';

/** A scalar with other text in the place, and in the quotes, of an existing one. */
export function rewritten(existing: ScalarNode, text: string, tag: Tag, origin: Origin): ScalarNode {
  const quoted = existing.value !== null && isQuoted(existing);
  if (tag === 'string' || quoted)
    return {
      type: 'scalar',
      value: text,
      ...(quoted ? { style: existing.style } : { style: 'plain' }),
      origin,
    };
  const node: ScalarNode = {
    type: 'scalar',
    value: resolvePlain(text),
    style: 'plain',
    source: text,
    origin,
  };
  if (tag === 'none') untagged.add(node);
  return node;
}

/** A new scalar of open type, as plain text would be read. */
export function plain(text: string, origin: Origin): ScalarNode {
  const node: ScalarNode = {
    type: 'scalar',
    value: resolvePlain(text),
    style: 'plain',
    source: text,
    origin,
  };
  untagged.add(node);
  return node;
}

/** Takes away quotes and notation, as a way through JSON does: only the value, and with it the type, is left. */
export function settle(node: ScalarNode): void {
  delete node.style;
  delete node.source;
  untagged.delete(node);
}

/**
 * A strategic merge puts quotes around text of open type that would not be read as text: a port that a replacement has
 * made is an integer until some patch touches the object, and text from then on.
 */
export function quoteOpen(node: ScalarNode): void {
  if (!untagged.has(node) || typeof node.value === 'string' || !node.source) return;
  node.value = node.source;
  node.style = 'double-quoted';
  delete node.source;
  untagged.delete(node);
}

/**
 * The value as the older reader (go-yaml v2) has it, with which kustomize reads kustomizations and JSON 6902 patches:
 * `yes` and `on` are true, dates stay text.
 */
export function legacyValue(node: ScalarNode): Scalar {
  if (node.style !== 'plain' || node.source === undefined) return node.value;
  if (legacyTrue.has(node.source)) return true;
  if (legacyFalse.has(node.source)) return false;
  return typeof node.value === 'string' ? node.source : node.value;
}

/** Refuses a key that one of kustomize's readers takes for something else than text: `n`, `on`, `5`, `true`. */
export function refuseOddKey(key: string, origin: Origin): void {
  if (legacyTrue.has(key) || legacyFalse.has(key) || resolvePlain(key) !== key)
    unsupported(`the key \`${key}\`, which is no text to every YAML reader`, origin);
}

/** Refuses a key that would be no text if kustomize wrote it without quotes, as it does with keys of its own making. */
export function refuseOpenKey(key: string, origin: Origin): void {
  if (resolvePlain(key) !== key) unsupported(`the key \`${key}\``, origin);
}
