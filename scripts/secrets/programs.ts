import { join } from 'node:path';
import type { UsageError } from '../cli/exit.ts';
import { findProgram, runProcess } from '../cluster/process.ts';
import { toolNamed, toolOf } from '../tools/catalog.ts';
import { findTool } from '../tools/find.ts';
import { goIsAtLeast } from '../tools/go-mod.ts';
import { readPin } from '../tools/pin.ts';
import { programVersion } from '../tools/program-version.ts';
import { configFile } from './creation-rules.ts';

/** The programs that encrypt, by their absolute paths. */
export interface Programs {
  readonly sops: string;
  readonly ageKeygen: string;
}

export type ProgramsFound =
  | { readonly ok: true; readonly programs: Programs }
  | { readonly ok: false; readonly error: UsageError };

// sops: the first that sets a value from standard input. age: the first whose identities it reads alike.
const oldest = { sops: '3.11.0', 'age-keygen': '1.1.0' } as const;

/** sops and age-keygen: as `npm run tools:build` made them, or on PATH in a version that does all that is asked of them. */
export function findPrograms(environment: NodeJS.ProcessEnv = process.env): ProgramsFound {
  const sops = find('sops', environment);
  if (!sops.ok) return sops;
  const ageKeygen = find('age-keygen', environment);
  if (!ageKeygen.ok) return ageKeygen;
  return { ok: true, programs: { sops: sops.path, ageKeygen: ageKeygen.path } };
}

type Found =
  | { readonly ok: true; readonly path: string }
  | { readonly ok: false; readonly error: UsageError };

function find(program: keyof typeof oldest, environment: NodeJS.ProcessEnv): Found {
  const built = findTool(program, environment);
  if (built.ok) return { ok: true, path: built.path };
  const path = findProgram(program, environment);
  const tool = toolOf(program)!;
  const version = path === undefined ? undefined : programVersion(tool, program, path);
  if (path !== undefined && version !== undefined && goIsAtLeast(version, oldest[program]))
    return { ok: true, path };
  const pinned = ['sops', 'age'].map((name) => `${name} ${readPin(toolNamed(name)!, environment).version}`);
  return {
    ok: false,
    error: {
      message:
        path === undefined
          ? `${program} is not on PATH`
          : `${path} is ${version ?? 'of no version that it would tell'}; ${oldest[program]} or newer is needed`,
      fix: `Install ${pinned.join(' and ')} (https://getsops.io, https://age-encryption.org), or build both from their Go modules: npm run tools:build -- --only sops,age`,
    },
  };
}

export type Ran<T> =
  | { readonly ok: true; readonly result: T }
  | { readonly ok: false; readonly error: UsageError };

/** Where SOPS finds the private key; the person's own environment where the file is not there. */
export interface Keys {
  readonly keyFile: string | undefined;
}

/** What the calls of one run have in common. */
export interface Tools extends Keys {
  readonly programs: Programs;
  readonly root: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Encrypts a document for whom `.sops.yaml` names for the file. The plain text goes by standard input and nowhere else.
 *
 * @param file relative to the root: it decides which creation rule is taken
 */
export async function encrypt(tools: Tools, file: string, plain: string): Promise<Ran<string>> {
  const run = await sops(tools, ['encrypt', '--filename-override', join(tools.root, file)], plain);
  return run.code === 0 && run.stdout.includes('\nsops:')
    ? { ok: true, result: run.stdout }
    : failed(`${file} could not be encrypted`, run.stderr);
}

/** The values of an encrypted Secret, by key, in memory. The caller must never print them. */
export async function decrypt(tools: Tools, file: string): Promise<Ran<ReadonlyMap<string, string>>> {
  const run = await sops(tools, ['decrypt', '--output-type', 'json', join(tools.root, file)]);
  if (run.code !== 0) return failed(`${file} could not be decrypted`, run.stderr);
  try {
    const object = JSON.parse(run.stdout) as {
      data?: Record<string, unknown>;
      stringData?: Record<string, unknown>;
    };
    const decoded = Object.entries(object.data ?? {}).map(
      ([key, value]) => [key, Buffer.from(String(value), 'base64').toString('utf8')] as const,
    );
    const plain = Object.entries(object.stringData ?? {}).map(
      ([key, value]) => [key, String(value)] as const,
    );
    return { ok: true, result: new Map([...decoded, ...plain]) };
  } catch {
    return failed(`what sops made of ${file} is no object`, '');
  }
}

/** Sets values of an encrypted file in place, each through standard input. */
export async function setValues(
  tools: Tools,
  file: string,
  values: ReadonlyMap<string, { readonly field: string; readonly value: string }>,
): Promise<UsageError | undefined> {
  for (const [key, { field, value }] of values) {
    const stored = field === 'data' ? Buffer.from(value).toString('base64') : value;
    const index = `["${field}"]["${key}"]`;
    const run = await sops(tools, ['set', '--value-stdin', file, index], JSON.stringify(stored));
    if (run.code !== 0) return failed(`${key} could not be set`, run.stderr).error;
  }
  return undefined;
}

/** Gives an encrypted file a new data key, and other recipients where there are any. */
export async function renewDataKey(
  tools: Tools,
  file: string,
  add: readonly string[],
  remove: readonly string[],
): Promise<UsageError | undefined> {
  const run = await sops(tools, [
    'rotate',
    '--in-place',
    ...(add.length === 0 ? [] : ['--add-age', add.join(',')]),
    ...(remove.length === 0 ? [] : ['--rm-age', remove.join(',')]),
    file,
  ]);
  return run.code === 0 ? undefined : failed('its data key could not be renewed', run.stderr).error;
}

/** The recipient of a private key: what others encrypt for. */
export async function recipientOf(tools: Pick<Tools, 'programs'>, keyFile: string): Promise<Ran<string>> {
  const run = await runProcess([tools.programs.ageKeygen, '-y', keyFile]);
  const recipient = run.stdout.trim().split('\n')[0] ?? '';
  return run.code === 0 && recipient.startsWith('age1')
    ? { ok: true, result: recipient }
    : failed(`${keyFile} is no private age key`, run.stderr);
}

/** Makes a private key in a file that must not be there yet; only its owner can read it. */
export async function makeKey(
  tools: Pick<Tools, 'programs'>,
  keyFile: string,
): Promise<UsageError | undefined> {
  const run = await runProcess([tools.programs.ageKeygen, '-o', keyFile]);
  return run.code === 0 ? undefined : failed(`no key could be made in ${keyFile}`, run.stderr).error;
}

/** The program with the person's own key, or the one in the key file. */
export const sops = (
  { programs, root, keyFile, environment, signal }: Tools,
  parameters: readonly string[],
  input?: string,
  interactive = false,
) =>
  // Its `stores` say how files are indented, also for a copy that lies elsewhere.
  runProcess([programs.sops, '--config', join(root, configFile), ...parameters], {
    ...(input === undefined ? {} : { input }),
    ...(signal ? { signal } : {}),
    environment: { ...environment, ...(keyFile === undefined ? {} : { SOPS_AGE_KEY_FILE: keyFile }) },
    interactive,
  });

// sops says what is wrong in its last lines, and never prints a value.
function failed(message: string, stderr: string): { readonly ok: false; readonly error: UsageError } {
  const said = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^[|+-]+$/.test(line));
  const noKey =
    /no identity matched|failed to load age identities|did not find keys|cannot find.*identit/i.test(stderr);
  return {
    ok: false,
    error: {
      message: said.length === 0 ? message : `${message}: ${said.slice(-3).join(' ')}`,
      fix: noKey
        ? 'Name the file with the private key: --key FILE, or SOPS_AGE_KEY_FILE.'
        : 'Mend the cause, then run the same command again; nothing was half written.',
    },
  };
}
