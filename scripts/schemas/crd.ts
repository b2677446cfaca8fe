/** Turns CustomResourceDefinitions into vendored schemas. */
import { parseAllDocuments } from 'yaml';
import { cleanSchema, isJson, type Json } from './clean.ts';

/** One custom kind that the CRD serves. */
export interface CrdEntry {
  /** File below the index's folder. */
  readonly file: string;
  readonly scope: 'Namespaced' | 'Cluster';
  /** Plural name in URLs, RBAC and admission rules. */
  readonly resource: string;
  /** With a status subresource the server drops `status` from what is applied. */
  readonly statusSubresource: boolean;
  /** The server's warning, if the version is deprecated. */
  readonly deprecated?: string;
  /** Go module and version that the CRD comes from. */
  readonly source: string;
}

export interface CrdResult {
  readonly files: ReadonlyMap<string, Json>;
  readonly kinds: Readonly<Record<string, CrdEntry>>;
  readonly notServed: readonly string[];
}

/** Reads every CustomResourceDefinition of a YAML text; other documents are ignored. */
export function collectCrds(text: string, source: string): CrdResult {
  const files = new Map<string, Json>();
  const kinds: Record<string, CrdEntry> = {};
  const notServed: string[] = [];
  for (const document of parseAllDocuments(text)) {
    const crd: unknown = document.toJS();
    if (!isJson(crd) || crd['kind'] !== 'CustomResourceDefinition' || !isJson(crd['spec'])) continue;
    const spec = crd['spec'];
    const names = isJson(spec['names']) ? spec['names'] : {};
    const group = String(spec['group']);
    const kind = String(names['kind']);
    for (const version of Array.isArray(spec['versions']) ? spec['versions'] : []) {
      if (!isJson(version)) continue;
      const name = String(version['name']);
      const key = `${group}/${name} ${kind}`;
      if (version['served'] !== true) {
        notServed.push(key);
        continue;
      }
      const schema = isJson(version['schema']) ? version['schema']['openAPIV3Schema'] : undefined;
      if (!isJson(schema)) throw new Error(`${key} (${source}) has no openAPIV3Schema`);
      const file = `${group}/${kind.toLowerCase()}_${name}.json`;
      files.set(file, cleanSchema(schema, (ref) => ref) as Json);
      const subresources = isJson(version['subresources']) ? version['subresources'] : {};
      kinds[key] = {
        file,
        scope: spec['scope'] === 'Cluster' ? 'Cluster' : 'Namespaced',
        resource: String(names['plural']),
        statusSubresource: 'status' in subresources,
        ...(version['deprecated'] === true
          ? { deprecated: String(version['deprecationWarning'] ?? `${group}/${name} ${kind} is deprecated`) }
          : {}),
        source,
      };
    }
  }
  return { files, kinds, notServed };
}
