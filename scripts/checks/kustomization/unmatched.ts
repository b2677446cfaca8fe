import { posix } from 'node:path';
import type { BuildNotice } from '../../kustomize/build.ts';
import { nearMiss, selectorCriteria } from '../../kustomize/near-miss.ts';
import { makeResource } from '../../kustomize/resource.ts';
import type { Build, Repository } from '../../render/environment.ts';
import type { RenderedObject } from '../../render/object.ts';
import { at, type MapNode, type Node, type Origin, originAt, type Path, textAt } from '../../yaml/node.ts';
import { isKustomizationPath, readBy } from './kustomization-files.ts';

/** A patch, image entry or replacement target that did nothing, wherever it was built. */
export interface Unmatched {
  readonly origin: Origin;
  readonly notice: BuildNotice;
  /** What the source has at `origin`. */
  readonly node: Node | undefined;
  /** The objects that it was tried on, of all builds. */
  readonly candidates: readonly MapNode[];
  /** The builds that tried it. */
  readonly tried: ReadonlySet<Build>;
}

/**
 * What matched nothing in any build that reads it. A base may patch what only some overlays have; and where a build failed
 * before it came to the entry, or was made by the kustomize binary, which says nothing, nobody knows what would have matched.
 */
export function* unmatched(repository: Repository, code: BuildNotice['code']): Generator<Unmatched> {
  const builds = repository.environments.flatMap((environment) => environment.builds);
  const places = new Map<
    string,
    { readonly notices: BuildNotice[]; readonly tried: Set<Build>; matched: boolean }
  >();
  for (const build of builds)
    for (const notice of build.notices) {
      if (notice.code !== code) continue;
      const { file, line, column } = notice.origin;
      const key = `${file}:${line}:${column}`;
      const place = places.get(key) ?? { notices: [], tried: new Set(), matched: false };
      place.notices.push(notice);
      place.tried.add(build);
      place.matched ||= notice.matched;
      places.set(key, place);
    }
  for (const { notices, tried, matched } of places.values()) {
    const [notice] = notices;
    if (!notice) continue;
    const { file } = notice.origin;
    if (matched || isBeforeBootstrap(repository, file)) continue;
    // The Flux objects' own patches are read by the build that yields these objects, and tried by another.
    const isUncertain = builds.some(
      (build) =>
        !tried.has(build) &&
        readBy(repository, build).has(file) &&
        (build.failures.length > 0 || isKustomizationPath(file)),
    );
    if (isUncertain) continue;
    yield {
      origin: notice.origin,
      notice,
      node: nodeAt(repository, notice.origin),
      candidates: distinct(notices.flatMap(({ candidates }) => candidates ?? [])),
      tried,
    };
  }
}

// Several environments build the same object, and what is near to two objects is near to none.
const distinct = (candidates: readonly MapNode[]): readonly MapNode[] => [
  ...new Map(
    candidates.map((node) => [
      [['apiVersion'], ['kind'], ['metadata', 'namespace'], ['metadata', 'name']]
        .map((path) => textAt(node, path))
        .join(' '),
      node,
    ]),
  ).values(),
];

interface LostPatch {
  readonly at: Origin;
  readonly patch: MapNode;
  readonly kind: string | undefined;
  readonly objects: ReadonlySet<RenderedObject>;
}

const lostPatches = new WeakMap<Repository, readonly LostPatch[]>();

/**
 * The place of the patch that would give a field to an object, had it matched: the fault that explains why the field is
 * absent. Undefined where no patch that matched nothing has the field.
 */
export function lostField(repository: Repository, object: RenderedObject, path: Path): Origin | undefined {
  let patches = lostPatches.get(repository);
  if (!patches) {
    patches = [...unmatched(repository, 'unmatched-patch')].flatMap(
      ({ notice: { patch }, node, origin, candidates, tried }) =>
        patch === undefined
          ? []
          : [
              {
                at: selectorMiss(node, candidates).origin ?? origin,
                patch,
                kind: textAt(node, ['kind']),
                objects: new Set([...tried].flatMap(({ objects }) => objects)),
              },
            ],
    );
    lostPatches.set(repository, patches);
  }
  return patches.find(
    ({ kind, patch, objects }) =>
      objects.has(object) && (kind === undefined || kind === object.kind) && at(patch, path) !== undefined,
  )?.at;
}

/** `flux bootstrap` fills gotk-components.yaml in; until then the patches of Flux's own controllers have nothing to change. */
function isBeforeBootstrap(repository: Repository, file: string): boolean {
  const components = repository.sources.yaml(posix.join(posix.dirname(file), 'gotk-components.yaml'));
  return components?.documents.every((document) => document.node === undefined) ?? false;
}

function nodeAt(repository: Repository, origin: Origin): Node | undefined {
  const find = (node: Node): Node | undefined => {
    if (node.type !== 'list' && node.origin.line === origin.line && node.origin.column === origin.column)
      return node;
    const children =
      node.type === 'list'
        ? node.items
        : node.type === 'map'
          ? [...node.entries.values()].map((entry) => entry.value)
          : [];
    for (const child of children) {
      const found = find(child);
      if (found) return found;
    }
    return undefined;
  };
  for (const { node } of repository.sources.yaml(origin.file)?.documents ?? []) {
    const found = node && find(node);
    if (found) return found;
  }
  return undefined;
}

const selectorFields = [
  'group',
  'version',
  'kind',
  'namespace',
  'name',
  'labelSelector',
  'annotationSelector',
];

/** What a selector that matched nothing asks for, and what is wrong with it. */
export interface SelectorMiss {
  /** ``kind `Deployment`, name `kafka` ``. */
  readonly text: string;
  /** ``name `kafka` ``, where something near exists. */
  readonly suggestion: string | undefined;
  /** The field that keeps it from matching; the selector itself where no field alone does. */
  readonly origin: Origin | undefined;
}

export function selectorMiss(selector: Node | undefined, candidates: readonly MapNode[]): SelectorMiss {
  const text = selectorFields
    .flatMap((field) => {
      const value = textAt(selector, [field]);
      return value === undefined ? [] : [`${field} \`${value}\``];
    })
    .join(', ');
  const miss = nearMiss(
    selectorCriteria(selector),
    candidates.map((node) => makeResource(node)),
  );
  const meant = miss?.meant;
  return {
    text: text || 'no field',
    suggestion: meant && `${miss.criterion.field} \`${meant.value}\``,
    origin: selector && originAt(selector, miss?.criterion.path ?? []),
  };
}
