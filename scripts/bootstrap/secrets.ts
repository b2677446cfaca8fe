import type { UsageError } from '../cli/exit.ts';
import { field, parseJson } from '../cluster/json.ts';
import { type Kubectl, lastLine } from '../cluster/kubectl.ts';
import { fluxNamespace } from '../cluster/names.ts';
import type { SecretDeclaration } from '../secrets/declaration.ts';
import { generateValue } from '../secrets/generate.ts';
import type { Json, JsonObject } from '../yaml/node.ts';
import { secretKey } from './cluster.ts';
import type { Supplied } from './decryption.ts';
import { encodeValues, secretObject } from './objects.ts';

/** What is to be done about one declared Secret. */
export interface SecretWork {
  readonly secret: SecretDeclaration;
  readonly action: 'create' | 'complete' | 'keep';
  /** The keys that are made. */
  readonly missing: readonly string[];
}

/** Compares what is declared with the keys that the cluster has, by `namespace/name`. */
export const secretWork = (
  declared: readonly SecretDeclaration[],
  existing: ReadonlyMap<string, ReadonlySet<string>>,
): readonly SecretWork[] =>
  declared.map((secret) => {
    const present = existing.get(secretKey(secret));
    const missing = secret.keys.map(({ name }) => name).filter((name) => !present?.has(name));
    return {
      secret,
      missing,
      action: present === undefined ? 'create' : missing.length > 0 ? 'complete' : 'keep',
    };
  });

/** What nobody but the site can supply, among what is missing. */
export const onlyYoursAmong = (works: readonly SecretWork[], supplied: Supplied): UsageError | undefined => {
  const work = works.find((candidate) => lacking(candidate, supplied).length > 0);
  return work && onlyYours(work, supplied);
};

const lacking = ({ secret, missing }: SecretWork, supplied: Supplied): readonly string[] =>
  secret.keys
    .filter(({ name, generator }) => generator === 'external' && missing.includes(name))
    .map(({ name }) => name)
    .filter((name) => !supplied.get(secretKey(secret))?.has(name));

const onlyYours = (work: SecretWork, supplied: Supplied): UsageError => ({
  message: `Secret ${secretKey(work.secret)} lacks ${lacking(work, supplied).join(', ')}, which only you can supply`,
  fix:
    work.secret.namespace === fluxNamespace
      ? 'Give the key with --age-key FILE: the file that `npm run secrets -- init <environment>` wrote.'
      : 'Encrypt it into Git with `npm run secrets -- init <environment>`, or create the Secret in the cluster.',
});

/**
 * Makes a Secret, or the keys that one lacks. It never changes a value that is there: a new Secret is created, which fails
 * where one appeared meanwhile, and an existing one is replaced in the version that was read. Values go by standard input.
 */
export async function makeSecret(
  kubectl: Kubectl,
  work: SecretWork,
  supplied: Supplied,
): Promise<UsageError | undefined> {
  const { secret, action, missing } = work;
  if (action === 'keep') return undefined;
  const values = new Map<string, string>();
  for (const key of secret.keys) {
    if (!missing.includes(key.name)) continue;
    const value = generateValue(key) ?? supplied.get(secretKey(secret))?.get(key.name);
    if (value === undefined) return onlyYours(work, supplied);
    values.set(key.name, value);
  }
  const failed = (stderr: string): UsageError => ({
    message: `Secret ${secretKey(secret)} could not be made: ${lastLine(stderr)}`,
    fix: 'Nothing was overwritten. Mend the cause, then run the same command again.',
  });
  if (action === 'create') {
    const created = await kubectl.run(
      ['create', '--filename=-'],
      JSON.stringify(secretObject(secret, values)),
    );
    return created.code === 0 ? undefined : failed(created.stderr);
  }
  const read = await kubectl.run([
    'get',
    'secret',
    secret.name,
    '--namespace',
    secret.namespace,
    '--output=json',
  ]);
  const object = parseJson(read.stdout);
  if (read.code !== 0 || !isObject(object)) return failed(read.stderr);
  const data = field(object, 'data');
  const completed: JsonObject = {
    ...object,
    data: { ...encodeValues(values), ...(isObject(data) ? data : {}) },
  };
  // The resourceVersion within makes the API server refuse it where the Secret was changed since.
  const replaced = await kubectl.run(['replace', '--filename=-'], JSON.stringify(completed));
  return replaced.code === 0 ? undefined : failed(replaced.stderr);
}

const isObject = (value: Json | undefined): value is JsonObject =>
  value !== undefined && value !== null && typeof value === 'object' && !Array.isArray(value);
