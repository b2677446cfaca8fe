import { posix } from 'node:path';
import { type RenderedObject, renderedObject } from '../render/object.ts';
import { resolvePath } from '../repository/files.ts';
import type { Sources } from '../repository/sources.ts';
import { at, itemsAt, type MapNode, textAt } from '../yaml/node.ts';
import { type Builder, type EnvironmentRoot, isFluxKustomization, sourcePlace } from './environment.ts';
import { kustomizationFiles, kustomizationNames, pathOf } from './kustomization.ts';
import { isSource, sourceOf } from './source.ts';

/** `environments`: each directory below `flux/` is one. `roots`: each Flux Kustomization that no other's build yields. */
export type Layout = 'environments' | 'roots';

/** The name that `flux bootstrap` gives to the Kustomization of an environment's own directory. */
const bootstrapName = 'flux-system';

/** The environments' own layout, where a directory below `flux/` holds a kustomization. */
export const layoutOf = ({ files }: Sources): Layout =>
  files.list('flux').some((name) => kustomizationFiles(files, `flux/${name}`).length > 0)
    ? 'environments'
    : 'roots';

/** The environments of this platform's layout: every directory below `flux/`. */
export const environmentRoots = (sources: Sources): EnvironmentRoot[] =>
  sources.files
    .list('flux')
    .filter((name) => sources.files.kind(`flux/${name}`) === 'directory')
    .map((name) => {
      const repositoryUrl = repositoryUrlOf(sources, name);
      return {
        name,
        path: `flux/${name}`,
        component: bootstrapName,
        ...(repositoryUrl !== undefined && { repositoryUrl }),
      };
    });

/** The fact from which the components' own sources take their URL; an environment without such sources has none. */
function repositoryUrlOf(sources: Sources, environment: string): string | undefined {
  const facts = sources.yaml(`overlays/${environment}/environment/environment.yaml`);
  return textAt(facts?.documents[0]?.node, ['data', 'repositoryUrl']);
}

/** Flux Kustomizations and sources that stand in any YAML file, whether anything applies them or not. */
export interface FluxObjects {
  readonly kustomizations: readonly RenderedObject[];
  readonly sources: readonly MapNode[];
}

const fluxVersion = /^\W*apiVersion\W+(?:kustomize|source)\.toolkit\.fluxcd\.io\//m;

/** Reads them; files that are no YAML, and patches of Flux objects, are passed over. */
export function findFluxObjects(sources: Sources, paths: readonly string[]): FluxObjects {
  const kustomizations: RenderedObject[] = [];
  const found: MapNode[] = [];
  const patches = patchFiles(sources, paths);
  for (const path of paths) {
    if (!/\.ya?ml$/.test(path) || patches.has(path)) continue;
    const read = sources.files.read(path);
    // Parsing is the dear part, and most files have no such object.
    if (!read.ok || !fluxVersion.test(read.text)) continue;
    for (const { node, problems } of sources.yaml(path)?.documents ?? []) {
      if (node?.type !== 'map' || problems.some(({ code }) => code === 'syntax')) continue;
      if (isSource(node)) found.push(node);
      const object = renderedObject(node, { environment: '', component: '' });
      if (isFluxKustomization(object) && isWhole(node)) kustomizations.push(object);
    }
  }
  return { kustomizations, sources: found };
}

/** A patch may well look like a whole object, with values that only serve to be replaced. */
function patchFiles(sources: Sources, paths: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  for (const path of paths) {
    if (!(kustomizationNames as readonly string[]).includes(posix.basename(path))) continue;
    for (const { node } of sources.yaml(path)?.documents ?? []) {
      const named = [
        ...['patches', 'patchesJson6902'].flatMap((field) =>
          itemsAt(node, [field]).map((item) => textAt(item, ['path'])),
        ),
        ...itemsAt(node, ['patchesStrategicMerge']).map((item) => textAt(item, [])),
      ];
      for (const relative of named) {
        const resolved = relative === undefined ? undefined : resolvePath(posix.dirname(path), relative);
        if (resolved !== undefined) found.add(resolved);
      }
    }
  }
  return found;
}

// A strategic patch bears the kind too, but not what an object cannot do without.
const isWhole = (node: MapNode): boolean =>
  textAt(node, ['metadata', 'name']) !== undefined &&
  textAt(node, ['spec', 'sourceRef', 'name']) !== undefined &&
  at(node, ['spec', 'prune']) !== undefined;

/**
 * The environments of any Flux repository: the Flux Kustomizations that no other one's build yields, named by their path.
 * Where they yield each other in a ring, the first of the ring is taken, so that nothing goes unseen.
 */
export function rootsOf(builder: Builder, { kustomizations }: FluxObjects): EnvironmentRoot[] {
  const byPlace = new Map(kustomizations.map((object) => [sourcePlace(object.node), object]));
  const yields = new Map<string, ReadonlySet<string>>();
  for (const [place, object] of byPlace) {
    const { objects } = builder.build(pathOf(object), object, builder.findSource(sourceOf(object)));
    yields.set(place, new Set(objects.map(sourcePlace).filter((yielded) => byPlace.has(yielded))));
  }
  const yielded = new Set(
    [...yields].flatMap(([place, places]) => [...places].filter((candidate) => candidate !== place)),
  );
  const roots = [...byPlace.keys()].filter((place) => !yielded.has(place));
  const reached = new Set<string>();
  const reach = (place: string): void => {
    if (reached.has(place)) return;
    reached.add(place);
    for (const next of yields.get(place) ?? []) reach(next);
  };
  roots.forEach(reach);
  for (const place of byPlace.keys()) {
    if (reached.has(place)) continue;
    roots.push(place);
    reach(place);
  }
  return named(roots.map((place) => byPlace.get(place)!));
}

function named(objects: readonly RenderedObject[]): EnvironmentRoot[] {
  const uses = new Map<string, number>();
  for (const object of objects) uses.set(pathOf(object), (uses.get(pathOf(object)) ?? 0) + 1);
  const taken = new Map<string, number>();
  return objects.map((object) => {
    const path = pathOf(object);
    const plain = uses.get(path) === 1 ? path : `${path} (${object.name})`;
    const count = (taken.get(plain) ?? 0) + 1;
    taken.set(plain, count);
    const name = count === 1 ? plain : `${plain} ${count}`;
    const owner = { environment: name, component: object.name };
    return { name, path, component: object.name, kustomization: renderedObject(object.node, owner) };
  });
}
