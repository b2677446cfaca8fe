import type { SecretDeclaration } from './declaration.ts';

/** The directory of an environment's encrypted Secrets. */
export const secretsDirectory = (environment: string): string => `overlays/${environment}/secrets`;

/** The ending of an encrypted file, which creation rules, editors and people know it by. */
export const encryptedEnding = '.sops.yaml';

/**
 * The Secrets that lie encrypted in Git. Those in Flux's own namespace do not: the key that decrypts cannot be encrypted for
 * itself, and without its login Flux would never get to the rest.
 */
export const inGit = (declared: readonly SecretDeclaration[]): readonly SecretDeclaration[] =>
  declared.filter(({ namespace }) => namespace !== 'flux-system');

type Named = Pick<SecretDeclaration, 'name' | 'namespace'>;

/** The file name of a Secret: its name, and before it its namespace where two Secrets have the name. */
export const fileNameOf = (secret: Named, declared: readonly Named[]): string =>
  declared.some(({ name, namespace }) => name === secret.name && namespace !== secret.namespace)
    ? `${secret.namespace}.${secret.name}${encryptedEnding}`
    : `${secret.name}${encryptedEnding}`;

/** `path_regex` of an environment's creation rule: the whole path, so that no other file is ever meant. */
export const pathRegexOf = (environment: string): string =>
  `^${secretsDirectory(environment)}/[^/]+\\.sops\\.yaml$`;

/** What is encrypted of a file: the values, and nothing that kustomize must read to build. */
export const encryptedRegex = '^(data|stringData)$';

/** The environment whose Secrets lie in the directory of a file; undefined for any other file. */
export const environmentOf = (file: string): string | undefined =>
  /^overlays\/([^/]+)\/secrets\/[^/]+$/.exec(file)?.[1];
