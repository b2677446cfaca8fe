import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { isClosed } from '../../../scripts/kubernetes/schema/compile.ts';
import { openStore, refName, type Store } from '../../../scripts/kubernetes/schema/store.ts';
import type { SchemaNode } from '../../../scripts/kubernetes/schema/types.ts';
import { findTool } from '../../../scripts/tools/find.ts';
import type { Case } from './case.ts';
import type { JsonObject } from './json.ts';
import { schemaDirectory } from './schema.ts';
import type { Verdict } from './verdicts.ts';

export type Kubeconform =
  | {
      readonly ok: true;
      readonly version: string;
      readonly verdicts: readonly Verdict[];
      readonly ms: number;
    }
  /** The tool is not there, and why. */
  | { readonly ok: false; readonly reason: string };

/** The kind's name in lower case is all that a schema's file can be found by. */
const location = '{{ .Group }}/{{ .ResourceKind }}_{{ .ResourceAPIVersion }}.json';

/** What kubeconform says of each case, strict and by the schemas that the gate goes by. One process for all. */
export async function runKubeconform(cases: readonly Case[]): Promise<Kubeconform> {
  const tool = findTool('kubeconform');
  if (!tool.ok) return { ok: false, reason: tool.reason };
  const directory = mkdtempSync(join(tmpdir(), 'kubeconform-'));
  try {
    writeSchemas(openStore(schemaDirectory), join(directory, 'schemas'));
    const objects = join(directory, 'objects');
    mkdirSync(objects);
    for (const [index, { object }] of cases.entries())
      writeFileSync(join(objects, `${index}.json`), JSON.stringify(object));
    const started = performance.now();
    const results = await run(tool.path, join(directory, 'schemas', location), objects);
    const ms = performance.now() - started;
    const verdicts = cases.map((one, index): Verdict => {
      const own = results.get(index);
      if (own === undefined) throw new Error(`kubeconform says nothing of ${one.id}`);
      if (own.status === 'statusValid') return { accepts: true };
      return { accepts: false, stage: own.status, message: own.msg };
    });
    return { ok: true, version: tool.version, verdicts, ms };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

interface Answer {
  readonly filename: string;
  readonly status: string;
  readonly msg: string;
}

/** Its answers, by the number of the case. */
async function run(program: string, schemas: string, objects: string): Promise<ReadonlyMap<number, Answer>> {
  const { stdout } = await promisify(execFile)(
    program,
    ['-strict', '-verbose', '-output', 'json', '-schema-location', schemas, objects],
    { maxBuffer: 256 * 1024 * 1024 },
  ).catch((error: { code?: unknown; stdout: string; stderr: string }) => {
    // 1 is how it says that something is invalid.
    if (error.code === 1 && error.stdout.startsWith('{')) return error;
    throw new Error(`kubeconform fails: ${error.stderr || String(error)}`);
  });
  const { resources } = JSON.parse(stdout) as { resources: readonly Answer[] };
  return new Map(resources.map((answer) => [Number(basename(answer.filename, '.json')), answer]));
}

/** A file for each kind, with the definitions that it needs. */
function writeSchemas(store: Store, directory: string): void {
  for (const key of store.kinds.keys()) {
    const [apiVersion = '', kind = ''] = key.split(' ');
    const schema = store.kind(key);
    if (schema === undefined) continue;
    const definitions: Record<string, JsonObject> = {};
    const add = (name: string): void => {
      if (Object.hasOwn(definitions, name)) return;
      definitions[name] = {};
      definitions[name] = translate(store.definition(name), name, add);
    };
    const root = translate(schema.root, schema.definition, add);
    const group = apiVersion.split('/')[0] ?? '';
    const file = join(directory, group, `${kind.toLowerCase()}_${apiVersion.split('/').at(-1)}.json`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify({ ...root, definitions }));
  }
}

/**
 * A schema as JSON Schema has it, made as those that kubeconform is delivered with are: fields that nobody knows are
 * refused, and those that need not be there may be null.
 */
function translate(
  node: SchemaNode,
  name: string | undefined,
  add: (definition: string) => void,
  optional = false,
): JsonObject {
  const or = (schema: JsonObject): JsonObject =>
    optional || node.nullable === true ? { anyOf: [schema, { type: 'null' }] } : schema;
  if (node.$ref !== undefined) {
    const target = refName(node.$ref);
    add(target);
    const reference = { $ref: `#/definitions/${target}` };
    return or(node.allOf === undefined ? reference : { allOf: [reference, ...node.allOf] });
  }
  const { properties, items, additionalProperties, required = [] } = node;
  const taken = ['properties', 'items', 'additionalProperties', 'required', 'nullable', 'default'];
  return or({
    ...Object.fromEntries(
      Object.entries(node).filter(([key]) => !taken.includes(key) && !key.startsWith('x-kubernetes-')),
    ),
    // JSON Schema wants at least one.
    ...(required.length > 0 ? { required } : {}),
    ...(items === undefined ? {} : { items: translate(items, undefined, add) }),
    ...(properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(properties).map(([key, sub]) => [
              key,
              translate(sub, undefined, add, !required.includes(key)),
            ]),
          ),
        }),
    ...(typeof additionalProperties === 'object'
      ? { additionalProperties: translate(additionalProperties, undefined, add) }
      : isClosed(node, name)
        ? { additionalProperties: false }
        : {}),
  });
}
