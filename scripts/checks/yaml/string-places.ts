import { podTemplateOf } from '../../kubernetes/pod-template.ts';
import {
  entriesAt,
  itemsAt,
  type MapNode,
  type Node,
  type Path,
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

export function* misread(node: Node | undefined, field: string): Generator<Misread> {
  if (node?.type !== 'scalar' || node.style !== 'plain' || node.source === undefined) return;
  if (node.value === null || node.value === node.source) return;
  const becomes =
    typeof node.value === 'string'
      ? `the date ${node.value}`
      : `the ${typeof node.value} ${String(node.value)}`;
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
