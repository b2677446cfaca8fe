import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { KeyDeclaration, SecretDeclaration } from './declaration.ts';
import { fitsKey, generateValue } from './generate.ts';

/** Where values come from that only the site has. */
export interface ValueSources {
  /** A directory with a file `<Secret>/<key>` for each. */
  readonly directory: string | undefined;
  readonly environment: NodeJS.ProcessEnv;
  /** Asks the person, without showing what is typed; undefined where nobody is there. */
  readonly ask: ((question: string) => Promise<string | undefined>) | undefined;
}

export type Value =
  | {
      readonly ok: true;
      readonly value: string;
      readonly from: 'random' | 'declared' | 'file' | 'environment' | 'person';
    }
  | { readonly ok: false; readonly reason: 'absent' }
  | { readonly ok: false; readonly reason: 'interrupted' }
  | { readonly ok: false; readonly reason: 'unfit'; readonly message: string };

/** `INFOMETIS_SECRET_OIDC_CLIENT_SECRET` for the key `client-secret` of the Secret `oidc`. */
export const variableOf = (secret: string, key: string): string =>
  `INFOMETIS_SECRET_${secret}_${key}`.toUpperCase().replace(/[^A-Z0-9]+/g, '_');

/** A value for a key: made, or from where the site has it. Never printed, never an argument of a program. */
export async function valueFor(
  secret: Pick<SecretDeclaration, 'name' | 'namespace'>,
  key: KeyDeclaration,
  sources: ValueSources,
): Promise<Value> {
  const made = generateValue(key);
  if (made !== undefined)
    return { ok: true, value: made, from: key.generator === 'fixed' ? 'declared' : 'random' };
  const found = await lookUp(secret, key, sources);
  if (!found.ok) return found;
  const fault = faultOf(key, found.value);
  return fault === undefined
    ? found
    : {
        ok: false,
        reason: 'unfit',
        message: `the value of ${secret.name}/${key.name} (from ${found.from}) ${fault}`,
      };
}

async function lookUp(
  secret: Pick<SecretDeclaration, 'name' | 'namespace'>,
  key: KeyDeclaration,
  { directory, environment, ask }: ValueSources,
): Promise<Value> {
  const file = directory === undefined ? undefined : join(directory, secret.name, key.name);
  if (file !== undefined && statSync(file, { throwIfNoEntry: false })?.isFile()) {
    const text = readFileSync(file, 'utf8');
    // An editor ends the line of a password; a certificate needs its last line break.
    const value = text.trimEnd().includes('\n') ? text : text.replace(/\r?\n$/, '');
    return { ok: true, value, from: 'file' };
  }
  const variable = environment[variableOf(secret.name, key.name)];
  if (variable !== undefined && variable !== '') return { ok: true, value: variable, from: 'environment' };
  if (!ask) return { ok: false, reason: 'absent' };
  const answer = await ask(
    `${secret.namespace}/${secret.name} ${key.name}: ${key.purpose}\n  value (empty: later): `,
  );
  if (answer === undefined) return { ok: false, reason: 'interrupted' };
  return answer === '' ? { ok: false, reason: 'absent' } : { ok: true, value: answer, from: 'person' };
}

const placeholder = /^(?:<.*>|\$\{.*\}|change[-_ ]?me.*|todo|tbd|x{3,}|example|placeholder|none|null|-)$/i;

/** What is wrong with a value of a key, without the value; undefined where it may be right. */
export function faultOf(key: KeyDeclaration, value: string): string | undefined {
  if (value === '') return 'is empty';
  if (key.generator === 'external') {
    if (value === key.example) return 'is the example of secrets.yaml';
    if (placeholder.test(value.trim())) return 'is a placeholder';
    if (!value.includes('\n') && value !== value.trim()) return 'begins or ends with a space';
    if (!fitsKey(key, value)) return `does not fit the form \`${key.form}\``;
    return undefined;
  }
  if (fitsKey(key, value)) return undefined;
  return key.generator === 'fixed'
    ? `is not \`${key.value}\`, as secrets.yaml declares`
    : `is not ${key.length} letters and digits, as secrets.yaml declares`;
}
