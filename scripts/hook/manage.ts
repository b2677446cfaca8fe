import { chmodSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { UsageError } from '../cli/exit.ts';
import type { Git } from './git.ts';
import { hookName, hookScript, isEditedHook, isOwnHook, ownLine } from './script.ts';

/** `current`: as it would be written now. `outdated`: written here, by another version or with another Node.js. */
export type HookState = 'current' | 'outdated' | 'absent' | 'edited' | 'foreign' | 'redirected';

export interface HookStatus {
  readonly state: HookState;
  /** The file that Git runs. */
  readonly file: string;
  /** For people. */
  readonly words: string;
}

/** Which hook is there. It changes nothing. */
export function statusOf(git: Git, node: string): HookStatus {
  const file = join(git.hooks, hookName);
  const text = readHook(file);
  const told = (state: HookState, words: string): HookStatus => ({ state, file, words });
  // What was there before core.hooksPath was set is not run any more.
  if (git.hooksPath !== undefined)
    return text?.includes('run.mjs" hook run')
      ? told('current', `the gate runs before each commit, by the hook in core.hooksPath (${file})`)
      : told('redirected', `not installed: core.hooksPath is ${git.hooksPath}`);
  if (text === undefined) return told('absent', 'not installed');
  if (text === hookScript(node)) return told('current', `the gate runs before each commit (${file})`);
  if (isOwnHook(text))
    return told('outdated', `installed by another version or with another Node.js (${file})`);
  if (isEditedHook(text)) return told('edited', `installed, and edited since (${file})`);
  return text.includes('run.mjs" hook run')
    ? told('current', `the gate runs before each commit, by a hook of your own (${file})`)
    : told('foreign', `not installed: ${file} is another hook`);
}

export type Managed =
  | { readonly ok: true; readonly words: string }
  | { readonly ok: false; readonly error: UsageError };

/** Puts the hook in place. Another hook, an edited one and core.hooksPath are left as they are. */
export function install(git: Git, node: string): Managed {
  const { state, file, words } = statusOf(git, node);
  switch (state) {
    case 'current':
      return { ok: true, words: `already installed: ${words}` };
    case 'absent':
    case 'outdated':
      write(file, hookScript(node));
      return {
        ok: true,
        words: `installed: before each commit the gate checks what is to be committed (${file}).\n\`git commit --no-verify\` goes past it; \`npm run hook -- uninstall\` takes it away.`,
      };
    case 'redirected':
      return refuse(
        `core.hooksPath is ${git.hooksPath}: Git runs the hooks in there, and they are not this repository's alone`,
        `Add this line to ${file} (a shell script), or \`git config --unset core.hooksPath\`:\n    ${ownLine}`,
      );
    case 'edited':
      return refuse(
        `${file} was installed by this command and edited since`,
        'Move it away if the edits are not needed, then install again.',
      );
    case 'foreign':
      return refuse(
        `there is another ${hookName} hook: ${file}`,
        `It stays. Add this line to it, if it is a shell script:\n    ${ownLine}`,
      );
  }
}

/** Takes the hook away, if it is the one that was installed. */
export function uninstall(git: Git, node: string): Managed {
  const { state, file, words } = statusOf(git, node);
  const text = readHook(file);
  if (text !== undefined && isOwnHook(text)) {
    rmSync(file);
    return { ok: true, words: `taken away: ${file}` };
  }
  if (state === 'edited' || state === 'current')
    return refuse(
      `${file} is not as it was installed`,
      `Take the line with \`run.mjs" hook run\` out of it yourself.`,
    );
  return { ok: true, words: `nothing to take away: ${words}` };
}

const refuse = (message: string, fix: string): Managed => ({ ok: false, error: { message, fix } });

/** The text of a hook; empty for what is there but is no readable file, undefined for what is not there. */
function readHook(file: string): string | undefined {
  if (!lstatSync(file, { throwIfNoEntry: false })) return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

// Whole, or not at all: Git would run half of it.
function write(file: string, text: string): void {
  mkdirSync(join(file, '..'), { recursive: true });
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, text);
  chmodSync(temporary, 0o755);
  renameSync(temporary, file);
}
