import { join, relative } from 'node:path';
import type { UsageError } from '../cli/exit.ts';
import { withRecipients } from './config-text.ts';
import {
  decryptingKustomization,
  fileOf,
  isFile,
  keysIn,
  makeKeyDirectory,
  readState,
  type State,
} from './context.ts';
import { configFile } from './creation-rules.ts';
import type { KeyDeclaration, SecretDeclaration } from './declaration.ts';
import { withResources } from './kustomization-text.ts';
import { fileNameOf } from './layout.ts';
import { secretText } from './manifest.ts';
import { encrypt, makeKey, type Programs, recipientOf, setValues, type Tools } from './programs.ts';
import { type Value, type ValueSources, valueFor } from './values.ts';
import { onCopy, writeAtomically } from './write.ts';

export interface InitOptions {
  readonly root: string;
  readonly environment: string;
  /** Recipients beyond the one of the key file. */
  readonly recipients: readonly string[];
  /** The private key, absolute; made where nothing is there. */
  readonly keyFile: string;
  /** Whether the person named that file. */
  readonly keyNamed: boolean;
  readonly skipExternal: boolean;
  readonly dryRun: boolean;
  readonly values: ValueSources;
  readonly variables: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
  readonly keyWasMade: (keyFile: string) => void;
}

/** What `init` did, or would do. Names only, never a value. */
export interface InitReport {
  readonly environment: string;
  /** The private key that was made, or would be. */
  readonly keyMade: string | undefined;
  readonly recipients: readonly string[];
  readonly secrets: readonly {
    readonly secret: string;
    readonly file: string;
    readonly action: 'created' | 'completed' | 'kept';
    readonly made: readonly string[];
    /** Keys that only the site can supply, and has not yet. */
    readonly missing: readonly string[];
  }[];
  /** The Secret in Flux's namespace that the private key goes to; undefined where Flux does not decrypt the directory. */
  readonly decryptionSecret: string | undefined;
}

export type InitResult =
  | { readonly ok: true; readonly report: InitReport }
  | { readonly ok: false; readonly interrupted?: true; readonly error: UsageError };

/**
 * Makes what an environment's Secrets lack: a key pair, the creation rule, each Secret and each key that secrets.yaml declares.
 * What is there stays as it is. Each file is written whole, in an order in which a run that is cut off can be run again.
 */
export async function init(programs: Programs, options: InitOptions): Promise<InitResult> {
  const read = readState(options.root, options.environment);
  if (!read.ok) return read;
  const { state } = read;
  if (!relative(options.root, options.keyFile).startsWith('..'))
    return wrong(
      `${options.keyFile} lies in the repository`,
      'A private key is never in Git: name a place outside.',
    );
  const absent = await absentValues(state, options);
  if (absent) return { ok: false, error: absent };
  const recipients = await recipientsFor(programs, state, options);
  if (!recipients.ok) return recipients;
  const tools: Tools = {
    programs,
    root: options.root,
    environment: options.variables,
    keyFile: isFile(options.keyFile) ? options.keyFile : undefined,
    signal: options.signal,
  };
  if (!state.rule && !options.dryRun) {
    const known = state.sources.files.read(configFile);
    writeAtomically(
      join(options.root, configFile),
      withRecipients(known.ok ? known.text : undefined, options.environment, recipients.list),
    );
  }
  const secrets: InitReport['secrets'][number][] = [];
  for (const secret of state.declared) {
    const made = await initSecret(tools, state, secret, options);
    if (!made.ok) return made;
    secrets.push(made.done);
    if (!options.dryRun) list(state, secret, options);
  }
  if (state.declared.length === 0 && !options.dryRun) list(state, undefined, options);
  return {
    ok: true,
    report: {
      environment: options.environment,
      keyMade: recipients.keyMade,
      recipients: recipients.list,
      secrets,
      decryptionSecret: decryptingKustomization(state),
    },
  };
}

const wrong = (message: string, fix: string): { readonly ok: false; readonly error: UsageError } => ({
  ok: false,
  error: { message, fix },
});

/** Where nobody can be asked: all that is missing at once, before anything is made. */
async function absentValues(state: State, options: InitOptions): Promise<UsageError | undefined> {
  if (options.values.ask || options.skipExternal || options.dryRun) return undefined;
  const absent: string[] = [];
  for (const secret of state.declared) {
    const present = keysIn(state, fileOf(state, secret));
    for (const key of secret.keys)
      if (key.generator === 'external' && present?.has(key.name) !== true) {
        const value = await valueFor(secret, key, options.values);
        if (!value.ok && value.reason === 'absent') absent.push(`${secret.name}/${key.name}`);
      }
  }
  return absent.length === 0
    ? undefined
    : {
        message: `only you have ${absent.join(', ')}`,
        fix: `Give --from-file DIR with DIR/${absent[0]}, or leave them out for now with --skip-external. Nothing was made.`,
      };
}

type Recipients =
  | { readonly ok: true; readonly list: readonly string[]; readonly keyMade: string | undefined }
  | { readonly ok: false; readonly error: UsageError };

async function recipientsFor(programs: Programs, state: State, options: InitOptions): Promise<Recipients> {
  const invalid = options.recipients.find((recipient) => !isRecipient(recipient));
  if (invalid !== undefined)
    return wrong(
      `\`${invalid.slice(0, 80)}\` is no age recipient`,
      'A recipient begins with age1; `age-keygen -y FILE` prints that of a private key.',
    );
  if (state.rule) {
    const { recipients } = state.rule;
    const added = options.recipients.filter((recipient) => !recipients.includes(recipient));
    if (added.length > 0)
      return wrong(
        `${configFile} names other recipients for ${options.environment} already`,
        `Run \`npm run secrets -- rotate ${options.environment} --recipients --add ${added.join(',')}\`.`,
      );
    if (recipients.length === 0)
      return wrong(`the rule for ${options.environment} in ${configFile} names no age recipient`, 'Add one.');
    return { ok: true, list: recipients, keyMade: undefined };
  }
  // Who names recipients alone keeps the private keys elsewhere.
  if (options.recipients.length > 0 && !options.keyNamed && !isFile(options.keyFile))
    return { ok: true, list: options.recipients, keyMade: undefined };
  let keyMade: string | undefined;
  if (!isFile(options.keyFile)) {
    keyMade = options.keyFile;
    if (options.dryRun) return { ok: true, list: options.recipients, keyMade };
    makeKeyDirectory(options.keyFile);
    const failure = await makeKey({ programs }, options.keyFile);
    if (failure) return { ok: false, error: failure };
    // At once: what comes next may fail, and nobody would know of the key.
    options.keyWasMade(options.keyFile);
  }
  const own = await recipientOf({ programs }, options.keyFile);
  if (!own.ok) return own;
  return { ok: true, list: [...new Set([own.result, ...options.recipients])], keyMade };
}

/** Whether a text can be an age recipient, of the classic or the post-quantum kind. */
export const isRecipient = (text: string): boolean => /^age1(?:pq1)?[02-9ac-hj-np-z]{50,}$/.test(text);

type Made =
  | { readonly ok: true; readonly done: InitReport['secrets'][number] }
  | { readonly ok: false; readonly interrupted?: true; readonly error: UsageError };

async function initSecret(
  tools: Tools,
  state: State,
  secret: SecretDeclaration,
  options: InitOptions,
): Promise<Made> {
  const file = fileOf(state, secret);
  const present = keysIn(state, file);
  if (!present && state.sources.files.kind(file) !== undefined)
    return wrong(
      `${file} is there and not encrypted`,
      'Move it away; its values are known to whoever saw it.',
    );
  const lacking = secret.keys.filter(({ name }) => present?.has(name) !== true);
  const values = new Map<string, string>();
  const missing: string[] = [];
  for (const key of lacking) {
    const value = await supply(secret, key, options);
    if (value.ok) values.set(key.name, value.value);
    else if (value.reason === 'absent') missing.push(key.name);
    else if (value.reason === 'interrupted')
      return {
        ok: false,
        interrupted: true,
        error: { message: 'interrupted; what was made so far is kept' },
      };
    else return wrong(value.message, 'Correct the value, then run the same command again.');
  }
  const done = {
    secret: `${secret.namespace}/${secret.name}`,
    file,
    action: values.size === 0 ? 'kept' : present ? 'completed' : 'created',
    made: [...values.keys()],
    missing,
  } as const;
  // A Secret of which nothing is known yet is not made: an empty one would look like a whole one.
  if (options.dryRun || values.size === 0) return { ok: true, done };
  const path = join(options.root, file);
  if (!present) {
    const encrypted = await encrypt(tools, file, secretText(secret, values));
    if (!encrypted.ok) return encrypted;
    writeAtomically(path, encrypted.result);
    return { ok: true, done };
  }
  const field = [...present.values()][0] ?? 'stringData';
  const changed = await onCopy(path, (copy) =>
    setValues(tools, copy, new Map([...values].map(([key, value]) => [key, { field, value }]))),
  );
  if (changed.result)
    return {
      ok: false,
      error: { ...changed.result, message: `${file}: ${changed.result.message}` },
    };
  writeAtomically(path, changed.text);
  return { ok: true, done };
}

/** In a dry run nothing is made, read or asked for. */
const supply = async (
  secret: SecretDeclaration,
  key: KeyDeclaration,
  { values, skipExternal, dryRun }: InitOptions,
): Promise<Value> => {
  if (!dryRun) return valueFor(secret, key, skipExternal ? { ...values, ask: undefined } : values);
  return key.generator === 'external'
    ? { ok: false, reason: 'absent' }
    : { ok: true, value: '', from: 'random' };
};

/** Lists a Secret's file in the kustomization, once the file is there. */
function list(state: State, secret: SecretDeclaration | undefined, { root }: InitOptions): void {
  const path = join(root, state.directory, 'kustomization.yaml');
  const known = readState(root, state.environment);
  if (!known.ok) return;
  const { files } = known.state.sources;
  const read = files.read(`${state.directory}/kustomization.yaml`);
  const text = read.ok ? read.text : undefined;
  const present = secret && files.kind(fileOf(state, secret)) === 'file';
  const next = withResources(text, present ? [fileNameOf(secret, state.declared)] : []);
  if (next !== text) writeAtomically(path, next);
}
