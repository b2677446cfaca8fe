import type { Build, Repository } from '../../render/environment.ts';
import type { SubjectOf } from '../stage.ts';
import { type KustomizationFile, kustomizationFiles, readBy, readPaths } from './kustomization-files.ts';

/** A kustomization with the builds that read it. */
export interface KustomizationSubject extends KustomizationFile {
  readonly repository: Repository;
  /** Every build, of whichever environment, that reads this file. */
  readonly usedBy: readonly Build[];
}

/** Every kustomization that a build reads, and those beside them that none reads. */
export function* kustomizationSubjects(repository: Repository): Generator<SubjectOf<KustomizationSubject>> {
  const builds = repository.environments.flatMap((environment) => environment.builds);
  const trees = treesOf(repository);
  for (const file of kustomizationFiles(repository).values()) {
    const usedBy = builds.filter((build) => readBy(repository, build).has(file.path));
    if (usedBy.length === 0 && !trees.has(topOf(file.path))) continue;
    yield { subject: { ...file, repository, usedBy } };
  }
}

/** The first directory of a path; `.` for a file at the root. */
export const topOf = (path: string): string => {
  const slash = path.indexOf('/');
  return slash === -1 ? '.' : path.slice(0, slash);
};

// What stands in these is deployed or it is a mistake; of other directories only builds can tell.
const houseTrees = ['base', 'components', 'overlays', 'flux', 'policies'];

/** Whether the repository has this platform's layout, in which each environment stands below `flux/`. */
export const hasHouseLayout = (repository: Repository): boolean =>
  repository.environments.length > 0 &&
  repository.environments.every((environment) => /^flux\/[^/]+$/.test(environment.path));

/** The top directories whose manifests are meant for a cluster. */
export function treesOf(repository: Repository): ReadonlySet<string> {
  const trees = new Set<string>(hasHouseLayout(repository) ? houseTrees : []);
  for (const path of readPaths(repository)) if (path.includes('/')) trees.add(topOf(path));
  return trees;
}
