/** The vendored schemas on disk, read as they are asked for. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KindInfo, SchemaNode, Scope } from './types.ts';

interface IndexEntry {
  readonly file: string;
  readonly definition?: string;
  readonly scope: Scope;
  readonly resource: string;
  readonly statusSubresource?: boolean;
  readonly deprecated?: string;
}

interface Index {
  readonly kinds: Readonly<Record<string, IndexEntry>>;
  readonly notServed: readonly string[];
}

/** A kind's schema and how the server treats its objects. */
export interface KindSchema {
  readonly key: string;
  /** Built-in kinds are decoded into Go types, custom ones are pruned and defaulted by their structural schema. */
  readonly builtin: boolean;
  /** Full name of a built-in kind's definition. */
  readonly definition?: string;
  /** Whether the server drops `status` from what is applied. */
  readonly dropsStatus: boolean;
  readonly root: SchemaNode;
}

export interface Store {
  readonly kinds: ReadonlyMap<string, KindInfo>;
  /** `apiVersion kind` of versions that exist but that a server does not serve by default. */
  readonly notServed: ReadonlySet<string>;
  readonly kind: (key: string) => KindSchema | undefined;
  /** A definition of a built-in kind by its full name, `io.k8s.api.core.v1.Container`. */
  readonly definition: (name: string) => SchemaNode;
}

export const OBJECT_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

/** The name after `$defs/` in a vendored reference. */
export function refName(ref: string): string {
  return ref.slice(ref.lastIndexOf('/') + 1);
}

/**
 * Opens `dir` (the repository's schemas/). `kubernetes` is a folder below schemas/kubernetes, such as `v1.36`; without
 * it the newest one serves.
 */
export function openStore(dir: string, kubernetes?: string): Store {
  const version = kubernetes ?? newest(join(dir, 'kubernetes'));
  const builtinDir = join(dir, 'kubernetes', version);
  const crdDir = join(dir, 'crds');
  const builtin = readJson<Index>(join(builtinDir, 'index.json'));
  const custom = readJson<Index>(join(crdDir, 'index.json'));
  const kinds = new Map<string, IndexEntry>([
    ...Object.entries(builtin.kinds),
    ...Object.entries(custom.kinds),
  ]);
  const files = new Map<string, Readonly<Record<string, SchemaNode>>>();

  const definition = (name: string): SchemaNode => {
    const file = `${name.slice(0, name.lastIndexOf('.'))}.json`;
    let definitions = files.get(file);
    if (definitions === undefined) {
      definitions = readJson<{ $defs: Record<string, SchemaNode> }>(join(builtinDir, file)).$defs;
      files.set(file, definitions);
    }
    const found = definitions[name];
    if (found === undefined)
      throw new Error(`schemas/kubernetes/${version}/${file} has no ${name}: run npm run schemas`);
    return found;
  };

  const schemas = new Map<string, KindSchema>();
  const kind = (key: string): KindSchema | undefined => {
    const known = schemas.get(key);
    if (known !== undefined) return known;
    const entry = kinds.get(key);
    if (entry === undefined) return undefined;
    const schema: KindSchema =
      entry.definition !== undefined
        ? {
            key,
            builtin: true,
            definition: entry.definition,
            dropsStatus: true,
            root: definition(entry.definition),
          }
        : {
            key,
            builtin: false,
            dropsStatus: entry.statusSubresource === true,
            root: withObjectMeta(readJson<SchemaNode>(join(crdDir, entry.file))),
          };
    schemas.set(key, schema);
    return schema;
  };
  return { kinds, notServed: new Set([...builtin.notServed, ...custom.notServed]), kind, definition };
}

/** A CRD says only `type: object` of metadata; the server checks it as ObjectMeta all the same. */
export function withObjectMeta(root: SchemaNode): SchemaNode {
  const own = root.properties?.['metadata'];
  const constraints = own?.properties === undefined ? [] : [{ properties: own.properties } as SchemaNode];
  const metadata: SchemaNode = {
    $ref: `#/$defs/${OBJECT_META}`,
    ...(constraints.length > 0 ? { allOf: constraints } : {}),
  };
  // Every object has these two, whether its CRD says so or not.
  const text: SchemaNode = { type: 'string' };
  return { ...root, properties: { apiVersion: text, kind: text, ...root.properties, metadata } };
}

function newest(dir: string): string {
  const order = (name: string): number => {
    const [, major, minor] = /^v(\d+)\.(\d+)/.exec(name) ?? [];
    return Number(major) * 1000 + Number(minor);
  };
  const versions = existsSync(dir) ? readdirSync(dir).filter((name) => /^v\d+\.\d+/.test(name)) : [];
  const found = versions.sort((a, b) => order(a) - order(b)).at(-1);
  if (found === undefined) throw new Error(`no Kubernetes schemas in ${dir}: run npm run schemas`);
  return found;
}

function readJson<T>(file: string): T {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch (cause) {
    throw new Error(`cannot read the schema file ${file}: run npm run schemas`, { cause });
  }
}
