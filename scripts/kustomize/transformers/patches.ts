import { clone, type MapNode, type Node, type Origin, type ScalarNode } from '../../yaml/node.ts';
import type { YamlFile } from '../../yaml/parse.ts';
import type { BuildContext } from '../context.ts';
import { objectsOf } from '../documents.ts';
import { flag, items, type Kustomization, scalarAt, stringOf } from '../kustomization.ts';
import { inlineYaml, loadYaml } from '../load.ts';
import { applyJsonPatch, isStrictJson, type JsonPatch, readJsonPatch } from '../merge/json6902.ts';
import { kindOf, type Resource, storePreviousId } from '../resource.ts';
import { isNull } from '../scalars.ts';
import { readSelector, type Selector, selects } from '../selector.ts';
import { fail, unsupported } from '../stop.ts';
import {
  asTargeted,
  dropDeleted,
  onlyTarget,
  type PatchOptions,
  patchStrategically,
  refuseConflicts,
} from './patch-application.ts';
import type { Transformer } from './transformer.ts';

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
  const options: PatchOptions = {
    allowNameChange: flag(optionsNode, 'allowNameChange'),
    allowKindChange: flag(optionsNode, 'allowKindChange'),
  };
  const [strategic] = content.kind === 'strategic' ? content.patches : [];
  const own = strategic === undefined ? {} : { patch: strategic };
  const report = (resources: readonly Resource[], matched: boolean): void => {
    context.notices.push({
      code: 'unmatched-patch',
      message: matched ? '' : 'the target of this patch matches no object, so the patch does nothing',
      fix: matched ? '' : 'Correct the target, or remove the patch.',
      origin: where,
      matched,
      ...(matched ? {} : { candidates: resources.map(({ node }) => node), ...own }),
    });
  };
  if (content.kind === 'empty')
    return (resources) => {
      if (selector) report(resources, false);
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
    report(resources, selected.length > 0);
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

function applyJson(
  resources: readonly Resource[],
  selector: Selector,
  patch: JsonPatch,
  report: (resources: readonly Resource[], matched: boolean) => void,
): void {
  const selected = resources.filter((resource) => !resource.deleted && selects(selector, resource));
  report(resources, selected.length > 0);
  for (const resource of selected) {
    storePreviousId(resource);
    applyJsonPatch(resource.node, patch);
  }
}
