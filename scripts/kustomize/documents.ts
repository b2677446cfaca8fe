import { isAlias, isMap, isNode, isScalar, type Pair, type Node as SyntaxNode, visit } from 'yaml';
import { type MapNode, map, type Node, type Origin } from '../yaml/node.ts';
import type { YamlFile } from '../yaml/parse.ts';
import { resolvePlain } from '../yaml/scalar.ts';
import { kindOf, nameOf } from './resource.ts';
import { isNull } from './scalars.ts';
import { fail, unsupported } from './stop.ts';

const separator = /^---.*$/gm;
const internalAnnotation =
  /^(?:internal\.config\.kubernetes\.io\/|config\.kubernetes\.io\/(?:index|path|id|origin)$|config\.k8s\.io\/id$|alpha\.config\.kubernetes\.io\/transformations$)/;

/**
 * The objects of a file, as kustomize reads them: lists are taken apart, empty documents dropped. The nodes belong to
 * the parsed file: clone them before any change.
 */
export function objectsOf(yaml: YamlFile): readonly MapNode[] {
  let objects = known.get(yaml);
  if (!objects) {
    objects = readObjects(yaml);
    known.set(yaml, objects);
  }
  return objects;
}

const known = new WeakMap<YamlFile, readonly MapNode[]>();

function readObjects(yaml: YamlFile): MapNode[] {
  const start: Origin = { file: yaml.file, line: 1, column: 1 };
  for (const problem of yaml.problems) {
    if (problem.code === 'duplicate-key')
      fail(
        'duplicate-key',
        `${problem.message}: kustomize refuses an object that has a key twice`,
        'Remove one of the two.',
        problem.origin,
      );
    fail('yaml', problem.message, 'Correct the YAML.', problem.origin);
  }
  checkSeparators(yaml, start);
  checkSyntax(yaml);
  const documents = yaml.documents.map(({ node }) => node).filter((node): node is Node => node !== undefined);
  const only = documents.length === 1 && yaml.documents.length === 1 ? documents[0] : undefined;
  if (only?.type === 'map' && ['List', 'ResourceList'].includes(kindOf(only)) && only.entries.has('items')) {
    const list = only.entries.get('items')?.value as Node;
    return expand(list.type === 'list' ? list.items : []);
  }
  return expand(documents);
}

function checkSeparators(yaml: YamlFile, start: Origin): void {
  const { text } = yaml;
  if (/^%/m.test(text)) unsupported('YAML directives', start);
  if (/^\.\.\./m.test(text) && yaml.documents.length > 1)
    unsupported('a document that ends with `...`', start);
  for (const match of text.matchAll(separator)) {
    const rest = match[0].slice(3).trim();
    if (rest === '' || rest.startsWith('#')) continue;
    if (match.index === 0) continue;
    fail(
      'document-separator',
      `\`${match[0].trim()}\` is no document separator to kustomize`,
      'Write `---` alone on its line.',
      yaml.originOf(match.index),
    );
  }
}

// Cheap signs that a file may have something for `checkSyntax`.
const suspicious =
  /\{|[:-]\s+>[-+\d]*\s*(?:#.*)?$|(?:^|[\s{,?-])(?:[-+.]?\d[^\s:]*|true|false|null|~|\?)\s*:|^\s*\? |[\s,[{]!|\.(?:inf|nan)\b/im;

/**
 * What the tree no longer shows: tags and infinite numbers; `{a: }` is null to a reader but becomes an empty text on its way through kustomize,
 * a plain key that is no text (`1:`, `true:`) stops it, and folded text (`>`) with indented lines or with several line
 * breaks at its end gains line breaks.
 */
function checkSyntax(yaml: YamlFile): void {
  if (!suspicious.test(yaml.text)) return;
  for (const { syntax } of yaml.documents)
    visit(syntax, (_index, node) => {
      const feature = isNode(node) ? oddity(node) : undefined;
      if (feature !== undefined) unsupported(feature, yaml.originOf((node as SyntaxNode).range?.[0] ?? 0));
    });
}

function oddity(node: SyntaxNode): string | undefined {
  if (!isAlias(node) && node.tag !== undefined) return `the tag ${node.tag}`;
  if (isMap(node)) return node.items.map((pair) => oddPair(pair, node.flow === true)).find(Boolean);
  if (!isScalar(node)) return undefined;
  const text = String(node.value);
  if (node.type === 'PLAIN' && /^[-+]?\.(?:inf|nan)$/i.test(text)) return `the number ${text}`;
  return node.type === 'BLOCK_FOLDED' && /(?:^|\n)[ \t]|\n\n$/.test(text)
    ? 'folded text with indented lines'
    : undefined;
}

function oddPair({ key, value }: Pair, flow: boolean): string | undefined {
  const isEmpty = value === null || (isScalar(value) && value.type === 'PLAIN' && value.source === '');
  if (flow && isEmpty) return 'an empty value in a flow mapping';
  if (!isScalar(key)) return 'a key that is no text';
  const name = String(key.value ?? '');
  return key.type === 'PLAIN' && resolvePlain(name) !== name
    ? `the key \`${name}\`, which is no text`
    : undefined;
}

function expand(nodes: readonly Node[]): MapNode[] {
  const result: MapNode[] = [];
  const queue = nodes.filter((node) => !isEmpty(node));
  for (const node of queue) checkObject(node);
  while (queue.length > 0) {
    const node = queue.shift() as MapNode;
    const inner = kindOf(node).endsWith('List') ? node.entries.get('items')?.value : undefined;
    if (inner === undefined) {
      result.push(node);
      continue;
    }
    if (isNull(inner)) continue;
    if (inner.type !== 'list')
      fail(
        'list-items',
        '`items` of a list must be a list',
        'Write the objects as list items.',
        inner.origin,
      );
    const contained = inner.items.filter((item) => !isEmpty(item));
    for (const item of contained) checkObject(item);
    queue.push(...contained);
  }
  return result;
}

const isEmpty = (node: Node): boolean =>
  isNull(node) ||
  (node.type === 'map' && node.entries.size === 0) ||
  (node.type === 'list' && node.items.length === 0);

function checkObject(node: Node): asserts node is MapNode {
  const object = node.type === 'map' ? node : map(node.origin);
  const kind = kindOf(object);
  if (kind === '')
    fail('no-kind', 'an object without a kind', 'Give it `apiVersion` and `kind`.', node.origin);
  if (!kind.endsWith('List') && nameOf(object) === '')
    fail('no-name', `a ${kind} without metadata.name`, 'Give it a name.', node.origin);
  const metadata = object.entries.get('metadata')?.value;
  const annotations = metadata?.type === 'map' ? metadata.entries.get('annotations') : undefined;
  if (annotations?.value.type === 'list') unsupported('annotations that are a list', annotations.origin);
  if (annotations?.value.type === 'map')
    for (const [key, { origin }] of annotations.value.entries)
      if (internalAnnotation.test(key)) unsupported(`the internal annotation ${key}`, origin);
}
