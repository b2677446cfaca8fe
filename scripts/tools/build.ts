import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { findProgram } from '../cluster/process.ts';
import { type Tool, tools } from './catalog.ts';
import { type Missing, missingOf, nothingMissing } from './find.ts';
import { isAlive, takeLock } from './lock.ts';
import { type Pin, readPin, toolsDirectory } from './pin.ts';
import { programVersion } from './program-version.ts';
import { findGo } from './toolchain.ts';

export interface BuildContext {
  readonly environment?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
  /** One line for the log. */
  readonly line: (text: string) => void;
  /** What is being done right now. */
  readonly step: (text: string) => void;
}

export type BuildResult =
  | { readonly ok: true; readonly built: readonly string[] }
  | {
      readonly ok: false;
      /** `go`: there is no Go that could build; `build`: it failed; `interrupted`: the person or the caller stopped it. */
      readonly why: 'go' | 'build' | 'interrupted';
      readonly reason: string;
    };

/**
 * Builds what is missing of the given tools into the cache, one after the other, and one process at a time: a link of
 * the API server alone takes gigabytes. What is ready stays untouched.
 */
export async function buildTools(wanted: readonly Tool[], context: BuildContext): Promise<BuildResult> {
  const environment = context.environment ?? process.env;
  const todo = wanted.filter((tool) => !nothingMissing(missingOf(tool, environment)));
  if (todo.length === 0) return { ok: true, built: [] };
  for (const tool of todo) {
    const pin = readPin(tool, environment);
    const go = findGo(pin.goMod.go, pin.source, environment);
    if (!go.ok) return { ok: false, why: 'go', reason: go.reason };
  }
  let release: (() => void) | undefined;
  try {
    release = await takeLock(join(toolsDirectory(environment), 'lock'), {
      ...(context.signal ? { signal: context.signal } : {}),
      waiting: (holder) => context.line(`process ${holder} is building; waiting for it`),
    });
    const built: string[] = [];
    for (const tool of todo) {
      // Another process may have built it while this one waited.
      const missing = missingOf(tool, environment);
      if (nothingMissing(missing)) continue;
      const failure = await buildTool(readPin(tool, environment), missing, context);
      if (failure !== undefined) return failure;
      built.push(tool.name);
    }
    return { ok: true, built };
  } catch (error) {
    if (context.signal?.aborted) return { ok: false, why: 'interrupted', reason: 'interrupted' };
    return { ok: false, why: 'build', reason: error instanceof Error ? error.message : String(error) };
  } finally {
    release?.();
  }
}

type Failure = Extract<BuildResult, { ok: false }>;

async function buildTool(pin: Pin, missing: Missing, context: BuildContext): Promise<Failure | undefined> {
  const started = performance.now();
  const seconds = (): string => `${((performance.now() - started) / 1000).toFixed(1)} s`;
  const label = `${pin.tool.name} ${pin.version}`;
  mkdirSync(dirname(pin.directory), { recursive: true });
  removeLeftovers(pin);
  // On the same file system as its place, so that moving it there is one rename.
  const temporary = mkdtempSync(`${pin.directory}.tmp-${process.pid}-`);
  const fail = (reason: string): Failure => ({ ok: false, why: 'build', reason: `${label}: ${reason}` });
  try {
    for (const program of missing.programs) {
      const ticker = setInterval(() => context.step(`${label}: building ${program}, ${seconds()}`), 1_000);
      context.step(`${label}: building ${program}`);
      const output = join(temporary, 'bin', program);
      const run = await go(
        pin,
        ['build', ...pin.flags, '-o', output, pin.tool.programs[program]!.package],
        context,
      );
      clearInterval(ticker);
      if (context.signal?.aborted) return { ok: false, why: 'interrupted', reason: 'interrupted' };
      if (run.code !== 0) return fail(`go build of ${program} failed:\n${lastLines(run.stderr, 15)}`);
      if (pin.tool.programs[program]!.versionArguments !== undefined) {
        const says = programVersion(pin.tool, program, output);
        if (says !== pin.version)
          return fail(`the ${program} that was built says it is ${says ?? 'nothing'}`);
      }
      mkdirSync(join(pin.directory, 'bin'), { recursive: true });
      renameSync(output, join(pin.directory, 'bin', program));
    }
    if (missing.files) {
      const run = await go(pin, ['mod', 'download', '-json', `${pin.tool.module}@${pin.version}`], context);
      if (context.signal?.aborted) return { ok: false, why: 'interrupted', reason: 'interrupted' };
      if (run.code !== 0) return fail(`go mod download failed:\n${lastLines(run.stdout + run.stderr, 15)}`);
      const { Dir } = JSON.parse(run.stdout) as { Dir: string };
      copyFiles(join(Dir, pin.tool.files!), join(temporary, 'files'));
      mkdirSync(pin.directory, { recursive: true });
      renameSync(join(temporary, 'files'), join(pin.directory, 'files'));
    }
    const names = [...missing.programs, ...(missing.files ? [`its ${pin.tool.files}`] : [])];
    context.line(`${label}: ${names.join(', ')} in ${seconds()}`);
    return undefined;
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

interface GoRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function go(pin: Pin, parameters: readonly string[], context: BuildContext): Promise<GoRun> {
  // The machine stays usable: minutes of compiling should not be felt.
  const nice = findProgram('nice', context.environment);
  const [file, ...before] = nice === undefined ? ['go'] : [nice, '-n', '10', 'go'];
  return new Promise((done) => {
    const child = spawn(file!, [...before, ...parameters], {
      cwd: pin.source,
      env: {
        ...(context.environment ?? process.env),
        // The person's own GOFLAGS would change what is built without changing the name under which it is kept.
        GOFLAGS: '-mod=readonly',
        GOWORK: 'off',
        CGO_ENABLED: '0',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: go's compilers and linkers are stopped with it.
      detached: true,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk;
    });
    const stop = (): void => killGroup(child, 'SIGKILL');
    if (context.signal?.aborted) stop();
    context.signal?.addEventListener('abort', stop, { once: true });
    process.once('exit', stop);
    const end = (code: number): void => {
      context.signal?.removeEventListener('abort', stop);
      process.removeListener('exit', stop);
      done({ code, stdout, stderr });
    };
    child.once('error', (error) => {
      stderr += error.message;
      end(127);
    });
    child.once('close', (code) => end(code ?? 1));
  });
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It has ended already.
  }
}

/** Removes what builds left that were cut off. */
function removeLeftovers(pin: Pin): void {
  const parent = dirname(pin.directory);
  for (const entry of readdirSync(parent)) {
    const owner = /\.tmp-(\d+)-/.exec(entry)?.[1];
    if (owner !== undefined && !isAlive(Number(owner)))
      rmSync(join(parent, entry), { recursive: true, force: true });
  }
}

// Files of Go's module cache are read-only, and so are its directories: a plain copy could not be filled or removed.
function copyFiles(from: string, to: string): void {
  for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const source = join(entry.parentPath, entry.name);
    const target = join(to, source.slice(from.length));
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(source, target);
    chmodSync(target, 0o644);
  }
}

const lastLines = (text: string, count: number): string => text.trim().split('\n').slice(-count).join('\n');

/** Builds of other versions that the cache still has, as `<tool>/<version>-<hash>`. */
export function outdatedBuilds(environment: NodeJS.ProcessEnv = process.env): string[] {
  const root = toolsDirectory(environment);
  return tools.flatMap((tool) => {
    const directory = join(root, tool.name);
    if (!existsSync(directory)) return [];
    const current = basename(readPin(tool, environment).directory);
    return readdirSync(directory)
      .filter((entry) => !entry.startsWith(current))
      .map((entry) => join(tool.name, entry));
  });
}
