/** Turns Kubernetes' OpenAPI v3 documents (`api/openapi-spec/v3` of k8s.io/kubernetes) into vendored schemas. */
import { cleanSchema, isJson, type Json } from './clean.ts';

/** One kind that the API server serves. */
export interface KindEntry {
  /** File below the index's folder. */
  readonly file: string;
  /** Name under `$defs` of that file. */
  readonly definition: string;
  readonly scope: 'Namespaced' | 'Cluster';
  /** Plural name in URLs, RBAC and admission rules. */
  readonly resource: string;
}

export interface OpenApiResult {
  /** File name → content. */
  readonly files: ReadonlyMap<string, Json>;
  /** `apiVersion kind` → where its schema is. */
  readonly kinds: Readonly<Record<string, KindEntry>>;
  /** `apiVersion kind` of alpha and beta APIs, which a server does not serve unless told to. */
  readonly notServed: readonly string[];
}

const REF = '#/components/schemas/';

/** The vendored file of a definition: one per Go package, so that workloads share the pod template. */
export function definitionFile(name: string): string {
  return `${name.slice(0, name.lastIndexOf('.'))}.json`;
}

/** Mirrors DefaultAPIResourceConfigSource of kube-apiserver: it serves stable versions, and no alpha and beta ones. */
const isStable = (_group: string, version: string): boolean => /^v\d+$/.test(version);

/**
 * Collects the kinds that can be applied (their objects have a PATCH) and every definition that they reach.
 *
 * @param isServed which versions to take: of Kubernetes' own groups the server serves the stable ones alone
 */
export function collectOpenApi(
  documents: readonly Json[],
  isServed: (group: string, version: string) => boolean = isStable,
): OpenApiResult {
  const definitions = new Map<string, Json>();
  const kinds: Record<string, KindEntry> = {};
  const notServed = new Set<string>();
  for (const document of documents) {
    const components = document['components'];
    if (isJson(components) && isJson(components['schemas'])) {
      for (const [name, schema] of Object.entries(components['schemas'])) {
        if (isJson(schema)) definitions.set(name, schema);
      }
    }
  }
  const byKind = indexByKind(definitions);
  for (const document of documents) {
    if (!isJson(document['paths'])) continue;
    for (const [path, item] of Object.entries(document['paths'])) {
      const match = /\/(namespaces\/\{namespace\}\/)?([a-z0-9-]+)\/\{name\}$/.exec(path);
      if (match === null || !isJson(item) || !isJson(item['patch'])) continue;
      const gvk = item['patch']['x-kubernetes-group-version-kind'];
      if (!isJson(gvk)) continue;
      const group = String(gvk['group']);
      const version = String(gvk['version']);
      const key = `${group === '' ? version : `${group}/${version}`} ${String(gvk['kind'])}`;
      if (!isServed(group, version)) {
        notServed.add(key);
        continue;
      }
      const definition = byKind.get(key);
      if (definition === undefined) continue;
      kinds[key] = {
        file: definitionFile(definition),
        definition,
        scope: match[1] === undefined ? 'Cluster' : 'Namespaced',
        resource: match[2] ?? '',
      };
    }
  }
  return {
    files: group(
      reachable(
        definitions,
        Object.values(kinds).map((kind) => kind.definition),
      ),
    ),
    kinds,
    notServed: [...notServed].sort(),
  };
}

/** A definition that carries exactly one group-version-kind is that kind's object. */
function indexByKind(definitions: ReadonlyMap<string, Json>): Map<string, string> {
  const out = new Map<string, string>();
  for (const [name, schema] of definitions) {
    const gvks = schema['x-kubernetes-group-version-kind'];
    if (!Array.isArray(gvks) || gvks.length !== 1 || !isJson(gvks[0])) continue;
    const { group, version, kind } = gvks[0];
    out.set(`${group === '' ? version : `${String(group)}/${String(version)}`} ${String(kind)}`, name);
  }
  return out;
}

function reachable(definitions: ReadonlyMap<string, Json>, roots: readonly string[]): Map<string, Json> {
  const out = new Map<string, Json>();
  const queue = [...roots];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const schema = definitions.get(name);
    if (schema === undefined || out.has(name)) continue;
    const cleaned = cleanSchema(schema, (ref) => {
      const target = ref.slice(REF.length);
      queue.push(target);
      return `${definitionFile(target)}#/$defs/${target}`;
    });
    if (isJson(cleaned)) out.set(name, cleaned);
  }
  return out;
}

function group(definitions: ReadonlyMap<string, Json>): Map<string, Json> {
  const files = new Map<string, Json>();
  for (const [name, schema] of definitions) {
    const file = definitionFile(name);
    const content = files.get(file) ?? { $defs: {} };
    (content['$defs'] as Json)[name] = schema;
    files.set(file, content);
  }
  return files;
}
