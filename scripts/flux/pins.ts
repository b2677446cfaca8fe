import type { Environment } from '../render/environment.ts';
import { type MapNode, textAt } from '../yaml/node.ts';
import type { Builder } from './environment.ts';
import { sourceOf } from './source.ts';

/** The commit that a GitRepository names; without one it follows its branch. */
export const pinOf = (source: MapNode | undefined): string | undefined =>
  source && textAt(source, ['kind']) === 'GitRepository'
    ? textAt(source, ['spec', 'ref', 'commit'])
    : undefined;

/** By component, the commit of this repository that Flux builds it from; those that follow a branch are not there. */
export function pinsOf({ builds, objects }: Environment): ReadonlyMap<string, string> {
  const commits = new Map(
    objects.flatMap(({ kind, namespace, name, node }) => {
      const commit = kind === 'GitRepository' ? pinOf(node) : undefined;
      return commit === undefined ? [] : [[`${namespace ?? ''}/${name}`, commit] as const];
    }),
  );
  return new Map(
    builds.flatMap(({ component, kustomization, failures }) => {
      if (!kustomization || failures.some(({ code }) => code === 'foreign-source')) return [];
      const { kind, namespace, name } = sourceOf(kustomization);
      const commit = kind === 'GitRepository' ? commits.get(`${namespace ?? ''}/${name}`) : undefined;
      return commit === undefined ? [] : [[component, commit] as const];
    }),
  );
}

/** Builds what a source pins with the builder of that commit, and the rest with that of the working tree. */
export const pinnedBuilder = (tree: Builder, at: (commit: string) => Builder | undefined): Builder => ({
  ...tree,
  build(path, kustomization, source) {
    const commit = pinOf(source);
    return ((commit === undefined ? undefined : at(commit)) ?? tree).build(path, kustomization, source);
  },
});
