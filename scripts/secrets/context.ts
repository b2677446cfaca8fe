import { mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { UsageError } from '../cli/exit.ts';
import { openDirectory } from '../repository/files.ts';
import { openSources, type Sources } from '../repository/sources.ts';
import { entriesAt, itemsAt, textAt } from '../yaml/node.ts';
import { type CreationRule, configFile, readCreationRules } from './creation-rules.ts';
import { readSecretDeclarations, type SecretDeclaration } from './declaration.ts';
import { encryptedEnding, fileNameOf, inGit, pathRegexOf, secretsDirectory } from './layout.ts';
import { type SopsDocument, sopsDocuments } from './sops-document.ts';

/** What the files say of an environment's Secrets at this moment. */
export interface State {
  readonly root: string;
  readonly sources: Sources;
  readonly environment: string;
  readonly directory: string;
  readonly declared: readonly SecretDeclaration[];
  /** Its creation rule; undefined before the first `init`. */
  readonly rule: CreationRule | undefined;
}

export type StateRead =
  | { readonly ok: true; readonly state: State }
  | { readonly ok: false; readonly error: UsageError };

export function readState(root: string, environment: string): StateRead {
  const sources = openSources(openDirectory(root));
  const declared = readSecretDeclarations(sources, environment);
  if (!declared.ok) return declared;
  const problem = sources.yaml(configFile)?.problems[0];
  if (problem)
    return {
      ok: false,
      error: { message: `${configFile}:${problem.origin.line}: ${problem.message}`, fix: 'Mend the file.' },
    };
  const rules = readCreationRules(sources);
  return {
    ok: true,
    state: {
      root,
      sources,
      environment,
      directory: secretsDirectory(environment),
      declared: inGit(declared.secrets),
      rule: rules?.find(({ pathRegex }) => pathRegex === pathRegexOf(environment)),
    },
  };
}

/** The file of a declared Secret, relative to the root. */
export const fileOf = ({ directory, declared }: State, secret: SecretDeclaration): string =>
  `${directory}/${fileNameOf(secret, declared)}`;

/** The keys of an encrypted Secret and the field in which each lies; undefined where there is no such file. */
export function keysIn(state: State, file: string): ReadonlyMap<string, string> | undefined {
  const document = documentOf(state, file);
  if (!document) return undefined;
  return new Map(
    ['data', 'stringData'].flatMap((field) =>
      [...entriesAt(document.node, [field]).keys()].map((key) => [key, field] as const),
    ),
  );
}

export const documentOf = ({ sources }: State, file: string): SopsDocument | undefined =>
  sopsDocuments(sources, file)[0];

/** Every encrypted file of the environment. */
export const encryptedFiles = ({ sources, directory }: State): readonly string[] =>
  sources.files
    .list(directory)
    .filter((name) => name.endsWith(encryptedEnding))
    .map((name) => `${directory}/${name}`);

/** Where the private key of an environment lies unless the person says otherwise: outside of any repository. */
export const defaultKeyFile = (environment: string, variables: NodeJS.ProcessEnv): string =>
  join(
    variables['XDG_CONFIG_HOME'] ?? join(variables['HOME'] ?? '~', '.config'),
    'infometis',
    `${environment}.agekey`,
  );

export const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

/** Makes the directory of a key; nobody else can look into it. */
export const makeKeyDirectory = (keyFile: string): void => {
  mkdirSync(dirname(keyFile), { recursive: true, mode: 0o700 });
};

/** Whether Flux decrypts the directory: one of the environment's Kustomizations names it and the provider. */
export function decryptingKustomization({ sources, environment, directory }: State): string | undefined {
  const flux = `flux/${environment}`;
  for (const name of sources.files.list(flux)) {
    if (!/\.ya?ml$/.test(name)) continue;
    for (const { node } of sources.yaml(`${flux}/${name}`)?.documents ?? [])
      if (
        textAt(node, ['kind']) === 'Kustomization' &&
        (textAt(node, ['spec', 'path']) ?? '').replace(/^\.\//, '') === directory &&
        textAt(node, ['spec', 'decryption', 'provider']) === 'sops'
      )
        return textAt(node, ['spec', 'decryption', 'secretRef', 'name']) ?? '';
  }
  return undefined;
}

/** The files that the kustomization of the directory lists. */
export const listedFiles = ({ sources, directory }: State): readonly string[] =>
  itemsAt(sources.yaml(`${directory}/kustomization.yaml`)?.documents[0]?.node, ['resources']).flatMap(
    (item) => textAt(item, []) ?? [],
  );
