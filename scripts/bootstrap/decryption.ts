import { readFileSync } from 'node:fs';
import type { UsageError } from '../cli/exit.ts';
import { componentBuilds } from '../cluster/components.ts';
import { fluxNamespace } from '../cluster/names.ts';
import type { Environment } from '../render/environment.ts';
import type { SecretDeclaration } from '../secrets/declaration.ts';
import { textAt } from '../yaml/node.ts';

/** The key in the Secret: Flux takes every one with this ending for an age key. */
const keyName = 'age.agekey';

/** The Secrets that hold what decrypts, which Git cannot hold: a Flux Kustomization names them in `decryption`. */
export const decryptionSecrets = (
  environment: Environment,
  chosen: ReadonlySet<string>,
): readonly SecretDeclaration[] => {
  const consumers = new Map<string, string[]>();
  for (const { component, kustomization } of componentBuilds(environment)) {
    const name = textAt(kustomization?.node, ['spec', 'decryption', 'secretRef', 'name']);
    if (name !== undefined && chosen.has(component))
      consumers.set(name, [...(consumers.get(name) ?? []), component]);
  }
  return [...consumers].map(([name, components]) => ({
    name,
    namespace: fluxNamespace,
    consumers: components,
    keys: [
      {
        name: keyName,
        purpose: 'Decrypts the Secrets that Git holds. Keep a copy outside of the cluster.',
        generator: 'external',
      },
    ],
  }));
};

/** Values that the person supplies, by `namespace/name` and key. */
export type Supplied = ReadonlyMap<string, ReadonlyMap<string, string>>;

export type KeyRead =
  | { readonly ok: true; readonly supplied: Supplied }
  | { readonly ok: false; readonly error: UsageError };

/** Reads the age key for every Secret that decrypts. The value is never shown. */
export function readAgeKey(file: string | undefined, secrets: readonly SecretDeclaration[]): KeyRead {
  if (file === undefined) return { ok: true, supplied: new Map() };
  const wanted = secrets.filter(
    ({ namespace, keys }) => namespace === fluxNamespace && keys.some(({ name }) => name === keyName),
  );
  if (wanted.length === 0)
    return {
      ok: false,
      error: {
        message: 'nothing of what is chosen decrypts anything',
        fix: 'Leave --age-key out: it is for environments whose Secrets lie encrypted in Git.',
      },
    };
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    return {
      ok: false,
      error: {
        message: `the age key ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
        fix: 'Name the file that `npm run secrets -- init <environment>` wrote.',
      },
    };
  }
  if (!/^AGE-SECRET-KEY-/m.test(text))
    return {
      ok: false,
      error: {
        message: `${file} holds no age key`,
        fix: 'It has a line that begins with AGE-SECRET-KEY-. Name the file that `npm run secrets -- init <environment>` wrote.',
      },
    };
  return {
    ok: true,
    supplied: new Map(
      wanted.map(({ namespace, name }) => [`${namespace}/${name}`, new Map([[keyName, text]])]),
    ),
  };
}
