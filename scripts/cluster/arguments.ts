import type { ParseArgsConfig } from 'node:util';
import { fromHere, text } from '../cli/arguments.ts';
import type { UsageError } from '../cli/exit.ts';
import { parseDuration } from './duration.ts';

/** Options of every command that touches a cluster. */
export const clusterOptions = {
  context: { type: 'string' },
  kubeconfig: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies ParseArgsConfig['options'];

/** Which cluster: as kubectl decides it, where neither is given. */
export const connectionOf = (values: Readonly<Record<string, unknown>>) => ({
  context: text(values.context as string | undefined),
  kubeconfig: fromHere(text(values.kubeconfig as string | undefined)),
});

/** The one environment that a command works on. */
export function oneEnvironment(
  command: string,
  positionals: readonly string[],
): { readonly ok: true; readonly name: string } | { readonly ok: false; readonly error: UsageError } {
  const [name, ...more] = positionals;
  if (name !== undefined && more.length === 0) return { ok: true, name };
  return {
    ok: false,
    error: {
      message:
        name === undefined ? 'which environment?' : `one environment at a time, not also ${more.join(', ')}`,
      fix: `npm run ${command} -- prototype`,
    },
  };
}

/** How long to wait, in milliseconds, from `--timeout`. */
export function timeoutOf(
  written: string | undefined,
  otherwise: string,
): { readonly ok: true; readonly timeoutMs: number } | { readonly ok: false; readonly error: UsageError } {
  const timeoutMs = parseDuration(written ?? otherwise);
  return timeoutMs === undefined
    ? {
        ok: false,
        error: { message: `--timeout: \`${written}\` is no duration`, fix: 'Examples: 90s, 20m, 1h30m.' },
      }
    : { ok: true, timeoutMs };
}
