import { type BuildNotice, buildKustomization } from '../kustomize/build.ts';
import type { BuildFailure } from '../render/environment.ts';
import { locate, type RenderedObject } from '../render/object.ts';
import type { Files } from '../repository/files.ts';
import type { Sources } from '../repository/sources.ts';
import { readCiphertext } from '../secrets/ciphertext.ts';
import { isSelected, selectionOf } from '../secrets/selection.ts';
import { hasMac } from '../secrets/sops-document.ts';
import { type MapNode, type Node, type Origin, textAt } from '../yaml/node.ts';
import { rootKustomization } from './kustomization.ts';
import { unknownValue } from './substitute.ts';

/**
 * Builds what the TypeScript kustomize does not: the real one, with provenance as good as can be told from its output.
 * `root` stands for the directory's own kustomization where Flux adds to it.
 */
export type Judge = (
  sources: Sources,
  directory: string,
  root: MapNode | undefined,
) =>
  | { readonly ok: true; readonly objects: readonly MapNode[] }
  | { readonly ok: false; readonly message: string };

/** A directory that the TypeScript kustomize built, for somebody to compare. */
export interface EngineBuild {
  readonly sources: Sources;
  readonly directory: string;
  /** In place of the directory's own kustomization, where Flux adds to it. */
  readonly root: MapNode | undefined;
  readonly objects: readonly MapNode[];
  readonly reads: ReadonlySet<string>;
}

export interface BuildContext {
  /** What Flux's artifact holds. */
  readonly artifact: Sources;
  /** What the repository holds, to tell why something is not in the artifact. */
  readonly files: Files;
  readonly judge?: Judge;
  /** Directories that the judge builds although the TypeScript kustomize could: it was seen to differ there. */
  readonly distrusted?: ReadonlySet<string>;
  readonly onEngineBuild?: (build: EngineBuild) => void;
}

/** A directory as Flux's kustomize builds it, before any substitution. */
export interface KustomizeResult {
  readonly objects: readonly MapNode[];
  readonly failures: readonly BuildFailure[];
  readonly notices: readonly BuildNotice[];
  readonly reads: ReadonlySet<string>;
}

/** Builds a path of the artifact, with what the Flux Kustomization adds to it. */
export function buildPath(
  context: BuildContext,
  directory: string,
  kustomization?: RenderedObject,
): KustomizeResult {
  const { artifact } = context;
  const failed = (
    failures: readonly BuildFailure[],
    reads: Iterable<string>,
    notices: readonly BuildNotice[] = [],
  ): KustomizeResult => ({ objects: [], failures, notices, reads: new Set(reads) });
  if (artifact.files.kind(directory) !== 'directory')
    return failed([missingPath(context, directory, kustomization)], [directory]);

  const prepared = rootKustomization(artifact, directory, kustomization);
  if (!prepared.ok) return failed([prepared.failure], prepared.reads);
  if (prepared.empty) return { objects: [], failures: [], notices: [], reads: new Set(prepared.reads) };

  const result = buildKustomization(artifact, directory, {
    loadRestrictions: 'none',
    order: 'none',
    lenientRoot: true,
    ...(prepared.root && { root: prepared.root }),
  });
  const reads = new Set([...prepared.reads, ...result.reads]);
  switch (result.status) {
    case 'built': {
      if (context.distrusted?.has(directory)) {
        const built = context.judge?.(artifact, directory, prepared.root);
        if (built?.ok) return { objects: built.objects, failures: [], notices: result.notices, reads };
      }
      context.onEngineBuild?.({
        sources: artifact,
        directory,
        root: prepared.root,
        objects: result.objects,
        reads,
      });
      return { objects: result.objects, failures: [], notices: result.notices, reads };
    }
    case 'failed': {
      const left = [...reads].filter(
        (path) => context.files.kind(path) !== undefined && artifact.files.kind(path) === undefined,
      );
      return failed(
        result.problems.map(
          (problem): BuildFailure => ({
            stage: 'render',
            ...problem,
            message: problem.message + notInArtifact(context.files, left),
          }),
        ),
        reads,
        result.notices,
      );
    }
    case 'unsupported': {
      const built = context.judge?.(artifact, directory, prepared.root);
      if (built?.ok) return { objects: built.objects, failures: [], notices: [], reads };
      return failed(
        [
          built
            ? {
                stage: 'render',
                code: 'kustomize',
                message: `kustomize cannot build \`${directory}\`: ${built.message}`,
                fix: 'mend what kustomize names',
                origin: result.origin,
              }
            : {
                stage: 'render',
                code: 'unsupported',
                message: `\`${directory}\` uses ${result.feature}, which only the real kustomize builds, and that is not at hand here`,
                fix: 'install the kustomize that versions.yaml names, or do without the feature',
                origin: result.origin,
              },
        ],
        reads,
      );
    }
  }
}

function notInArtifact(files: Files, paths: readonly string[]): string {
  const [path] = paths;
  if (path === undefined) return '';
  return files.kind(path) === 'symlink'
    ? `; \`${path}\` is a symbolic link, and Flux's artifacts hold none`
    : `; \`${path}\` exists, but source-controller leaves it out of the artifact (its default ignores, or a \`.sourceignore\`)`;
}

function missingPath(
  { files }: BuildContext,
  directory: string,
  kustomization: RenderedObject | undefined,
): BuildFailure {
  const origin: Origin = kustomization
    ? locate(kustomization, ['spec', 'path'])
    : { file: directory, line: 1, column: 1 };
  const kind = files.kind(directory);
  const owner = kustomization ? `Kustomization \`${kustomization.name}\` builds` : 'Flux builds';
  const reason =
    kind === 'file'
      ? 'is a file: `spec.path` names a directory'
      : kind === 'symlink'
        ? "is a symbolic link, and Flux's artifacts hold none"
        : kind === 'directory'
          ? 'holds nothing that source-controller packs into the artifact'
          : 'does not exist';
  return {
    stage: 'render',
    code: 'missing-path',
    message: `${owner} \`${directory}\`, which ${reason}`,
    fix: 'correct `spec.path`; it is relative to the root of the source',
    origin,
  };
}

/**
 * What the controller changes of an object after the build: where it decrypts, the `sops` block is taken out. What was
 * encrypted stays so here, marked as unknown: decrypted it may be of any type. Mirrors `DecryptResource` of
 * kustomize-controller internal/decryptor.
 */
export function acceptObject(object: MapNode, kustomization: RenderedObject | undefined): MapNode {
  const provider = kustomization && textAt(kustomization.node, ['spec', 'decryption', 'provider']);
  const sops = object.entries.get('sops')?.value;
  if (provider !== 'sops' || !sops || !hasMac(sops) || isDecryptionDisabled(object)) return object;
  const selection = selectionOf(sops);
  const decrypt = (node: Node, keys: readonly string[]): Node => {
    switch (node.type) {
      case 'scalar':
        return typeof node.value === 'string' && readCiphertext(node.value) && isSelected(selection, keys)
          ? unknownValue(node)
          : node;
      case 'list':
        return { ...node, items: node.items.map((item) => decrypt(item, keys)) };
      case 'map': {
        const entries = new Map(
          [...node.entries].map(([key, { origin, value }]) => [
            key,
            { origin, value: decrypt(value, [...keys, key]) },
          ]),
        );
        return { ...node, entries };
      }
    }
  };
  const { type, entries, origin } = object;
  const rest = new Map([...entries].filter(([key]) => key !== 'sops'));
  return decrypt({ type, entries: rest, origin }, []) as MapNode;
}

/** Whether an annotation keeps Flux from decrypting an object. */
export const isDecryptionDisabled = (object: Node): boolean =>
  textAt(object, ['metadata', 'annotations', 'kustomize.toolkit.fluxcd.io/decrypt'])?.toLowerCase() ===
  'disabled';
