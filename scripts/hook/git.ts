import { resolve } from 'node:path';
import type { UsageError } from '../cli/exit.ts';
import { findProgram, type ProcessResult, runProcess } from '../cluster/process.ts';

/** Git in one worktree. */
export interface Git {
  /** The top directory of the worktree. */
  readonly root: string;
  /** Of this worktree; absolute. */
  readonly directory: string;
  /** Where Git looks for hooks, for all worktrees alike; absolute. */
  readonly hooks: string;
  /** `core.hooksPath`, where it is set: the hooks are somebody else's, perhaps of other repositories, too. */
  readonly hooksPath: string | undefined;
  run(args: readonly string[], input?: string): Promise<ProcessResult>;
}

export type GitOpened =
  | { readonly ok: true; readonly git: Git }
  | { readonly ok: false; readonly error: UsageError };

export interface GitOptions {
  readonly environment: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens the worktree that a directory is the top of. What Git tells a hook by its environment is kept: with `git commit -a` or
 * `git commit PATH` the index is a temporary one.
 */
export async function openGit(root: string, { environment, signal }: GitOptions): Promise<GitOpened> {
  const program = findProgram('git', environment);
  if (program === undefined)
    return {
      ok: false,
      error: { message: 'git is not on PATH', fix: 'Install it, or add its directory to PATH.' },
    };
  const run = (args: readonly string[], input?: string): Promise<ProcessResult> =>
    runProcess([program, '-C', root, ...args], {
      environment,
      signal,
      ...(input === undefined ? {} : { input }),
    });
  const directory = await run(['rev-parse', '--absolute-git-dir']);
  if (directory.code !== 0)
    return {
      ok: false,
      error: {
        message: `${root} is no Git repository: ${directory.stderr.trim()}`,
        fix: 'Run it in a clone of the repository.',
      },
    };
  const hooks = await run(['rev-parse', '--git-path', 'hooks']);
  const configured = await run(['config', '--get', 'core.hooksPath']);
  const lineOf = ({ stdout }: ProcessResult): string => stdout.replace(/\r?\n$/, '');
  return {
    ok: true,
    git: {
      root,
      directory: lineOf(directory),
      hooks: resolve(root, lineOf(hooks)),
      hooksPath: configured.code === 0 ? lineOf(configured) : undefined,
      run,
    },
  };
}
