import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { type KnownGood, knownGoodKey } from '../cache/known-good.ts';
import type { EngineBuild } from '../flux/build.ts';
import { kustomizationFiles } from '../flux/kustomization.ts';
import type { Files } from '../repository/files.ts';
import { toJson } from '../yaml/node.ts';
import { firstDifference } from './compare.ts';
import {
  buildCopyWithRealKustomize,
  buildWithRealKustomize,
  type Program,
  type ProgramResult,
} from './real-kustomize.ts';

/** A directory that the real kustomize builds differently. */
export interface Disagreement {
  readonly directory: string;
  /** The first difference, in words. */
  readonly difference: string;
}

export type Verdict =
  | { readonly ok: true; readonly disagreements: readonly Disagreement[]; readonly judged: number }
  | { readonly ok: false; readonly message: string };

export interface JudgeOptions {
  /** Absolute path of the repository. */
  readonly root: string;
  readonly version: string;
  readonly knownGood: KnownGood;
  /** Finds the real kustomize; asked only when there is something to judge. */
  readonly find: () => ProgramResult;
  readonly step?: (message: string) => void;
}

/**
 * Compares builds with what the real kustomize makes of the same directories, as many at a time as there are cores.
 * What was found equal before, with the same inputs, is not built again.
 */
export async function judgeBuilds(builds: readonly EngineBuild[], options: JudgeOptions): Promise<Verdict> {
  const open = builds
    .map((build) => ({ build, key: keyOf(build, options.version) }))
    .filter(({ key }) => !options.knownGood.has(key));
  if (open.length === 0) return { ok: true, disagreements: [], judged: 0 };
  const found = options.find();
  if (!found.ok) return { ok: false, message: found.message };
  const disagreements: Disagreement[] = [];
  let done = 0;
  const queue = [...open];
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const difference = await compare(next.build, found.program, options.root);
      if (difference === undefined) options.knownGood.add(next.key);
      else disagreements.push({ directory: next.build.directory, difference });
      done += 1;
      options.step?.(`Comparing with kustomize ${options.version}: ${done} of ${open.length} …`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), open.length) }, work));
  return { ok: true, disagreements, judged: open.length };
}

async function compare(build: EngineBuild, program: Program, root: string): Promise<string | undefined> {
  const { sources, directory, objects } = build;
  const added = build.root && !isOnDisk(build) ? build.root : undefined;
  const real = added
    ? buildCopyWithRealKustomize(program, sources, directory, added, build.reads)
    : await buildWithRealKustomize(
        program,
        root,
        directory,
        { loadRestrictions: 'none', order: 'none' },
        sources,
      );
  return real.ok ? firstDifference(objects, real.yaml) : `kustomize refuses it: ${real.message}`;
}

/** Whether Flux adds nothing to the directory's own kustomization. */
function isOnDisk({ sources, directory, root }: EngineBuild): boolean {
  const [file] = kustomizationFiles(sources.files, directory);
  const own = file === undefined ? undefined : sources.yaml(file)?.documents[0]?.node;
  return (
    own !== undefined && root !== undefined && JSON.stringify(toJson(own)) === JSON.stringify(toJson(root))
  );
}

/** Of everything that a build depends on: two builds with one key have one result. */
function keyOf({ sources, directory, root, reads }: EngineBuild, version: string): string {
  const inputs = [...reads].sort().flatMap((path) => [path, stateOf(sources.files, path)]);
  return knownGoodKey('kustomize', version, directory, root ? JSON.stringify(toJson(root)) : '', ...inputs);
}

function stateOf(files: Files, path: string): string {
  const read = files.read(path);
  if (read.ok) return createHash('sha256').update(read.bytes).digest('hex');
  return read.reason === 'directory' ? files.list(path).join('\n') : read.reason;
}
