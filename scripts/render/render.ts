import { environmentRoots, findFluxObjects, type Layout, layoutOf, rootsOf } from '../flux/discover.ts';
import { type BuilderOptions, openBuilder, renderEnvironment } from '../flux/environment.ts';
import { walk } from '../repository/files.ts';
import type { Sources } from '../repository/sources.ts';
import type { Environment, Repository } from './environment.ts';

/** Without a `judge`, what the TypeScript kustomize does not build fails. */
export interface RenderOptions extends BuilderOptions {
  /** Names of the environments to render; all where absent. */
  readonly environments?: readonly string[];
  /** Names of the components whose builds are kept; all where absent. All are rendered, since some need others. */
  readonly components?: readonly string[];
  /** How environments are found; told from the files where absent. */
  readonly layout?: Layout;
  /** Every file that Git would track; without it all but `.git` and `node_modules`. */
  readonly paths?: readonly string[];
}

/** Renders a repository as Flux would: every environment, every Flux Kustomization that it leads to. */
export function renderRepository(sources: Sources, options: RenderOptions = {}): Repository {
  const paths = options.paths ?? [...walk(sources.files, '.', isOutside)].sort();
  const { roots, builder } =
    (options.layout ?? layoutOf(sources)) === 'environments'
      ? { roots: environmentRoots(sources), builder: openBuilder(sources, [], options) }
      : anyRoots(sources, paths, options);
  const wanted = (names: readonly string[] | undefined, name: string): boolean =>
    names === undefined || names.length === 0 || names.includes(name);
  const environments = roots
    .filter(({ name }) => wanted(options.environments, name))
    .map((root) => {
      const started = performance.now();
      const rendered = keep(renderEnvironment(builder, root), (component) =>
        wanted(options.components, component),
      );
      return { ...rendered, renderMs: Math.round(performance.now() - started) };
    });
  return { sources, paths, environments };
}

function anyRoots(sources: Sources, paths: readonly string[], options: BuilderOptions) {
  const flux = findFluxObjects(sources, paths);
  const builder = openBuilder(sources, flux.sources, options);
  return { roots: rootsOf(builder, flux), builder };
}

const isOutside = (path: string): boolean => /(?:^|\/)(?:\.git|node_modules)$/.test(path);

function keep(environment: Environment, wanted: (component: string) => boolean): Environment {
  const builds = environment.builds.filter(({ component }) => wanted(component));
  return builds.length === environment.builds.length
    ? environment
    : { ...environment, builds, objects: builds.flatMap(({ objects }) => objects) };
}
