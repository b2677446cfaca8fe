import { join } from 'node:path';
import type { UsageError } from '../cli/exit.ts';
import { nearestName } from '../text/nearest.ts';
import { withRecipients } from './config-text.ts';
import { documentOf, encryptedFiles, fileOf, keysIn, readState, type State } from './context.ts';
import { configFile } from './creation-rules.ts';
import type { KeyDeclaration, SecretDeclaration } from './declaration.ts';
import { isRecipient } from './init.ts';
import { renewDataKey, setValues, type Tools } from './programs.ts';
import { recipientsOf } from './sops-document.ts';
import { type ValueSources, valueFor } from './values.ts';
import { onCopy, writeAtomically } from './write.ts';

export interface RotateOptions {
  readonly environment: string;
  /** `secret` or `secret/key`; none for all that can be rotated. */
  readonly targets: readonly string[];
  readonly dryRun: boolean;
  readonly values: ValueSources;
}

/** What was rotated. Names only. */
export interface RotateReport {
  readonly rotated: readonly {
    readonly secret: SecretDeclaration;
    readonly keys: readonly KeyDeclaration[];
  }[];
  /** Keys that keep their value, and why. */
  readonly left: readonly { readonly key: string; readonly why: string }[];
}

export type RotateResult =
  | { readonly ok: true; readonly report: RotateReport }
  | { readonly ok: false; readonly error: UsageError };

/** New values for the given keys, or for all that can have one. One Secret is one write: all of its keys, or none. */
export async function rotate(tools: Tools, options: RotateOptions): Promise<RotateResult> {
  const read = readState(tools.root, options.environment);
  if (!read.ok) return read;
  const { state } = read;
  const chosen = choose(state, options.targets);
  if (!chosen.ok) return chosen;
  const rotated: RotateReport['rotated'][number][] = [];
  const left: RotateReport['left'][number][] = [];
  for (const { secret, keys, named } of chosen.list) {
    const file = fileOf(state, secret);
    const present = keysIn(state, file);
    if (!present)
      return wrong(
        `${file} is not there, or not encrypted`,
        `Run \`npm run secrets -- init ${options.environment}\` first.`,
      );
    const values = new Map<string, { readonly field: string; readonly value: string }>();
    const renewed: KeyDeclaration[] = [];
    for (const key of keys) {
      const title = `${secret.name}/${key.name}`;
      const field = present.get(key.name);
      const why = field === undefined ? 'it is not in the file: init adds it' : fixed(key);
      if (why !== undefined) {
        if (named)
          return wrong(
            `${title} is not rotated: ${why}`,
            'Leave it out, or change secrets.yaml where that is wrong.',
          );
        left.push({ key: title, why });
        continue;
      }
      if (options.dryRun && key.generator === 'alphanumeric') {
        renewed.push(key);
        continue;
      }
      // Only what was asked for by name is worth a question.
      const value = await valueFor(
        secret,
        key,
        named ? options.values : { ...options.values, ask: undefined },
      );
      if (!value.ok) {
        if (value.reason === 'unfit') return wrong(value.message, 'Correct the value, then run it again.');
        if (named)
          return wrong(`there is no new value for ${title}`, `Give --from-file DIR with DIR/${title}.`);
        left.push({ key: title, why: 'only you can supply a new value: --from-file DIR' });
        continue;
      }
      renewed.push(key);
      values.set(key.name, { field: field!, value: value.value });
    }
    if (renewed.length === 0) continue;
    rotated.push({ secret, keys: renewed });
    if (options.dryRun) continue;
    const path = join(tools.root, file);
    const changed = await onCopy(path, (copy) => setValues(tools, copy, values));
    if (changed.result)
      return { ok: false, error: { ...changed.result, message: `${file}: ${changed.result.message}` } };
    writeAtomically(path, changed.text);
  }
  return { ok: true, report: { rotated, left } };
}

const wrong = (message: string, fix: string): { readonly ok: false; readonly error: UsageError } => ({
  ok: false,
  error: { message, fix },
});

/** Why a key keeps its value for ever; undefined where it does not. */
function fixed(key: KeyDeclaration): string | undefined {
  if (key.generator === 'fixed') return 'it is not secret, and secrets.yaml says what it is';
  return key.rotation && 'never' in key.rotation ? key.rotation.never : undefined;
}

type Chosen =
  | {
      readonly ok: true;
      readonly list: readonly {
        readonly secret: SecretDeclaration;
        readonly keys: readonly KeyDeclaration[];
        /** The person named each of the keys. */
        readonly named: boolean;
      }[];
    }
  | { readonly ok: false; readonly error: UsageError };

function choose({ declared }: State, targets: readonly string[]): Chosen {
  if (targets.length === 0)
    return { ok: true, list: declared.map((secret) => ({ secret, keys: secret.keys, named: false })) };
  const keysOf = new Map<SecretDeclaration, Set<KeyDeclaration>>();
  const named = new Set<SecretDeclaration>();
  for (const target of targets) {
    const [name = '', keyName] = target.split('/');
    const secret = declared.find((each) => each.name === name);
    if (!secret)
      return unknown(
        'Secret',
        name,
        declared.map((each) => each.name),
      );
    const key = secret.keys.find((each) => each.name === keyName);
    if (keyName !== undefined && !key)
      return unknown(
        `key of Secret ${name}`,
        keyName,
        secret.keys.map((each) => each.name),
      );
    const keys = keysOf.get(secret) ?? new Set();
    for (const each of key ? [key] : secret.keys) keys.add(each);
    keysOf.set(secret, keys);
    if (key) named.add(secret);
  }
  return {
    ok: true,
    list: [...keysOf].map(([secret, keys]) => ({ secret, keys: [...keys], named: named.has(secret) })),
  };
}

function unknown(what: string, name: string, names: readonly string[]): Chosen {
  const nearest = nearestName(name, names);
  return wrong(
    `secrets.yaml declares no ${what} \`${name}\`${nearest === undefined ? '' : `; did you mean \`${nearest}\`?`}`,
    `One of ${names.join(', ') || '(none)'}.`,
  );
}

export interface RecipientOptions {
  readonly environment: string;
  readonly add: readonly string[];
  readonly remove: readonly string[];
  readonly dryRun: boolean;
}

export interface RecipientReport {
  readonly recipients: readonly string[];
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Files that got a new data key, and whoever was added or removed in each. */
  readonly files: readonly string[];
}

export type RecipientResult =
  | { readonly ok: true; readonly report: RecipientReport }
  | { readonly ok: false; readonly error: UsageError };

/**
 * Encrypts every file of the environment anew, with a new data key, for the recipients of `.sops.yaml` after the given
 * changes. All files are made before the first is written.
 */
export async function rotateRecipients(tools: Tools, options: RecipientOptions): Promise<RecipientResult> {
  const read = readState(tools.root, options.environment);
  if (!read.ok) return read;
  const { state } = read;
  if (!state.rule)
    return wrong(
      `${configFile} has no rule for ${options.environment}`,
      `Run \`npm run secrets -- init ${options.environment}\` first.`,
    );
  const invalid = [...options.add, ...options.remove].find((recipient) => !isRecipient(recipient));
  if (invalid !== undefined)
    return wrong(`\`${invalid.slice(0, 80)}\` is no age recipient`, 'A recipient begins with age1.');
  const stranger = options.remove.find((recipient) => !state.rule?.recipients.includes(recipient));
  if (stranger !== undefined)
    return wrong(`${stranger} is no recipient of ${options.environment}`, `See ${configFile}.`);
  const recipients = [...new Set([...state.rule.recipients, ...options.add])].filter(
    (recipient) => !options.remove.includes(recipient),
  );
  if (recipients.length === 0)
    return wrong(
      'nobody would be left who can decrypt',
      'Add the new recipient in the same run: --add age1….',
    );
  const files = encryptedFiles(state);
  const present = files.map((file) => ({
    file,
    before: recipientsOf(documentOf(state, file)?.sops ?? empty),
  }));
  const report: RecipientReport = {
    recipients,
    files,
    added: recipients.filter((each) => present.some(({ before }) => !before.includes(each))),
    removed: [...new Set(present.flatMap(({ before }) => before))].filter(
      (each) => !recipients.includes(each),
    ),
  };
  if (options.dryRun) return { ok: true, report };
  const made: { readonly path: string; readonly text: string }[] = [];
  for (const { file, before } of present) {
    const path = join(tools.root, file);
    const changed = await onCopy(path, (copy) =>
      renewDataKey(
        tools,
        copy,
        recipients.filter((each) => !before.includes(each)),
        before.filter((each) => !recipients.includes(each)),
      ),
    );
    if (changed.result)
      return { ok: false, error: { ...changed.result, message: `${file}: ${changed.result.message}` } };
    made.push({ path, text: changed.text });
  }
  if (options.add.length > 0 || options.remove.length > 0) {
    const known = state.sources.files.read(configFile);
    writeAtomically(
      join(tools.root, configFile),
      withRecipients(known.ok ? known.text : undefined, options.environment, recipients),
    );
  }
  for (const { path, text } of made) writeAtomically(path, text);
  return { ok: true, report };
}

const empty = { type: 'map', entries: new Map(), origin: { file: '', line: 1, column: 1 } } as const;
