import type { EnvironmentChange } from '../../../scripts/diff/change.ts';
import { type DiffOptions, diffRepositories, type EnvironmentDiff } from '../../../scripts/diff/run.ts';
import { openMemory } from '../../../scripts/repository/files.ts';

export type Tree = Readonly<Record<string, string>>;

export const kustomization = (name: string, more = '', path = `./apps/${name}`): string =>
  `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: ${name}, namespace: flux-system}
spec:
  interval: 10m
  path: ${path}
  prune: true
  sourceRef: {kind: GitRepository, name: flux-system}
${more}`;

/** A repository with the environment `test`: what Flux applies by name of the component, then other files. */
export function tree(components: Readonly<Record<string, string>>, others: Tree = {}): Tree {
  const files: Record<string, string> = {
    'flux/test/kustomization.yaml': `resources: [${Object.keys(components)
      .map((name) => `${name}.yaml`)
      .join(', ')}]\n`,
  };
  for (const [name, objects] of Object.entries(components)) {
    files[`flux/test/${name}.yaml`] = kustomization(name);
    files[`apps/${name}/objects.yaml`] = objects;
  }
  return { ...files, ...others };
}

export function diffTrees(
  before: Tree,
  after: Tree,
  options: Partial<DiffOptions> = {},
): readonly EnvironmentDiff[] {
  const result = diffRepositories(openMemory(before), openMemory(after), { root: 'memory', ...options });
  if (!result.ok) throw new Error(result.error.message);
  return result.diffs;
}

/** The one environment's change, of two states of the component `web`. */
export const diffObjects = (before: string, after: string): EnvironmentDiff =>
  diffTrees(tree({ web: before }), tree({ web: after }))[0]!;

/** Each changed object with its fields, in words. */
export const told = ({ objects }: EnvironmentChange): readonly string[] =>
  objects.flatMap(({ status, reference: { kind, name }, fields }) => [
    `${status} ${kind} ${name}`,
    ...fields.map(({ path, kind: what, before, after, hidden }) =>
      hidden
        ? `${path} ${what}, hidden`
        : what === 'reordered'
          ? `${path} reordered`
          : `${path}: ${JSON.stringify(before)} → ${JSON.stringify(after)}`,
    ),
  ]);
