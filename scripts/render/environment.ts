import type { KnownGood } from '../cache/known-good.ts';
import type { BuildNotice } from '../kustomize/build.ts';
import type { Sources } from '../repository/sources.ts';
import type { Origin } from '../yaml/node.ts';
import type { RenderedObject } from './object.ts';

/** Why Flux could not build or apply a Kustomization. */
export interface BuildFailure {
  readonly stage: 'render' | 'substitution';
  /** Name of the rule within the stage that reports it: `missing-resource`, `undefined-variable`. */
  readonly code: string;
  readonly message: string;
  readonly fix: string;
  readonly origin: Origin;
}

/** What one Flux Kustomization builds from the repository. */
export interface Build {
  readonly environment: string;
  /** Name of the Flux Kustomization. The build that yields the Flux objects themselves is called `flux-system`. */
  readonly component: string;
  /** The directory that is built: `overlays/prototype/kafka`. */
  readonly path: string;
  /** The Flux Kustomization; undefined for the environment's own directory, which `flux bootstrap` points at. */
  readonly kustomization?: RenderedObject;
  /** What is applied, in the order in which kustomize emits it. Empty where the build failed. */
  readonly objects: readonly RenderedObject[];
  /** Empty where all is well. */
  readonly failures: readonly BuildFailure[];
  /** Patches, images and replacements, and whether each matched anything in this build; where it failed, those tried before. */
  readonly notices: readonly BuildNotice[];
  /** Every path that the result depends on. */
  readonly reads: ReadonlySet<string>;
}

/** Everything that one cluster is told to run. */
export interface Environment {
  readonly name: string;
  /** The directory of its Flux objects: `flux/prototype`. */
  readonly path: string;
  readonly builds: readonly Build[];
  /** The objects of all builds. */
  readonly objects: readonly RenderedObject[];
  /** How long the rendering took, in milliseconds. */
  readonly renderMs?: number;
}

/** What a cluster runs while its components are pinned to commits: each built from its own. */
export interface DeployedEnvironment {
  readonly environment: Environment;
  /** The commit of each pinned component. */
  readonly pins: ReadonlyMap<string, string>;
  /** The files of each of these commits. */
  readonly commits: ReadonlyMap<string, Sources>;
  /** Those of the commits that are not in the history of main; undefined where that is not known. */
  readonly offMain?: ReadonlySet<string>;
  /** The environment as it would be if all of it came from one of these commits. */
  at(commit: string): Environment | undefined;
}

/** A repository with all its environments rendered: what every stage looks at. */
export interface Repository {
  readonly sources: Sources;
  /** Every file that Git would track, sorted: relative to the root, without what is ignored. */
  readonly paths: readonly string[];
  readonly environments: readonly Environment[];
  /** The environments with pinned components as they run; those in `environments` are what would be promoted next. */
  readonly deployed?: readonly DeployedEnvironment[];
  /** Where the environments are a mix of commits: the files that a component is built from. */
  readonly sourcesOf?: (environment: string, component: string) => Sources;
  /** What earlier runs found to be good, so that it need not be checked again. */
  readonly knownGood?: KnownGood;
}
