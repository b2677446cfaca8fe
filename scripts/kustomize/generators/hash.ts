import { createHash } from 'node:crypto';
import { at, type Json, type JsonObject, type MapNode, toJson } from '../../yaml/node.ts';
import { mapSlot, type Slot, setText } from '../field-spec.ts';
import { kindOf, nameOf, type Resource, storePreviousId } from '../resource.ts';
import { textOf } from '../scalars.ts';
import { unsupported } from '../stop.ts';

/** Appends the hash of their content to the names of generated objects. */
export function addHashes(resources: readonly Resource[]): void {
  for (const resource of resources) {
    if (!resource.needsHash) continue;
    const { node } = resource;
    const hash = contentHash(node);
    storePreviousId(resource);
    const slot = mapSlot(node.entries.get('metadata')?.value as MapNode, 'name') as Slot;
    setText(slot, `${nameOf(node)}-${hash}`, 'none', slot.node.origin, undefined);
  }
}

/**
 * The ten characters that kustomize makes from a ConfigMap or Secret (sigs.k8s.io/kustomize/api/hasher): SHA-256 over
 * its data as JSON, with characters that could form words exchanged. The name does not count.
 */
export function contentHash(node: MapNode): string {
  const content: JsonObject = { kind: kindOf(node), name: '', data: part(node, 'data') };
  if (kindOf(node) === 'Secret') {
    content['type'] = part(node, 'type');
    addIfMap(content, node, 'stringData');
  } else if (kindOf(node) === 'ConfigMap') addIfMap(content, node, 'binaryData');
  else unsupported(`the hash of a ${kindOf(node)}`, node.origin);
  const hex = createHash('sha256').update(goJson(content)).digest('hex').slice(0, 10);
  return hex.replace(/[013ae]/g, (digit) => exchanged[digit] as string);
}

const exchanged: Readonly<Record<string, string>> = { 0: 'g', 1: 'h', 3: 'k', a: 'm', e: 't' };

function part(node: MapNode, field: string): Json {
  const found = at(node, [field]);
  if (found === undefined) return '';
  return found.type === 'scalar' ? textOf(found) : toJson(found);
}

function addIfMap(content: JsonObject, node: MapNode, field: string): void {
  if (at(node, [field])?.type === 'map') content[field] = part(node, field);
}

/** JSON as Go writes it: keys sorted, and the characters escaped that HTML would take amiss. */
function goJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(goJson).join(',')}]`;
  if (value !== null && typeof value === 'object')
    return `{${Object.keys(value)
      .sort()
      .map((key) => `${goString(key)}:${goJson(value[key] as Json)}`)
      .join(',')}}`;
  return typeof value === 'string' ? goString(value) : JSON.stringify(value);
}

const goString = (value: string): string =>
  JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
