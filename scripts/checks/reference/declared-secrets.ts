import type { Sources } from '../../repository/sources.ts';
import { at, itemsAt, textAt } from '../../yaml/node.ts';

/** The keys of the Secrets that exist in the cluster and not in Git, by `namespace/name`. */
export type DeclaredSecrets = ReadonlyMap<string, ReadonlySet<string>>;

/** What secrets.yaml declares for an environment; undefined where it says nothing of it. */
export function readDeclaredSecrets(sources: Sources, environment: string): DeclaredSecrets | undefined {
  const root = sources.yaml('secrets.yaml')?.documents[0]?.node;
  if (at(root, [environment])?.type !== 'list') return undefined;
  return new Map(
    itemsAt(root, [environment]).map((secret) => [
      `${textAt(secret, ['namespace'])}/${textAt(secret, ['name'])}`,
      new Set(itemsAt(secret, ['keys']).map((key) => textAt(key, ['name']) ?? '')),
    ]),
  );
}
