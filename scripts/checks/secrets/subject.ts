import { posix } from 'node:path';
import type { Repository } from '../../render/environment.ts';
import type { Sources } from '../../repository/sources.ts';
import { looksEncrypted } from '../../secrets/ciphertext.ts';
import { type CreationRule, readCreationRules } from '../../secrets/creation-rules.ts';
import { readSecretDeclarations, type SecretDeclaration } from '../../secrets/declaration.ts';
import { inGit, pathRegexOf, secretsDirectory } from '../../secrets/layout.ts';
import { type SopsDocument, sopsDocuments } from '../../secrets/sops-document.ts';
import { at, entriesAt, type MapNode, textAt } from '../../yaml/node.ts';

/** What lies encrypted in a repository, and what is said of it. Told from the files alone: no key, no tool. */
export interface SecretsSubject {
  readonly repository: Repository;
  readonly sources: Sources;
  /** Every document with a `sops` block. */
  readonly documents: readonly SopsDocument[];
  /** Those of them that Flux reads as objects of the cluster. */
  readonly manifests: readonly SopsDocument[];
  /** Documents without a `sops` block in which something looks encrypted, of those that Flux reads. */
  readonly withoutBlock: readonly { readonly file: string; readonly node: MapNode }[];
  /** Undefined where there is no `.sops.yaml`. */
  readonly rules: readonly CreationRule[] | undefined;
  /** The environments whose Secrets are encrypted into Git: those for which there is a creation rule. */
  readonly environments: readonly EncryptedEnvironment[];
}

export interface EncryptedEnvironment {
  readonly name: string;
  readonly directory: string;
  readonly rule: CreationRule;
  /** What secrets.yaml wants in Git. */
  readonly declared: readonly SecretDeclaration[];
  /** The encrypted Secrets that are there, each with the place that secrets.yaml declares it, if it does. */
  readonly documents: readonly SopsDocument[];
}

export function secretsSubject(repository: Repository): SecretsSubject {
  const { sources } = repository;
  const yaml = repository.paths.filter((path) => /\.(?:ya?ml|json)$/.test(path));
  const documents = yaml.flatMap((path) => sopsDocuments(sources, path));
  const read = new Set(
    repository.environments.flatMap(({ builds }) => builds.flatMap(({ reads }) => [...reads])),
  );
  // Without any rendering, every manifest is taken for deployed.
  const deployed = (path: string): boolean => repository.environments.length === 0 || read.has(path);
  const rules = readCreationRules(sources);
  return {
    repository,
    sources,
    documents,
    manifests: documents.filter(({ file, node }) => deployed(file) && isObject(node)),
    withoutBlock: yaml.filter(deployed).flatMap((file) => plainWithCiphertext(sources, file)),
    rules,
    environments: (rules ?? []).flatMap((rule) => {
      const name = environmentNames(sources).find((each) => pathRegexOf(each) === rule.pathRegex);
      const declared = name === undefined ? undefined : readSecretDeclarations(sources, name);
      if (name === undefined || !declared?.ok) return [];
      const directory = secretsDirectory(name);
      return [
        {
          name,
          directory,
          rule,
          declared: inGit(declared.secrets),
          documents: documents.filter(({ file }) => posix.dirname(file) === directory),
        },
      ];
    }),
  };
}

const environmentNames = (sources: Sources): readonly string[] => [
  ...entriesAt(sources.yaml('secrets.yaml')?.documents[0]?.node, []).keys(),
];

const isObject = (node: MapNode): boolean =>
  textAt(node, ['apiVersion']) !== undefined && textAt(node, ['kind']) !== undefined;

function plainWithCiphertext(
  sources: Sources,
  file: string,
): readonly { readonly file: string; readonly node: MapNode }[] {
  const read = sources.files.read(file);
  if (!read.ok || !read.text.includes('ENC[AES256_GCM')) return [];
  return (sources.yaml(file)?.documents ?? []).flatMap(({ node }) =>
    node?.type === 'map' && isObject(node) && at(node, ['sops'])?.type !== 'map' ? [{ file, node }] : [],
  );
}

/** `Secret infometis/kafka-users` of a document that may be broken. */
export function describeNode(node: MapNode): string {
  const namespace = textAt(node, ['metadata', 'namespace']);
  const name = textAt(node, ['metadata', 'name']) ?? '(no name)';
  return `${textAt(node, ['kind']) ?? 'object'} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}

/** Whether a document is meant to hold ciphertext at a place, for messages that name it. */
export const isCiphertextLike = (value: unknown): value is string =>
  typeof value === 'string' && looksEncrypted(value);

/** `data.password`, as messages name a place. */
export const printPath = (path: readonly (string | number)[]): string => path.join('.');
