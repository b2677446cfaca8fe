import { podTemplateOf } from '../../kubernetes/pod-template.ts';
import { legacyValue } from '../../kustomize/scalars.ts';
import {
  at,
  entriesAt,
  itemsAt,
  type MapNode,
  type Node,
  type Path,
  type Scalar,
  type ScalarNode,
  textAt,
} from '../../yaml/node.ts';
import type { YamlSubject } from './subject.ts';

/** A plain scalar where Kubernetes takes a string, though YAML reads it as something else. */
export interface Misread {
  readonly node: ScalarNode;
  /** `data.port`, as messages name the field. */
  readonly field: string;
  /** What it becomes. */
  readonly becomes: string;
}

/** The objects of a file, those of lists included. */
export function* objectsOf({ file, role }: YamlSubject): Generator<MapNode> {
  if (role !== 'manifest' && role !== 'patch') return;
  for (const { node } of file.documents) {
    if (node?.type !== 'map') continue;
    const items = textAt(node, ['kind'])?.endsWith('List') ? itemsAt(node, ['items']) : undefined;
    if (items) for (const item of items) yield* item.type === 'map' ? [item] : [];
    else yield node;
  }
}

/** The values of a mapping that are no longer the text that was written. A null reads as an empty string. */
export function* misreadValues(object: Node, path: Path): Generator<Misread> {
  for (const [key, entry] of entriesAt(object, path)) yield* misread(entry.value, [...path, key].join('.'));
}

/** `read` is how the reader of this place resolves plain text. */
export function* misread(
  node: Node | undefined,
  field: string,
  read: (node: ScalarNode) => Scalar = (scalar) => scalar.value,
): Generator<Misread> {
  if (node?.type !== 'scalar' || node.style !== 'plain' || node.source === undefined) return;
  const value = read(node);
  if (value === null || value === node.source) return;
  const becomes = typeof value === 'string' ? `the date ${value}` : `the ${typeof value} ${String(value)}`;
  yield { node, field, becomes };
}

/** The strings of an object apart from its own labels and annotations. */
export function* misreadStrings(object: MapNode): Generator<Misread> {
  const kind = textAt(object, ['kind']) ?? '';
  const core = textAt(object, ['apiVersion']) === 'v1';
  if (core && (kind === 'ConfigMap' || kind === 'Secret'))
    for (const field of ['data', 'stringData', 'binaryData']) yield* misreadValues(object, [field]);
  if (core && kind === 'Service') yield* misreadValues(object, ['spec', 'selector']);
  const template = podTemplateOf({ kind, node: object });
  if (!template) return;
  yield* misreadValues(object, ['spec', 'selector', 'matchLabels']);
  if (template.path.length > 0) {
    yield* misreadValues(object, [...template.path, 'metadata', 'labels']);
    yield* misreadValues(object, [...template.path, 'metadata', 'annotations']);
  }
  yield* misreadValues(object, [...template.specPath, 'nodeSelector']);
  for (const list of ['initContainers', 'containers'])
    for (const container of itemsAt(template.spec, [list])) {
      const name = textAt(container, ['name']) ?? '';
      for (const variable of itemsAt(container, ['env']))
        for (const found of entriesAt(variable, []))
          if (found[0] === 'value')
            yield* misread(
              found[1].value,
              `the variable ${textAt(variable, ['name']) ?? ''} of container ${name}`,
            );
      for (const field of ['command', 'args'])
        for (const item of itemsAt(container, [field])) yield* misread(item, `${field} of container ${name}`);
    }
}

const stringMaps = new Set(['labels', 'matchLabels', 'nodeSelector', 'annotations', 'data', 'stringData']);
const stringLists = new Set(['command', 'args']);

/** The strings that the operations of a JSON patch put in place; kustomize reads their values as YAML 1.1. */
export function* misreadOperations({ file, role }: YamlSubject): Generator<Misread> {
  if (role !== 'patch') return;
  for (const { node } of file.documents)
    for (const operation of itemsAt(node, [])) {
      const path = textAt(operation, ['path']);
      if (path === undefined || textAt(operation, ['op']) === undefined) continue;
      for (const value of stringsAt(path.split('/'), at(operation, ['value'])))
        yield* misread(value, path, legacyValue);
    }
}

function* stringsAt(path: readonly string[], value: Node | undefined): Generator<Node> {
  if (!value) return;
  const [parent = '', last = ''] = path.slice(-2);
  const inPod = path.includes('containers') || path.includes('initContainers');
  if (isStringMap(parent, path, 2)) yield value;
  else if (isStringMap(last, path, 1)) for (const entry of entriesAt(value, []).values()) yield entry.value;
  else if (inPod && ((path.includes('env') && last === 'value') || stringLists.has(parent))) yield value;
  else if (inPod && stringLists.has(last)) yield* itemsAt(value, []);
}

function isStringMap(name: string, path: readonly string[], fromEnd: number): boolean {
  if (!stringMaps.has(name)) return false;
  // Of ConfigMaps and Secrets, which have them at the top.
  if (name === 'data' || name === 'stringData') return path.length - fromEnd === 1;
  // An object's own annotations become strings by themselves.
  return name !== 'annotations' || path.includes('template');
}
