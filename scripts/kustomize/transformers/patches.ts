import {
  clone,
  type MapEntry,
  type MapNode,
  type Node,
  type Origin,
  type ScalarNode,
} from '../../yaml/node.ts';
import type { YamlFile } from '../../yaml/parse.ts';
import type { BuildContext } from '../context.ts';
import { objectsOf } from '../documents.ts';
import { flag, items, type Kustomization, scalarAt, scalars, stringOf, text } from '../kustomization.ts';
import { inlineYaml, loadYaml } from '../load.ts';
import { applyJsonPatch, type JsonPatch, readJsonPatch } from '../merge/json6902.ts';
import { mergeStrategic } from '../merge/strategic.ts';
import {
  currentId,
  describeId,
  findTwins,
  gvkOf,
  kindOf,
  matchesAnyId,
  nameOf,
  nameOrigin,
  namespaceOf,
  type Resource,
  type ResourceId,
  storePreviousId,
} from '../resource.ts';
import { isNull, refuseOpenKey, textOf } from '../scalars.ts';
import { readSelector, type Selector, selects } from '../selector.ts';
import { fail, unsupported } from '../stop.ts';
import type { Transformer } from './transformer.ts';

interface Options {
  readonly allowNameChange: boolean;
  readonly allowKindChange: boolean;
}

/** `patchesStrategicMerge`: every patch must find its one object. */
export const strategicPatches: Transformer = (context, kustomization) => {
  const patches = scalars(kustomization.node, 'patchesStrategicMerge').flatMap((entry) =>
    strategicPatchesOf(context, kustomization, entry),
  );
  if (patches.length === 0) {
    const entry = kustomization.node.entries.get('patchesStrategicMerge');
    if (entry?.value.type === 'list' && entry.value.items.length > 0)
      fail('empty-patch', 'the patches are empty', 'Write the patch, or remove the entry.', entry.origin);
    return undefined;
  }
  return (resources) => {
    for (const patch of patches) {
      const target = onlyTarget(resources, patch);
      patchStrategically(target, asTargeted(patch, target), {
        allowNameChange: false,
        allowKindChange: false,
      });
      dropDeleted(resources);
      refuseConflicts(resources);
    }
  };
};

function strategicPatchesOf(
  context: BuildContext,
  kustomization: Kustomization,
  entry: ScalarNode,
): readonly MapNode[] {
  // The entry may be the patch itself: kustomize tries that first.
  if (stringOf(entry).includes('\n') || /^\s*[{\w]+\s*:/.test(stringOf(entry))) {
    const yaml = inlineYaml(context, entry);
    if (yaml.problems.length === 0 && yaml.documents.some(({ node }) => node?.type === 'map'))
      return objectsOf(yaml);
  }
  return objectsOf(loadYaml(context, kustomization.directory, stringOf(entry), entry.origin));
}

/** `patches`: strategic or JSON 6902, for a target or for the object that the patch itself names. */
export const patches: Transformer = (context, kustomization) => {
  const steps = items(kustomization.node, 'patches').map((item) => patchStep(context, kustomization, item));
  if (steps.length === 0) return undefined;
  return (resources) => {
    for (const step of steps) {
      step(resources);
      dropDeleted(resources);
    }
  };
};

function patchStep(
  context: BuildContext,
  kustomization: Kustomization,
  item: Node,
): (resources: Resource[]) => void {
  const inline = scalarAt(item, 'patch');
  const path = scalarAt(item, 'path');
  const hasInline = inline !== undefined && stringOf(inline).trim() !== '';
  const hasPath = path !== undefined && stringOf(path) !== '';
  if (hasInline === hasPath)
    fail(
      'patch-source',
      hasInline ? 'a patch has both `patch` and `path`' : 'a patch has neither `patch` nor `path`',
      'Give it exactly one of `patch` and `path`.',
      item.origin,
    );
  const yaml = hasInline
    ? inlineYaml(context, inline, 'trimmed')
    : loadYaml(context, kustomization.directory, stringOf(path as ScalarNode), (path as ScalarNode).origin);
  if (hasInline && /^\s*\n?[ \t]+\S/.test(String(inline.value)) && inline.style === 'block')
    unsupported('a patch that is indented within itself', inline.origin);
  const target = item.type === 'map' ? item.entries.get('target')?.value : undefined;
  const selector = target === undefined || isNull(target) ? undefined : readSelector(target);
  const where = (target ?? item).origin;
  const content = patchContent(yaml, where);
  const optionsNode = item.type === 'map' ? item.entries.get('options')?.value : undefined;
  const options: Options = {
    allowNameChange: flag(optionsNode, 'allowNameChange'),
    allowKindChange: flag(optionsNode, 'allowKindChange'),
  };
  const report = (matched: boolean): void => {
    context.notices.push({
      code: 'unmatched-patch',
      message: matched ? '' : 'the target of this patch matches no object, so the patch does nothing',
      fix: matched ? '' : 'Correct the target, or remove the patch.',
      origin: where,
      matched,
    });
  };
  if (content.kind === 'empty')
    return () => {
      if (selector) report(false);
    };
  if (content.kind === 'json') {
    if (!selector)
      fail(
        'patch-without-target',
        'a JSON 6902 patch needs a target',
        'Add `target:` with the kind and name of the object.',
        item.origin,
      );
    return (resources) => applyJson(resources, selector, content.patch, report);
  }
  if (!selector)
    return (resources) => {
      for (const patch of content.patches) {
        patchStrategically(onlyTarget(resources, patch), clone(patch), options);
      }
    };
  if (content.patches.length > 1)
    fail(
      'several-patches',
      'several strategic patches in one entry that has a target',
      'Give each of them an entry of its own.',
      where,
    );
  const patch = content.patches[0] as MapNode;
  return (resources) => {
    const selected = resources.filter((resource) => !resource.deleted && selects(selector, resource));
    report(selected.length > 0);
    for (const resource of selected) patchStrategically(resource, asTargeted(patch, resource), options);
    dropDeleted(resources);
    refuseConflicts(resources);
  };
}

type Content =
  | { readonly kind: 'empty' }
  | { readonly kind: 'json'; readonly patch: JsonPatch }
  | { readonly kind: 'strategic'; readonly patches: readonly MapNode[] };

function patchContent(yaml: YamlFile, where: Origin): Content {
  const duplicate = yaml.problems.find(({ code }) => code === 'duplicate-key');
  if (duplicate) unsupported('a patch that has a key twice', duplicate.origin);
  const documents = yaml.documents.filter(({ node }) => node !== undefined);
  const first = yaml.documents[0]?.node;
  if (yaml.problems.length === 0 && documents.length === 0) return { kind: 'empty' };
  if (first?.type === 'list') {
    if (documents.length > 1) unsupported('several documents in a JSON 6902 patch', first.origin);
    const patch = readJsonPatch(first);
    if (patch && isStrictJson(yaml.text)) return { kind: 'json', patch };
    fail('patch-syntax', 'this is neither a strategic nor a JSON 6902 patch', 'Correct the patch.', where);
  }
  const patches = objectsOf(yaml);
  for (const patch of patches)
    if (kindOf(patch).endsWith('List')) unsupported('a patch of a list', patch.origin);
  return { kind: 'strategic', patches };
}

/** What starts with a bracket is read as JSON, and JSON only. */
function isStrictJson(source: string): boolean {
  const trimmed = source.trim();
  if (!trimmed.startsWith('[')) return true;
  try {
    JSON.parse(trimmed);
    return true;
  } catch {
    return false;
  }
}

function applyJson(
  resources: readonly Resource[],
  selector: Selector,
  patch: JsonPatch,
  report: (matched: boolean) => void,
): void {
  const selected = resources.filter((resource) => !resource.deleted && selects(selector, resource));
  report(selected.length > 0);
  for (const resource of selected) {
    storePreviousId(resource);
    applyJsonPatch(resource.node, patch);
  }
}

/** `patchesJson6902`, which come after labels and annotations. */
export const jsonPatches: Transformer = (context, kustomization) => {
  const steps = items(kustomization.node, 'patchesJson6902').map((item) => {
    const target = item.type === 'map' ? item.entries.get('target')?.value : undefined;
    if (target === undefined || text(target, 'name') === '')
      fail('patch-without-target', 'a JSON 6902 patch needs a target with a name', 'Add it.', item.origin);
    const inline = scalarAt(item, 'patch');
    const path = scalarAt(item, 'path');
    if ((inline === undefined) === (path === undefined))
      fail(
        'patch-source',
        'a JSON 6902 patch needs either `patch` or `path`',
        'Give it exactly one of them.',
        item.origin,
      );
    const yaml = inline
      ? inlineYaml(context, inline)
      : loadYaml(context, kustomization.directory, stringOf(path as ScalarNode), (path as ScalarNode).origin);
    const patch = readJsonPatch(yaml.documents[0]?.node);
    if (!patch || patch.length === 0 || yaml.problems.length > 0 || !isStrictJson(yaml.text))
      fail('patch-syntax', 'this is no JSON 6902 patch', 'Write a list of operations.', item.origin);
    const selector = readSelector(target);
    return (resources: Resource[]): void => {
      const selected = resources.filter((resource) => selects(selector, resource));
      context.notices.push({
        code: 'unmatched-patch',
        message: selected.length > 0 ? '' : 'the target of this patch matches no object',
        fix: selected.length > 0 ? '' : 'Correct the target, or remove the patch.',
        origin: target.origin,
        matched: selected.length > 0,
      });
      for (const resource of selected) applyJsonPatch(resource.node, patch);
    };
  });
  if (steps.length === 0) return undefined;
  return (resources) => {
    for (const step of steps) step(resources);
  };
};

function onlyTarget(resources: readonly Resource[], patch: MapNode): Resource {
  const id: ResourceId = { ...gvkOf(patch), name: nameOf(patch), namespace: namespaceOf(patch) };
  const matches = resources.filter((resource) => !resource.deleted && matchesAnyId(resource, id));
  if (matches.length === 1) return matches[0] as Resource;
  const near = resources
    .map(currentId)
    .filter((other) => other.kind === id.kind || other.name === id.name)
    .slice(0, 3)
    .map(describeId);
  return fail(
    'unmatched-patch',
    matches.length === 0
      ? `no object matches this patch of ${describeId(id)}`
      : `${matches.length} objects match this patch of ${describeId(id)}`,
    `Correct apiVersion, kind, name or namespace of the patch${near.length > 0 ? ` (there is ${near.join(', ')})` : ''}, or give the entry a target.`,
    patch.origin,
  );
}

/**
 * The copy of a patch that is applied to a selected object: labels and annotations have become text, null included, so
 * `foo: null` does not remove a label here as it does without a target.
 */
function asTargeted(patch: MapNode, resource: Resource): MapNode {
  const copy = clone(patch);
  const metadata = copy.entries.get('metadata')?.value;
  if (metadata?.type === 'map')
    for (const field of ['labels', 'annotations']) {
      const found = metadata.entries.get(field)?.value;
      if (found === undefined) continue;
      if (found.type !== 'map' || found.entries.size === 0) {
        metadata.entries.delete(field);
        continue;
      }
      for (const [key, { origin, value }] of found.entries) {
        refuseOpenKey(key, origin);
        found.entries.set(key, {
          origin,
          value: { type: 'scalar', value: textOf(value), origin: value.origin },
        });
      }
    }
  // Of the target's group and version; the kind stays, and with it what the patch may change.
  const own = resource.node.entries.get('apiVersion');
  if (own) copy.entries.set('apiVersion', { origin: own.origin, value: clone(own.value) });
  else copy.entries.delete('apiVersion');
  return copy;
}

function patchStrategically(resource: Resource, patch: MapNode, options: Options): void {
  const { node } = resource;
  const metadata = node.entries.get('metadata')?.value as MapNode;
  const kind = node.entries.get('kind');
  const apiVersion = node.entries.get('apiVersion');
  const name = metadata.entries.get('name');
  const namespace = metadata.entries.get('namespace');
  const kept =
    namespace && namespaceOf(node) !== '' ? { ...namespace, value: clone(namespace.value) } : undefined;
  if (options.allowNameChange || options.allowKindChange) storePreviousId(resource);
  const merged = mergeStrategic(node, patch);
  if (merged === undefined || merged.entries.size === 0) {
    resource.deleted = true;
    return;
  }
  resource.node = merged;
  restore(merged, 'apiVersion', apiVersion);
  if (!options.allowKindChange) restore(merged, 'kind', kind);
  let into = merged.entries.get('metadata')?.value;
  if (into?.type !== 'map') {
    into = { type: 'map', entries: new Map(), origin: metadata.origin };
    merged.entries.set('metadata', { origin: metadata.origin, value: into });
  }
  if (!options.allowNameChange) restore(into, 'name', name);
  restore(into, 'namespace', kept);
}

function restore(node: MapNode, key: string, entry: MapEntry | undefined): void {
  if (entry) node.entries.set(key, entry);
  else node.entries.delete(key);
}

function dropDeleted(resources: Resource[]): void {
  const left = resources.filter(({ deleted }) => !deleted);
  if (left.length < resources.length) resources.splice(0, resources.length, ...left);
}

function refuseConflicts(resources: readonly Resource[]): void {
  const twins = findTwins(resources);
  if (twins)
    fail(
      'id-conflict',
      `two objects are ${describeId(currentId(twins[1]))} after a patch`,
      'Patch only one of them, or give them different names.',
      nameOrigin(twins[1].node),
    );
}
