import type { CrdEntry } from '../../schemas/crd.ts';
import { createCompiler } from './compile.ts';
import { type KindSchema, type Store, withObjectMeta } from './store.ts';
import type { KindInfo, SchemaNode } from './types.ts';
import { type Schemas, schemasOf } from './validate.ts';

/** Custom kinds that are not in schemas/: what `collectCrds` makes of CustomResourceDefinitions. */
export interface CustomKinds {
  readonly kinds: Readonly<Record<string, CrdEntry>>;
  readonly files: ReadonlyMap<string, unknown>;
  readonly notServed: readonly string[];
}

/** Schemas that know more custom kinds; of a kind that both know, the added one counts. */
export function extendSchemas({ store }: Schemas, custom: CustomKinds): Schemas {
  const added = new Map<string, KindSchema>();
  const kinds = new Map<string, KindInfo>(store.kinds);
  for (const [key, entry] of Object.entries(custom.kinds)) {
    kinds.set(key, entry);
    added.set(key, {
      key,
      builtin: false,
      dropsStatus: entry.statusSubresource,
      root: withObjectMeta(custom.files.get(entry.file) as SchemaNode),
    });
  }
  const extended: Store = {
    kinds,
    notServed: new Set([...store.notServed, ...custom.notServed]),
    kind: (key) => added.get(key) ?? store.kind(key),
    definition: store.definition,
  };
  return schemasOf(extended, createCompiler(extended));
}
