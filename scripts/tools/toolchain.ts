import { spawnSync } from 'node:child_process';
import { goIsAtLeast } from './go-mod.ts';

export type Toolchain =
  | { readonly ok: true; readonly version: string }
  | { readonly ok: false; readonly reason: string };

/**
 * The Go that would build a directory, or why there is none. An older Go that may fetch a newer toolchain itself
 * (GOTOOLCHAIN=auto) counts as the newer one.
 *
 * @param wanted the lowest version that will do, as `1.26.0`
 * @param directory holds the go.mod
 */
export function findGo(
  wanted: string,
  directory: string,
  environment: NodeJS.ProcessEnv = process.env,
): Toolchain {
  const run = spawnSync('go', ['env', 'GOVERSION'], {
    cwd: directory,
    env: { ...environment, GOWORK: 'off' },
    encoding: 'utf8',
    timeout: 120_000,
  });
  if (run.error !== undefined)
    return {
      ok: false,
      reason: `Go is not on PATH: ${wanted} or newer is needed to build the cluster's programs`,
    };
  const version = run.stdout.trim();
  if (run.status !== 0 || !goIsAtLeast(version, wanted)) {
    const complaint = run.stderr.trim().split('\n').at(-1) ?? '';
    return {
      ok: false,
      reason: `Go is too old: ${wanted} or newer is needed (${complaint || `found ${version}`})`,
    };
  }
  return { ok: true, version };
}
