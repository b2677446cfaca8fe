import {
  clone,
  type ListNode,
  type MapNode,
  type Node,
  type Origin,
  type ScalarNode,
} from '../../yaml/node.ts';
import type { BuildContext } from '../context.ts';
import { elementPart, type Finder, fieldParts, findSlots, wrongPath } from '../field-path.ts';
import type { Slot } from '../field-spec.ts';
import { checkShape, flag, items, type Kustomization, scalarAt, stringOf, text } from '../kustomization.ts';
import { replacementShape } from '../kustomization-shape.ts';
import { loadYaml } from '../load.ts';
import { currentId, isSelected, previousIds, type Resource, type ResourceId } from '../resource.ts';
import { isNull, legacyValue, plain, rewritten, tagOf, textOf } from '../scalars.ts';
import { matchesId, matchesLabels, readSelector, type Selector } from '../selector.ts';
import { fail, unsupported } from '../stop.ts';
import type { Transformer } from './transformer.ts';

interface FieldOptions {
  readonly delimiter: string;
  readonly index: number;
  readonly create: boolean;
}

interface Source {
  readonly node: Node;
  readonly id: Partial<ResourceId>;
  readonly fieldPath: string;
  readonly pathOrigin: Origin;
  readonly options: FieldOptions;
}

interface Target {
  readonly node: Node;
  readonly select: Selector;
  readonly reject: readonly Selector[];
  readonly fieldPaths: readonly { readonly path: string; readonly origin: Origin }[];
  readonly options: FieldOptions;
}

interface Replacement {
  readonly source: Source | ScalarNode;
  readonly targets: readonly Target[];
}

/** What is copied, and the place to blame for it. */
interface Value {
  readonly node: Node;
  readonly keyOrigin: Origin;
}

/** `replacements`: copies a value from one object into fields of others. */
export const replacements: Transformer = (context, kustomization) => {
  const all = items(kustomization.node, 'replacements').flatMap((item) =>
    sourcesOf(context, kustomization, item).map(readReplacement),
  );
  if (all.length === 0) return undefined;
  return (resources) => {
    for (const { source, targets } of all) {
      const value = 'type' in source ? ownValue(source) : sourceValue(resources, source);
      for (const target of targets) {
        const matched = copyInto(resources, target, value);
        context.notices.push({
          code: 'unmatched-replacement-target',
          message: matched ? '' : 'this replacement target selects no object, so nothing is replaced',
          fix: matched ? '' : 'Correct `select`, or remove the target.',
          origin: target.node.origin,
          matched,
          ...(matched ? {} : { candidates: resources.map(({ node }) => node) }),
        });
      }
    }
  };
};

function sourcesOf(context: BuildContext, kustomization: Kustomization, item: Node): readonly Node[] {
  const path = scalarAt(item, 'path');
  if (path === undefined || stringOf(path) === '') return [item];
  if (item.type === 'map' && ['source', 'targets'].some((key) => item.entries.has(key)))
    fail(
      'replacement',
      'a replacement has both `path` and content of its own',
      'Keep either `path`, or `source` and `targets`.',
      item.origin,
    );
  const yaml = loadYaml(context, kustomization.directory, stringOf(path), path.origin);
  const syntax = yaml.problems.find(({ code }) => code !== 'duplicate-key');
  if (syntax) fail('yaml', syntax.message, 'Correct the YAML.', syntax.origin);
  const node = yaml.documents[0]?.node;
  const found = node?.type === 'list' ? node.items : node?.type === 'map' ? [node] : undefined;
  if (!found)
    return fail(
      'replacement',
      `${yaml.file} holds no replacement`,
      'Write one replacement, or a list of them.',
      path.origin,
    );
  // Unlike the kustomization itself this file is read leniently.
  for (const each of found) checkShape({ ...context, notices: [] }, each, replacementShape, '', true);
  return found;
}

function readReplacement(item: Node): Replacement {
  const entries = item.type === 'map' ? item.entries : undefined;
  const source = entries?.get('source')?.value;
  const own = entries?.get('sourceValue')?.value;
  const hasSource = source !== undefined && !isNull(source);
  const hasOwn = own?.type === 'scalar' && !isNull(own);
  const targets = entries?.get('targets')?.value;
  if (hasSource === hasOwn || targets === undefined || isNull(targets))
    fail(
      'replacement',
      'a replacement needs one source and at least one target',
      'Give it `source` (or `sourceValue`) and `targets`.',
      item.origin,
    );
  return {
    source: hasOwn ? own : readSource(source as Node),
    targets: items(item, 'targets').map(readTarget),
  };
}

function readSource(node: Node): Source {
  const path = scalarAt(node, 'fieldPath');
  return {
    node,
    id: {
      group: text(node, 'group'),
      version: text(node, 'version'),
      kind: text(node, 'kind'),
      name: text(node, 'name'),
      namespace: text(node, 'namespace'),
    },
    fieldPath: text(node, 'fieldPath') || 'metadata.name',
    pathOrigin: path?.origin ?? node.origin,
    options: readOptions(node),
  };
}

function readTarget(node: Node): Target {
  const select = node.type === 'map' ? node.entries.get('select')?.value : undefined;
  if (select === undefined || isNull(select))
    fail('replacement', 'a replacement target needs `select`', 'Say which objects it is for.', node.origin);
  const paths = items(node, 'fieldPaths').map((item) => ({
    path: item.type === 'scalar' ? stringOf(item) : '',
    origin: item.origin,
  }));
  return {
    node,
    select: readSelector(select),
    reject: items(node, 'reject')
      .filter((item) => !isNull(item))
      .map(readSelector),
    fieldPaths: paths.length > 0 ? paths : [{ path: 'metadata.name', origin: node.origin }],
    options: readOptions(node),
  };
}

function readOptions(node: Node): FieldOptions {
  const options = node.type === 'map' ? node.entries.get('options')?.value : undefined;
  const index = scalarAt(options, 'index');
  return {
    delimiter: text(options, 'delimiter'),
    index: index === undefined ? 0 : Number(legacyValue(index)),
    create: flag(options, 'create'),
  };
}

function ownValue(node: ScalarNode): Value {
  return { node: plain(stringOf(node), node.origin), keyOrigin: node.origin };
}

const allIds = (resource: Resource): ResourceId[] => [currentId(resource), ...previousIds(resource)];

function sourceValue(resources: readonly Resource[], source: Source): Value {
  const { id } = source;
  const selected = resources.filter((resource) =>
    allIds(resource).some(
      (own) =>
        (!id.name || id.name === own.name) &&
        (!id.namespace || id.namespace === (own.namespace || 'default')) &&
        isSelected(own, id),
    ),
  );
  const name = [id.kind, id.name].filter(Boolean).join(' ') || 'the source';
  const [resource, another] = selected;
  if (resource === undefined)
    fail(
      'replacement-source',
      `no object matches the source ${name} of this replacement`,
      'Correct the source, or include the object that it names.',
      source.node.origin,
    );
  if (another !== undefined)
    fail(
      'replacement-source',
      `${selected.length} objects match the source ${name} of this replacement`,
      'Name the kind, name and namespace of one of them.',
      source.node.origin,
    );
  const value = lookup(resource.node, source);
  if (value === undefined || isEmpty(value.node))
    fail(
      'replacement-source',
      `${name} has no field \`${source.fieldPath}\``,
      'Correct `fieldPath`; write a dot within a key as `\\.`.',
      source.pathOrigin,
    );
  const { delimiter, index } = source.options;
  if (delimiter === '') return value;
  if (value.node.type !== 'scalar')
    fail(
      'replacement-delimiter',
      'only a single value can be split',
      'Remove `delimiter`.',
      source.node.origin,
    );
  const part = textOf(value.node).split(delimiter)[index];
  if (part === undefined)
    fail(
      'replacement-index',
      `\`${textOf(value.node)}\` has no part ${index} at \`${delimiter}\``,
      'Correct `index`; it counts from 0.',
      source.node.origin,
    );
  return {
    node: rewritten(value.node, part, tagOf(value.node), value.node.origin),
    keyOrigin: value.keyOrigin,
  };
}

const isEmpty = (node: Node): boolean =>
  isNull(node) ||
  (node.type === 'map' && node.entries.size === 0) ||
  (node.type === 'list' && node.items.length === 0);

const indexPart = /^[+-]?\d+$/;

function lookup(root: MapNode, source: Source): Value | undefined {
  let node: Node | undefined = root;
  let keyOrigin: Origin = root.origin;
  for (const raw of fieldParts(source.fieldPath)) {
    const part = raw.trim();
    if (part === '' || part === '-' || part === '*')
      unsupported(`the source path \`${source.fieldPath}\``, source.pathOrigin);
    if (node === undefined || isNull(node)) return undefined;
    const element = elementPart.exec(part);
    if (element || indexPart.test(part)) {
      if (node.type !== 'list') wrongPath(source.fieldPath, part, source.pathOrigin);
      node = element
        ? matchingElement(node, element[1] as string, element[2] as string)
        : node.items[Number(part)];
      keyOrigin = node?.origin ?? keyOrigin;
      continue;
    }
    if (node.type !== 'map') wrongPath(source.fieldPath, part, source.pathOrigin);
    const entry: { origin: Origin; value: Node } | undefined = node.entries.get(part);
    node = entry?.value;
    keyOrigin = entry?.origin ?? keyOrigin;
  }
  return node === undefined ? undefined : { node, keyOrigin };
}

const matchingElement = (node: ListNode, key: string, value: string): Node | undefined =>
  node.items.find((item) => {
    if (key === '') return item.type === 'scalar' && textOf(item) === value;
    const found = item.type === 'map' ? item.entries.get(key)?.value : undefined;
    return found !== undefined && textOf(found) === value;
  });

function copyInto(resources: readonly Resource[], target: Target, value: Value): boolean {
  let matched = false;
  for (const resource of resources) {
    const { node } = resource;
    if (!matchesLabels(target.select, node)) continue;
    if (target.reject.some((each) => each.hasLabels && matchesLabels(each, node))) continue;
    const ids = allIds(resource);
    if (target.reject.some((each) => !each.anyId && ids.some((id) => matchesId(each, id)))) continue;
    if (!ids.some((id) => matchesId(target.select, id))) continue;
    matched = true;
    for (const field of target.fieldPaths) setField(node, field, target.options, value);
  }
  return matched;
}

function setField(
  root: MapNode,
  { path, origin }: Target['fieldPaths'][number],
  options: FieldOptions,
  value: Value,
): void {
  const finder: Finder = {
    path,
    origin,
    kind: options.create ? value.node.type : undefined,
    keyOrigin: value.keyOrigin,
  };
  const slots = findSlots({ node: root, replace: () => undefined }, fieldParts(path), finder);
  if (slots.length === 0)
    fail(
      'replacement-field',
      `no field \`${path}\` in the object that this replacement selects`,
      'Correct the path, narrow `select`, or add `options: {create: true}`.',
      origin,
    );
  for (const slot of slots) write(slot, options, value, origin);
}

function write(slot: Slot, options: FieldOptions, value: Value, origin: Origin): void {
  const target = slot.node;
  if (options.delimiter === '' && target.type !== 'scalar') {
    slot.replace(clone(value.node), value.keyOrigin);
    return;
  }
  if (target.type !== 'scalar')
    fail('replacement-delimiter', 'only a single value can be split', 'Remove `delimiter`.', origin);
  // A field that was just made is empty too, but of open type.
  if (isNull(target) && tagOf(target) !== 'none')
    unsupported('a replacement of an empty field', target.origin);
  if (value.node.type !== 'scalar')
    unsupported('a replacement of a single value by a mapping or list', value.node.origin);
  let copied = textOf(value.node);
  if (options.delimiter !== '') {
    const parts = textOf(target).split(options.delimiter);
    if (options.index < 0) parts.unshift(copied);
    else if (options.index >= parts.length) parts.push(copied);
    else parts[options.index] = copied;
    copied = parts.join(options.delimiter);
  }
  const tag = tagOf(target);
  const result = rewritten(target, copied, tag, value.node.origin);
  // The old type stays with the new text; where the two differ the YAML would carry an explicit tag.
  if (tag === 'other' && typeof result.value !== typeof target.value)
    unsupported('a replacement that changes the type of a value', value.node.origin);
  // Block and flow style differ in what an empty value of open type becomes.
  if (isNull(result)) unsupported('a replacement by nothing', value.node.origin);
  slot.replace(result, value.keyOrigin);
}
