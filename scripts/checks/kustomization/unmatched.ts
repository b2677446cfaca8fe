import { posix } from 'node:path';
import type { BuildNotice } from '../../kustomize/build.ts';
import type { Build, Repository } from '../../render/environment.ts';
import type { RenderedObject } from '../../render/object.ts';
import { type Node, type Origin, textAt } from '../../yaml/node.ts';
import { isKustomizationPath, readBy } from './kustomization-files.ts';

/** A patch, image entry or replacement target that did nothing, wherever it was built. */
export interface Unmatched {
  readonly origin: Origin;
  readonly notice: BuildNotice;
  /** What the source has at `origin`. */
  readonly node: Node | undefined;
  /** The objects of all builds that tried it. */
  readonly objects: readonly RenderedObject[];
}

/**
 * What matched nothing in any build that reads it. A base may patch what only some overlays have; and as long as one of
 * its builds fails, or was made by the kustomize binary, which says nothing, nobody knows what it would have matched.
 */
export function* unmatched(repository: Repository, code: BuildNotice['code']): Generator<Unmatched> {
  const builds = repository.environments.flatMap((environment) => environment.builds);
  const places = new Map<
    string,
    { readonly notice: BuildNotice; readonly tried: Set<Build>; matched: boolean }
  >();
  for (const build of builds)
    for (const notice of build.notices) {
      if (notice.code !== code) continue;
      const { file, line, column } = notice.origin;
      const key = `${file}:${line}:${column}`;
      const place = places.get(key) ?? { notice, tried: new Set(), matched: false };
      place.tried.add(build);
      place.matched ||= notice.matched;
      places.set(key, place);
    }
  for (const { notice, tried, matched } of places.values()) {
    const { file } = notice.origin;
    if (matched || isBeforeBootstrap(repository, file)) continue;
    // The Flux objects' own patches are read by the build that yields these objects, and tried by another.
    const isUncertain = builds.some(
      (build) =>
        readBy(repository, build).has(file) &&
        (build.failures.length > 0 || (isKustomizationPath(file) && !tried.has(build))),
    );
    if (isUncertain || [...tried].some((build) => build.failures.length > 0)) continue;
    yield {
      origin: notice.origin,
      notice,
      node: nodeAt(repository, notice.origin),
      objects: [...tried].flatMap((build) => build.objects),
    };
  }
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

/** ``kind `Deployment`, name `kafka` ``, and the value that is nearest to the one that does not exist. */
export function selectorText(
  selector: Node | undefined,
  objects: readonly RenderedObject[],
  nearest: (name: string, candidates: Iterable<string>) => string | undefined,
): { readonly text: string; readonly suggestion: string | undefined } {
  const parts = selectorFields.flatMap((field) => {
    const value = textAt(selector, [field]);
    return value === undefined ? [] : [`${field} \`${value}\``];
  });
  const kind = textAt(selector, ['kind']);
  const name = textAt(selector, ['name']);
  const ofKind = objects.filter((object) => kind === undefined || object.kind === kind);
  let suggestion: string | undefined;
  if (kind !== undefined && ofKind.length === 0) {
    const other = nearest(kind, new Set(objects.map((object) => object.kind)));
    suggestion = other === undefined ? undefined : `kind \`${other}\``;
  } else if (name !== undefined && !ofKind.some((object) => object.name === name)) {
    const other = nearest(name, new Set(ofKind.map((object) => object.name)));
    suggestion = other === undefined ? undefined : `name \`${other}\``;
  }
  return { text: parts.join(', ') || 'no field', suggestion };
}
