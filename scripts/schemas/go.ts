/** The few things asked of the Go toolchain: fetch a module, generate the CRDs of an api module. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A result or the reason why there is none. */
export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: string };

const ok = <T>(value: T): Result<T> => ({ ok: true, value });
const fail = (error: string): Result<never> => ({ ok: false, error });

/** A folder of its own with a go.mod, so that no go.mod above it has a say. */
export interface Scratch {
  readonly dir: string;
  readonly remove: () => void;
}

export function makeScratch(): Scratch {
  const dir = mkdtempSync(join(tmpdir(), 'schemas-'));
  writeFileSync(join(dir, 'go.mod'), 'module scratch\n\ngo 1.26.0\n');
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

/** The version of the installed Go, or an error that says what to do. */
export function goVersion(): Result<string> {
  const run = spawnSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' });
  if (run.error !== undefined || run.status !== 0) {
    return fail(
      'Go is not on PATH. It fetches the schemas’ sources: install Go 1.26 or newer and run this again.',
    );
  }
  return ok(run.stdout.trim());
}

/** Downloads a module (or finds it in Go's cache, then without network) and returns its folder. */
export function downloadModule(scratch: Scratch, path: string, version: string): Result<string> {
  const run = spawnSync('go', ['mod', 'download', '-json', `${path}@${version}`], {
    cwd: scratch.dir,
    encoding: 'utf8',
  });
  if (run.error !== undefined) return fail(String(run.error));
  const answer = parseAnswer(run.stdout);
  if (run.status !== 0 || answer.Dir === undefined) {
    return fail(`${path}@${version}: ${answer.Error ?? run.stderr.trim()}`);
  }
  return ok(answer.Dir);
}

function parseAnswer(text: string): { Dir?: string; Error?: string } {
  try {
    return JSON.parse(text) as { Dir?: string; Error?: string };
  } catch {
    return {};
  }
}

/**
 * Generates the CRDs of api modules from their Go types with controller-gen, as the controllers' own releases do, and
 * returns each file's YAML.
 */
export function generateCrds(
  scratch: Scratch,
  modules: readonly { readonly path: string; readonly version: string }[],
  controllerGen: string,
): Result<readonly string[]> {
  const dir = join(scratch.dir, 'generate');
  mkdirSync(dir);
  writeFileSync(join(dir, 'go.mod'), 'module scratch\n\ngo 1.26.0\n');
  const tool = 'sigs.k8s.io/controller-tools/cmd/controller-gen';
  const go = (...args: string[]): string | undefined => {
    const run = spawnSync('go', args, {
      cwd: dir,
      encoding: 'utf8',
      env: { ...process.env, GOFLAGS: `${process.env['GOFLAGS'] ?? ''} -mod=mod`.trim() },
    });
    return run.status === 0 ? undefined : `go ${args.join(' ')}: ${String(run.error ?? run.stderr.trim())}`;
  };
  const error =
    go('get', `${tool}@${controllerGen}`, ...modules.map(({ path, version }) => `${path}/...@${version}`)) ??
    go(
      'run',
      tool,
      'crd:crdVersions=v1',
      ...modules.map(({ path }) => `paths=${path}/...`),
      'output:crd:artifacts:config=crds',
    );
  if (error !== undefined) return fail(error);
  const out = join(dir, 'crds');
  return ok(
    readdirSync(out)
      .sort()
      .map((file) => readFileSync(join(out, file), 'utf8')),
  );
}
