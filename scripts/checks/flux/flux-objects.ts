/** The Flux objects of one environment and what each of them builds. */

import { describe } from '../../finding.ts';
import { pathOf } from '../../flux/kustomization.ts';
import type { Build, Environment, Repository } from '../../render/environment.ts';
import { isKind, type RenderedObject } from '../../render/object.ts';
import type { Files } from '../../repository/files.ts';
import { itemsAt, type Path, textAt } from '../../yaml/node.ts';
import { indexEnvironment, type ReferenceSubject } from '../reference/index-objects.ts';
import { isUnknown, knownCluster, rootKustomizationOf } from '../reference/known-cluster.ts';
import { isFromRepository } from '../reference/own-source.ts';

export interface FluxSubject {
  readonly repository: Repository;
  readonly environment: Environment;
  readonly files: Files;
  readonly references: ReferenceSubject;
  readonly kustomizations: readonly RenderedObject[];
  readonly helmReleases: readonly RenderedObject[];
  /** `namespace/name` of those of a kind that the same cluster may have, from whichever environment. */
  names(kind: 'Kustomization' | 'HelmRelease'): ReadonlySet<string>;
  /** What a Kustomization builds; undefined where its source is another repository. */
  buildOf(kustomization: RenderedObject): Build | undefined;
  isFromRepository(kustomization: RenderedObject): boolean;
  /** The Kustomization of a build; undefined for the root. */
  kustomizationOf(build: Build): RenderedObject | undefined;
  /** Whether every Flux object of the environment is known: nothing failed to build, nothing comes from elsewhere. */
  readonly complete: boolean;
}

export const kustomizeGroup = 'kustomize.toolkit.fluxcd.io';
export const helmGroup = 'helm.toolkit.fluxcd.io';

export const isKustomization = (object: RenderedObject): boolean =>
  isKind(object, kustomizeGroup, 'Kustomization');

export function fluxSubject(repository: Repository, environment: Environment): FluxSubject {
  const { builds, objects } = knownCluster(repository, environment);
  const root = rootKustomizationOf(environment);
  const kustomizations = [...(root ? [root] : []), ...environment.objects.filter(isKustomization)];
  const fromRepository = (kustomization: RenderedObject): boolean =>
    isFromRepository(kustomization, builds, objects);
  const isBuiltBy = (build: Build, kustomization: RenderedObject): boolean =>
    build.kustomization
      ? build.kustomization === kustomization || sameObject(build.kustomization, kustomization)
      : build.path === pathOf(kustomization);
  const buildOf = (kustomization: RenderedObject): Build | undefined =>
    fromRepository(kustomization)
      ? environment.builds.find((build) => isBuiltBy(build, kustomization))
      : undefined;
  const references = indexEnvironment(repository, environment);
  const names = (kind: 'Kustomization' | 'HelmRelease'): ReadonlySet<string> =>
    new Set(
      objects
        .filter((object) => isKind(object, kind === 'Kustomization' ? kustomizeGroup : helmGroup, kind))
        .map((object) => `${references.namespaceOf(object) ?? 'default'}/${object.name}`),
    );
  return {
    repository,
    environment,
    names,
    files: repository.sources.files,
    references,
    kustomizations,
    helmReleases: environment.objects.filter((object) => isKind(object, helmGroup, 'HelmRelease')),
    buildOf,
    isFromRepository: fromRepository,
    kustomizationOf: (build) =>
      build.kustomization ?? kustomizations.find((kustomization) => isBuiltBy(build, kustomization)),
    complete:
      !builds.some(isUnknown) &&
      objects.filter(isKustomization).every(fromRepository) &&
      objects.every((object) => !object.apiVersion.startsWith('fluxcd.controlplane.io/')),
  };
}

const sameObject = (a: RenderedObject, b: RenderedObject): boolean =>
  a.kind === b.kind && a.name === b.name && a.namespace === b.namespace && a.component === b.component;

/** `namespace/name`, as Flux prints its objects. */
export const fluxName = (subject: FluxSubject, object: RenderedObject): string =>
  `${subject.references.namespaceOf(object) ?? 'default'}/${object.name}`;

export interface Dependency {
  /** `namespace/name` of the object that is waited for. */
  readonly target: string;
  readonly name: string;
  readonly namespace: string;
  readonly path: Path;
}

/** The `dependsOn` of a Kustomization or HelmRelease. */
export const dependenciesOf = (subject: FluxSubject, object: RenderedObject): readonly Dependency[] =>
  itemsAt(object.node, ['spec', 'dependsOn']).flatMap((item, index) => {
    const name = textAt(item, ['name']);
    const namespace = textAt(item, ['namespace']) ?? subject.references.namespaceOf(object) ?? 'default';
    return name === undefined
      ? []
      : [{ name, namespace, target: `${namespace}/${name}`, path: ['spec', 'dependsOn', index, 'name'] }];
  });

/** Whether a Kustomization waits for another one, directly or through others. */
export function waitsFor(subject: FluxSubject, from: RenderedObject, to: RenderedObject): boolean {
  const byName = new Map(subject.kustomizations.map((object) => [fluxName(subject, object), object]));
  const wanted = fluxName(subject, to);
  const open = [from];
  const seen = new Set<string>();
  for (let current = open.pop(); current; current = open.pop())
    for (const { target } of dependenciesOf(subject, current)) {
      if (target === wanted) return true;
      const next = byName.get(target);
      if (next && !seen.has(target)) open.push(next);
      seen.add(target);
    }
  return false;
}

/** The builds that yield the Kustomization of a build, the nearest first. */
function parentsOf(subject: FluxSubject, build: Build): readonly Build[] {
  const parents: Build[] = [];
  for (let current: Build | undefined = build; current; ) {
    const kustomization = subject.kustomizationOf(current);
    current = subject.environment.builds.find(
      (each) =>
        kustomization !== undefined && each.objects.some((object) => sameObject(object, kustomization)),
    );
    if (!current || current === build || parents.includes(current)) break;
    parents.push(current);
  }
  return parents;
}

/**
 * In which order a new cluster sees two builds: `before` where `build` starts only after `other` is applied, `never` where
 * `other` comes to be only by what `build` applies, and `any` where nothing orders them.
 */
export function orderOf(subject: FluxSubject, build: Build, other: Build): 'before' | 'never' | 'any' {
  const target = subject.kustomizationOf(other);
  const parents = parentsOf(subject, build);
  if (parents.includes(other)) return 'before';
  for (const each of [build, ...parents]) {
    const from = subject.kustomizationOf(each);
    if (from && target && waitsFor(subject, from, target)) return 'before';
  }
  return parentsOf(subject, other).includes(build) ? 'never' : 'any';
}

/** How messages name who applies a build: its Kustomization, or the root. */
export const printBuild = (subject: FluxSubject, build: Build): string => {
  const kustomization = subject.kustomizationOf(build);
  return kustomization ? describe(kustomization) : `the root Kustomization (${build.path})`;
};
