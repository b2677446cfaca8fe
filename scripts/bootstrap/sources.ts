import type { UsageError } from '../cli/exit.ts';
import { fluxNamespace } from '../cluster/names.ts';
import { comparableUrl, sourceOf } from '../flux/source.ts';
import type { Environment } from '../render/environment.ts';
import { locate, type RenderedObject } from '../render/object.ts';
import { textAt } from '../yaml/node.ts';

/** A GitRepository of this repository that components have for themselves, so that each runs its own commit. */
export interface ComponentSource {
  readonly name: string;
  readonly components: readonly string[];
  readonly url: string | undefined;
  readonly branch: string | undefined;
  /** The commit that runs; undefined where none was promoted yet. */
  readonly pin: string | undefined;
  /** `flux/small-production/kafka.yaml:10`. */
  readonly place: string;
}

/** The sources of an environment besides the one of its root; what another repository brings is not among them. */
export function componentSources(environment: Environment): readonly ComponentSource[] {
  const users = new Map<RenderedObject, string[]>();
  for (const { component, kustomization, failures } of environment.builds) {
    if (!kustomization || failures.some(({ code }) => code === 'foreign-source')) continue;
    const { kind, namespace, name } = sourceOf(kustomization);
    if (kind !== 'GitRepository' || name === fluxNamespace) continue;
    const source = environment.objects.find(
      (object) => object.kind === kind && object.name === name && object.namespace === namespace,
    );
    if (source) users.set(source, [...(users.get(source) ?? []), component]);
  }
  return [...users].map(([source, components]) => {
    const { file, line } = locate(source, ['spec', 'ref']);
    return {
      name: source.name,
      components,
      url: textAt(source.node, ['spec', 'url']),
      branch: textAt(source.node, ['spec', 'ref', 'branch']),
      pin: textAt(source.node, ['spec', 'ref', 'commit']),
      place: `${file}:${line}`,
    };
  });
}

/** Components that would follow their branch although the environment is one in which each names its commit. */
export function unpinned(sources: readonly ComponentSource[]): UsageError | undefined {
  const open = sources.filter(({ pin }) => pin === undefined);
  if (open.length === 0) return undefined;
  return {
    message: `${open.flatMap(({ components }) => components).join(', ')}: no commit is pinned (${open[0]!.place}${
      open.length > 1 ? ` and ${open.length - 1} more` : ''
    }), so the next merge would go live without a promotion`,
    fix: '`npm run promote -- --all` makes the first pins. Commit and push them, then run this again.',
  };
}

/** Components that follow another branch than the one that is to be deployed: half of what is reviewed there would not run. */
export function otherBranch(sources: readonly ComponentSource[], branch: string): UsageError | undefined {
  const other = sources.filter((source) => source.branch !== undefined && source.branch !== branch);
  if (other.length === 0) return undefined;
  return {
    message: `the root would follow branch ${branch}, but ${other.map(({ name }) => name).join(', ')} ${
      other.length === 1 ? 'follows' : 'follow'
    } ${[...new Set(other.map((source) => source.branch))].join(', ')} (${other[0]!.place})`,
    fix: `Deploy that branch (--branch ${other[0]!.branch}), or change spec.ref.branch of those GitRepositories.`,
  };
}

/** A hint where components are fetched from elsewhere than the root. */
export function otherAddress(sources: readonly ComponentSource[], url: string): readonly string[] {
  const other = [...new Set(sources.flatMap((source) => source.url ?? []))].filter(
    (address) => comparableUrl(address) !== comparableUrl(url),
  );
  return other.length === 0 ? [] : [`components are fetched from ${other.join(', ')} (fact repositoryUrl)`];
}
