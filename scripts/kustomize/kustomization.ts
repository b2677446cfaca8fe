import { at, itemsAt, type MapNode, type Node, type Origin, type ScalarNode } from '../yaml/node.ts';
import type { YamlFile } from '../yaml/parse.ts';
import type { BuildContext } from './context.ts';
import { kustomizationShape, type Shape } from './kustomization-shape.ts';
import { isNull, legacyValue, refuseOddKey, textOf } from './scalars.ts';
import { fail, unsupported } from './stop.ts';

export const kustomizationFileNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'] as const;

/** A kustomization whose fields are known to have the right types. */
export interface Kustomization {
  readonly node: MapNode;
  readonly directory: string;
  readonly file: string;
  readonly isComponent: boolean;
}

const join = (directory: string, name: string): string => (directory === '.' ? name : `${directory}/${name}`);

/** Reads and checks the kustomization of a directory. */
export function readKustomization(
  context: BuildContext,
  directory: string,
  from: Origin,
  lenient: boolean,
): Kustomization {
  const present = kustomizationFileNames
    .map((name) => join(directory, name))
    .filter((path) => {
      context.reads.add(path);
      const kind = context.sources.files.kind(path);
      if (kind === 'symlink') unsupported(`the symbolic link ${path}`, from);
      return kind === 'file';
    });
  const [file, another] = present;
  if (file === undefined)
    fail(
      'no-kustomization',
      `no kustomization.yaml in \`${directory}\``,
      'Add a kustomization.yaml there, or name the files one by one.',
      from,
    );
  const start: Origin = { file, line: 1, column: 1 };
  if (another !== undefined)
    fail(
      'several-kustomizations',
      `\`${directory}\` has both ${file} and ${another}`,
      'Keep one of them; kustomize refuses two.',
      start,
    );
  const yaml = context.sources.yaml(file);
  if (!yaml) fail('unreadable', `${file} cannot be read`, 'Make it a readable file.', start);
  const node = firstDocument(context, yaml, start);
  return checkKustomization(context, node, directory, file, lenient);
}

function firstDocument(context: BuildContext, yaml: YamlFile, start: Origin): MapNode {
  const document = yaml.documents[0];
  for (const problem of document?.problems ?? []) {
    if (problem.code !== 'duplicate-key') fail('yaml', problem.message, 'Correct the YAML.', problem.origin);
    context.notices.push({
      code: 'duplicate-key',
      message: `${problem.message}: kustomize takes the last one and drops the others in silence`,
      fix: 'Put everything under one key.',
      origin: problem.origin,
      matched: false,
    });
  }
  const node = document?.node;
  if (node === undefined) return { type: 'map', entries: new Map(), origin: start };
  if (node.type !== 'map')
    fail('kustomization', 'a kustomization is a mapping', 'Write its fields as `key: value`.', node.origin);
  return node;
}

/** Checks fields and types as kustomize's strict decoder does; `lenient` drops unknown fields, as Flux does. */
export function checkKustomization(
  context: BuildContext,
  node: MapNode,
  directory: string,
  file: string,
  lenient: boolean,
): Kustomization {
  checkShape(context, node, kustomizationShape, '', lenient);
  const kind = text(node, 'kind') || 'Kustomization';
  const isComponent = kind === 'Component';
  const content = [...node.entries].some(
    ([key, { value }]) => key !== 'kind' && key !== 'apiVersion' && hasContent(value),
  );
  if (!content && !lenient)
    fail(
      'empty-kustomization',
      `${file} is empty`,
      'List its resources; where there are none, write `resources: []`.',
      node.origin,
    );
  if (!isComponent && kind !== 'Kustomization')
    fail(
      'kustomization-kind',
      `\`kind: ${kind}\` is neither Kustomization nor Component`,
      'Write `kind: Kustomization`, or `kind: Component`.',
      at(node, ['kind'])?.origin ?? node.origin,
    );
  const version = isComponent ? 'kustomize.config.k8s.io/v1alpha1' : 'kustomize.config.k8s.io/v1beta1';
  const apiVersion = text(node, 'apiVersion') || version;
  if (apiVersion !== version)
    fail(
      'kustomization-version',
      `the apiVersion of a ${kind} is ${version}, not ${apiVersion}`,
      `Write \`apiVersion: ${version}\`.`,
      at(node, ['apiVersion'])?.origin ?? node.origin,
    );
  refuseUnsupported(node);
  return { node, directory, file, isComponent };
}

const hasContent = (node: Node): boolean => {
  if (node.type !== 'scalar') return true;
  return node.value !== null && node.value !== '';
};

const notInProcess = [
  'openapi',
  'vars',
  'crds',
  'helmGlobals',
  'helmCharts',
  'helmChartInflationGenerator',
  'configurations',
  'generators',
  'transformers',
  'validators',
  'buildMetadata',
];

function refuseUnsupported(node: MapNode): void {
  for (const field of notInProcess) {
    const entry = node.entries.get(field);
    if (!entry) continue;
    const { value } = entry;
    const used = value.type === 'list' ? value.items.length > 0 : !isNull(value);
    if (used) unsupported(`\`${field}\` in a kustomization`, entry.origin);
  }
}

/** Fails where a node does not have the type that kustomize decodes it into. */
export function checkShape(
  context: BuildContext,
  node: Node,
  shape: Shape,
  path: string,
  lenient: boolean,
): void {
  if (isNull(node)) return;
  if (typeof shape === 'string') {
    if (shape === 'any') return;
    const value = node.type === 'scalar' ? legacyValue(node) : undefined;
    const right =
      shape === 'string'
        ? typeof value === 'string'
        : shape === 'bool'
          ? typeof value === 'boolean'
          : typeof value === 'number' && Number.isInteger(value);
    if (!right) wrongType(node, shape, path);
    return;
  }
  if ('list' in shape) {
    if (node.type !== 'list') wrongType(node, 'list', path);
    for (const [index, item] of node.items.entries())
      checkShape(context, item, shape.list, `${path}[${index}]`, lenient);
    return;
  }
  if (node.type !== 'map') wrongType(node, 'mapping', path);
  for (const [key, entry] of node.entries) {
    const inner = path === '' ? key : `${path}.${key}`;
    if ('map' in shape) {
      refuseOddKey(key, entry.origin);
      checkShape(context, entry.value, shape.map, inner, lenient);
    } else {
      const field = Object.hasOwn(shape.fields, key) ? shape.fields[key] : undefined;
      if (field !== undefined) checkShape(context, entry.value, field, inner, lenient);
      else unknownField(context, shape.fields, key, inner, entry.origin, lenient);
    }
  }
}

function unknownField(
  context: BuildContext,
  fields: Readonly<Record<string, Shape>>,
  key: string,
  path: string,
  origin: Origin,
  lenient: boolean,
): void {
  const names = Object.keys(fields);
  // Go's decoder does not mind the case of a key.
  if (names.some((name) => name.toLowerCase() === key.toLowerCase()))
    unsupported(`\`${path}\`, whose case differs from the field's`, origin);
  const near = names.find((name) => name.startsWith(key) || key.startsWith(name));
  const fix = near ? `Write \`${near}\`, or remove it.` : 'Remove it, or correct its name.';
  const message = `kustomize knows no field \`${path}\``;
  if (!lenient) fail('unknown-field', message, fix, origin);
  context.notices.push({
    code: 'unknown-field',
    message: `${message}; Flux drops it in silence`,
    fix,
    origin,
    matched: false,
  });
}

function wrongType(node: Node, wanted: string, path: string): never {
  const article = wanted === 'int' ? 'an integer' : `a ${wanted}`;
  const quotes =
    wanted === 'string' && node.type === 'scalar' ? ` Put it into quotes: \`"${textOf(node)}"\`.` : '';
  fail(
    'field-type',
    `\`${path}\` must be ${article}`,
    `Give it the type that kustomize expects.${quotes}`,
    node.origin,
  );
}

/** The scalar below a key, if it is there and not null. */
export function scalarAt(node: Node | undefined, key: string): ScalarNode | undefined {
  const found = node?.type === 'map' ? node.entries.get(key)?.value : undefined;
  return found?.type === 'scalar' && found.value !== null ? found : undefined;
}

/** A string field of a checked kustomization; empty where it is missing. */
export function text(node: Node | undefined, key: string): string {
  const found = scalarAt(node, key);
  return found === undefined ? '' : String(legacyValue(found));
}

export function flag(node: Node | undefined, key: string): boolean {
  const found = scalarAt(node, key);
  return found !== undefined && legacyValue(found) === true;
}

export const items = (node: Node | undefined, key: string): readonly Node[] => itemsAt(node, [key]);

/** The scalars of a list of strings; null items count as empty strings. */
export const scalars = (node: Node | undefined, key: string): readonly ScalarNode[] =>
  items(node, key).filter((item): item is ScalarNode => item.type === 'scalar');

export const stringOf = (node: ScalarNode): string => (node.value === null ? '' : String(legacyValue(node)));

export interface Pair {
  readonly key: string;
  readonly value: string;
  readonly keyOrigin: Origin;
  readonly origin: Origin;
}

/** The entries of a mapping of strings. */
export function pairs(node: Node | undefined, key: string): Pair[] {
  const found = node?.type === 'map' ? node.entries.get(key)?.value : undefined;
  if (found?.type !== 'map') return [];
  return [...found.entries].map(([name, { origin, value }]) => ({
    key: name,
    value: value.type === 'scalar' ? stringOf(value) : '',
    keyOrigin: origin,
    origin: value.origin,
  }));
}
