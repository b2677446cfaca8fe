import type { Build, BuildFailure, Environment } from '../render/environment.ts';
import { isKind, type RenderedObject, renderedObject } from '../render/object.ts';
import type { Files } from '../repository/files.ts';
import type { Sources } from '../repository/sources.ts';
import { type MapNode, type Node, textAt } from '../yaml/node.ts';
import { artifactFiles, ignoredByFlux } from './artifact.ts';
import { acceptObject, type BuildContext, buildPath, type KustomizeResult } from './build.ts';
import { pathOf, withCommonMetadata } from './kustomization.ts';
import {
  artifactOptions,
  isLocal,
  isSource,
  type SourceReference,
  sourceKey,
  sourceOf,
  sourceOrigin,
} from './source.ts';
import { substituteObject } from './substitute.ts';
import { type CollectedVariables, collectVariables, substitutes, type VariableStore } from './variables.ts';

/** Where an environment starts: its directory, and the Flux Kustomization that builds it where one is in Git. */
export interface EnvironmentRoot {
  readonly name: string;
  readonly path: string;
  readonly component: string;
  readonly kustomization?: RenderedObject;
  /** The URL under which the environment's facts know this repository. */
  readonly repositoryUrl?: string;
}

/** Builds directories as Flux does, each combination once. */
export interface Builder {
  build(
    path: string,
    kustomization: RenderedObject | undefined,
    source: MapNode | undefined,
  ): KustomizeResult;
  /** Sources that stand in any file of the repository. */
  findSource(reference: SourceReference): MapNode | undefined;
  readonly files: Files;
}

/** How the builder builds, see {@link BuildContext}. */
export type BuilderOptions = Pick<BuildContext, 'judge' | 'distrusted' | 'onEngineBuild'>;

export function openBuilder(sources: Sources, known: readonly MapNode[], options: BuilderOptions): Builder {
  const artifacts = new Map<string, Sources>();
  const results = new Map<string, KustomizeResult>();
  const byKey = new Map(
    known.filter(isSource).map((node) => [
      sourceKey({
        kind: textAt(node, ['kind']) ?? '',
        namespace: textAt(node, ['metadata', 'namespace']),
        name: textAt(node, ['metadata', 'name']) ?? '',
      }),
      node,
    ]),
  );
  const artifactOf = (source: MapNode | undefined): Sources => {
    const options = artifactOptions(source);
    const key = JSON.stringify(options);
    const found =
      artifacts.get(key) ??
      narrowed(sources, artifactFiles(sources.files, ignoredByFlux(sources.files, options)));
    artifacts.set(key, found);
    return found;
  };
  return {
    files: sources.files,
    findSource: (reference) => byKey.get(sourceKey(reference)),
    build(path, kustomization, source) {
      const artifact = artifactOf(source);
      const own = kustomization && builtFrom(kustomization);
      const key = JSON.stringify([path, artifactOptions(source), own]);
      const result =
        results.get(key) ?? buildPath({ ...options, artifact, files: sources.files }, path, kustomization);
      // A failure may be blamed on the Flux object that asked.
      if (result.failures.length === 0) results.set(key, result);
      return result;
    },
  };
}

// The Flux objects of two environments that build the same thing differ in what only the cluster cares about.
function builtFrom(kustomization: RenderedObject): unknown {
  const spec = kustomization.value['spec'];
  if (spec === null || typeof spec !== 'object' || Array.isArray(spec)) return spec;
  const {
    targetNamespace,
    namePrefix,
    nameSuffix,
    patches,
    images,
    components,
    ignoreMissingComponents,
    buildMetadata,
  } = spec;
  const added = {
    targetNamespace,
    namePrefix,
    nameSuffix,
    patches,
    images,
    components,
    ignoreMissingComponents,
    buildMetadata,
  };
  // What has an addition is blamed on its own Flux object.
  return Object.values(added).some((value) => value !== undefined)
    ? [added, kustomization.node.origin]
    : undefined;
}

const narrowed = (sources: Sources, files: Files): Sources => ({
  files,
  yaml: (path) => (files.kind(path) === 'file' ? sources.yaml(path) : undefined),
});

export const isFluxKustomization = (object: RenderedObject): boolean =>
  isKind(object, 'kustomize.toolkit.fluxcd.io', 'Kustomization');

interface Task {
  readonly component: string;
  readonly path: string;
  readonly kustomization: RenderedObject | undefined;
}

interface Prepared {
  readonly task: Task;
  readonly result: KustomizeResult;
  readonly collected: CollectedVariables | undefined;
}

/**
 * Renders everything that one cluster is told to run: the root, the Flux Kustomizations that it yields, what those
 * yield, and so on, each once. A Kustomization whose variables come from a ConfigMap waits until that is rendered.
 */
export function renderEnvironment(builder: Builder, root: EnvironmentRoot): Environment {
  const builds: Build[] = [];
  const store = openStore();
  const own = root.kustomization && sourceOf(root.kustomization);
  const queue: Task[] = [{ component: root.component, path: root.path, kustomization: root.kustomization }];
  const waiting: Prepared[] = [];
  const identity = (kustomization: RenderedObject): string =>
    `${kustomization.namespace ?? ''}/${kustomization.name}`;
  const seen = new Set(root.kustomization ? [identity(root.kustomization)] : []);
  const findSource = (reference: SourceReference): MapNode | undefined =>
    store.find(reference.kind, reference.namespace, reference.name) ?? builder.findSource(reference);

  const prepare = (task: Task): Prepared | undefined => {
    const { kustomization, path } = task;
    if (kustomization) {
      const context = {
        // Without a root object the environment is what `flux bootstrap` made, by its own name.
        own: own ?? { kind: 'GitRepository', namespace: 'flux-system', name: 'flux-system' },
        find: findSource,
        exists: (candidate: string) => builder.files.kind(candidate) === 'directory',
        repositoryUrl: root.repositoryUrl,
        isRoot: kustomization === root.kustomization,
      };
      if (!isLocal(kustomization, path, context)) {
        const { kind, name } = sourceOf(kustomization);
        finish(
          task,
          [],
          [
            {
              stage: 'render',
              code: 'foreign-source',
              message: `Kustomization \`${kustomization.name}\` builds from ${kind} \`${name}\`, which is another repository: what it applies is not checked`,
              fix: 'nothing to mend; check that repository on its own',
              origin: sourceOrigin(kustomization),
            },
          ],
        );
        return undefined;
      }
    }
    const result = builder.build(path, kustomization, kustomization && findSource(sourceOf(kustomization)));
    const collected = kustomization && collectVariables(kustomization, store);
    return { task, result, collected };
  };

  const finish = (
    task: Task,
    nodes: readonly MapNode[],
    failures: readonly BuildFailure[],
    result?: KustomizeResult,
  ): void => {
    const { component, path, kustomization } = task;
    const objects = nodes.map((node) => renderedObject(node, { environment: root.name, component }));
    builds.push({
      environment: root.name,
      component,
      path,
      ...(kustomization && { kustomization }),
      objects,
      failures,
      notices: result?.notices ?? [],
      reads: new Set(result?.reads ?? []),
    });
    for (const object of objects) {
      store.add(object);
      if (!isFluxKustomization(object)) continue;
      const next = { component: object.name, path: pathOf(object), kustomization: object };
      // The object of `flux bootstrap` that builds the directory it stands in.
      if (!root.kustomization && object.name === root.component && next.path === root.path) continue;
      if (seen.has(identity(object))) continue;
      seen.add(identity(object));
      queue.push(next);
    }
  };

  const complete = ({ task, result, collected }: Prepared): void => {
    const { kustomization } = task;
    const failures: BuildFailure[] = [...result.failures, ...(collected?.failures ?? [])];
    let fatal = result.failures.length > 0 || failures.some(({ code }) => code === 'invalid-name');
    const active = kustomization && collected && substitutes(kustomization, collected.variables);
    const nodes = result.objects.map((object) => {
      let node = acceptObject(object, kustomization);
      if (active) {
        const { object: filled, problems } = substituteObject(node, collected.variables);
        for (const { code, message, fix, origin } of problems)
          failures.push({ stage: 'substitution', code, message, fix, origin });
        // Lost quotes are found by the API server, object by object; the rest ends the build.
        fatal ||= problems.some(({ code }) => code !== 'lost-quotes');
        node = filled;
      }
      return kustomization ? withCommonMetadata(node, kustomization) : node;
    });
    finish(task, fatal ? [] : nodes, failures, result);
  };

  for (;;) {
    const task = queue.shift();
    if (task) {
      const prepared = prepare(task);
      if (prepared?.collected && prepared.collected.absent.length > 0) waiting.push(prepared);
      else if (prepared) complete(prepared);
      continue;
    }
    if (waiting.length === 0) break;
    const again = waiting.map(
      (prepared): Prepared => ({
        ...prepared,
        collected: prepared.task.kustomization && collectVariables(prepared.task.kustomization, store),
      }),
    );
    const ready = again.findIndex(({ collected }) => collected?.absent.length === 0);
    const index = Math.max(ready, 0);
    waiting.splice(index, 1);
    complete(again[index]!);
  }
  return { name: root.name, path: root.path, builds, objects: builds.flatMap((build) => build.objects) };
}

interface Store extends VariableStore {
  add(object: RenderedObject): void;
}

function openStore(): Store {
  const nodes = new Map<string, MapNode>();
  const key = (kind: string, namespace: string | undefined, name: string): string =>
    `${kind}/${namespace ?? ''}/${name}`;
  return {
    find: (kind, namespace, name) => nodes.get(key(kind, namespace, name)),
    add({ kind, namespace, name, node }) {
      if (kind === 'ConfigMap' || kind === 'Secret' || isSource(node))
        nodes.set(key(kind, namespace, name), node);
    },
  };
}

/** Of the objects of a build, the place in the source of each Flux Kustomization, which tells it from its namesakes. */
export const sourcePlace = (node: Node): string => {
  const { file, line } =
    node.type === 'map' ? (node.entries.get('kind')?.origin ?? node.origin) : node.origin;
  return `${file}:${line}`;
};
