import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadSchemas, validateObject } from '../../../scripts/kubernetes/schema/index.ts';
import { validateBeyondSchema } from '../../../scripts/kubernetes/validation/index.ts';
import type { Client, KubernetesObject } from '../harness/client.ts';
import { done, notYet, waitFor } from '../harness/wait.ts';
import { isObject, type JsonObject } from './json.ts';
import { schemaDirectory } from './schema.ts';
import { namespace } from './seeds.ts';

export type Verdict =
  | { readonly accepts: true }
  | { readonly accepts: false; readonly message: string; readonly stage: string };

/** What stages schema and api-server of the gate say, in this process. */
export function openGate(): (object: JsonObject) => Verdict {
  const schemas = loadSchemas(schemaDirectory);
  return (object) => {
    const errors = validateObject(schemas, object);
    if (errors.length > 0) return refused('schema', errors);
    // A warning stops nobody: the object counts as valid.
    const further = validateBeyondSchema(object).filter(({ severity }) => severity !== 'warning');
    return further.length > 0 ? refused('api-server', further) : { accepts: true };
  };
}

const refused = (
  stage: string,
  errors: readonly { readonly message: string; readonly code: string }[],
): Verdict => ({
  accepts: false,
  stage,
  message: errors.map(({ code, message }) => `${code}: ${message}`).join('; '),
});

/** How an object is sent: `apply` is what Flux does, `create` what `kubectl create` does. */
export type Method = 'apply' | 'create';

/**
 * What the API server answers to a request that stores nothing. `undefined` where the answer hangs on what the cluster
 * holds, and so says nothing of the object.
 */
export async function serverVerdict(
  client: Client,
  object: JsonObject,
  method: Method,
): Promise<Verdict | undefined> {
  const collection = await collectionOf(client, object);
  if (collection === undefined) return { accepts: false, stage: 'server', message: 'the kind is not served' };
  const query = 'dryRun=All&fieldValidation=Strict&fieldManager=agreement';
  const text = JSON.stringify(object);
  const [verb, path, type] =
    method === 'apply'
      ? ([
          'PATCH',
          `${collection}/${nameOf(object)}?${query}&force=true`,
          'application/apply-patch+yaml',
        ] as const)
      : (['POST', `${collection}?${query}`, 'application/json'] as const);
  const answer = await client.request(verb, path, { text, type }).catch((error: NodeJS.ErrnoException) => {
    // The server panics on a few definitions, and closes the connection. If it were down, it would be refused.
    if (error.code === 'ECONNRESET') return undefined;
    throw error;
  });
  if (answer === undefined) return { accepts: false, stage: 'server', message: 'the server panics' };
  if (answer.status >= 200 && answer.status <= 299) return { accepts: true };
  const message = messageOf(answer.body);
  if (stateDependent.some((pattern) => pattern.test(message))) return undefined;
  // 500 is how server-side apply says that an object does not fit its type.
  if (answer.status > 500 || answer.status === 429)
    throw new Error(`the API server answers ${answer.status}: ${message}`);
  return { accepts: false, stage: `server ${answer.status}`, message };
}

/** Refusals because of what is, or is not, in the cluster at the moment. */
const stateDependent: readonly RegExp[] = [
  /^namespaces ".*" not found$/,
  /error looking up service account/,
  /no PriorityClass with name/,
  /RuntimeClass ".*" not found/,
  /is already allocated/,
  /not in the valid range/,
  /not in the range of valid ports|provided port is not in/,
  /exceeded quota/,
  /this cluster is not configured for dual-stack|not configured on this cluster/,
  // A dry run takes the next port for what it would have to find.
  /healthCheckNodePort: Invalid value: 65537/,
  /the object has been modified/,
  /" already exists$/,
  // The label is one of the namespace.
  /admin access to devices requires the .* label on the containing namespace/,
];

export async function collectionOf(client: Client, object: JsonObject): Promise<string | undefined> {
  const { apiVersion, kind, metadata } = object as Partial<KubernetesObject>;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return undefined;
  // What is no API version cannot even be asked for.
  const resource = /^[\w./-]+$/.test(apiVersion) ? await client.resource({ apiVersion, kind }) : undefined;
  if (resource === undefined) return undefined;
  const inside = resource.namespaced ? `/namespaces/${inUrl(metadata?.namespace) || namespace}` : '';
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return `${root}${inside}/${resource.name}`;
}

const nameOf = ({ metadata }: JsonObject): string => (isObject(metadata) ? inUrl(metadata['name']) : '');

const inUrl = (value: unknown): string =>
  value === undefined || value === null ? '' : encodeURIComponent(String(value));

function messageOf(body: string): string {
  try {
    return String((JSON.parse(body) as { message?: unknown }).message ?? body);
  } catch {
    return body;
  }
}

/** Makes what the cases need: their namespace with its service account, and the definitions of the custom kinds. */
export async function prepareServer(client: Client): Promise<void> {
  await apply(client, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  // No controller runs that would make it, and no pod is let in without.
  await apply(client, {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'default', namespace },
  });
  const definitions = definitionsOfSchemas();
  for (const definition of definitions) await apply(client, definition.object);
  for (const { apiVersion, kind } of definitions.flatMap(({ kinds }) => kinds))
    await waitFor(`${apiVersion} ${kind}`, async () =>
      (await client.resource({ apiVersion, kind })) ? done(undefined) : notYet('it is not served'),
    );
}

export async function apply(client: Client, object: KubernetesObject): Promise<void> {
  const verdict = await client.apply(object);
  if (!verdict.ok) throw new Error(`${object.kind} ${object.metadata.name}: ${verdict.message}`);
}

interface CustomKind {
  readonly file: string;
  readonly resource: string;
  readonly scope: string;
  readonly statusSubresource?: boolean;
}

/** A CustomResourceDefinition of each kind below schemas/crds, so that server and gate go by the same schema. */
function definitionsOfSchemas(): { kinds: readonly TypeOf[]; object: KubernetesObject }[] {
  const directory = join(schemaDirectory, 'crds');
  const read = (file: string): unknown => JSON.parse(readFileSync(join(directory, file), 'utf8'));
  const { kinds } = read('index.json') as { kinds: Record<string, CustomKind> };
  const versions = Object.entries(kinds).map(([key, custom]) => {
    const [apiVersion = '', kind = ''] = key.split(' ');
    const [group = '', version = ''] = apiVersion.split('/');
    return { ...custom, apiVersion, kind, group, version };
  });
  const byName = new Map<string, typeof versions>();
  for (const one of versions) {
    const name = `${one.resource}.${one.group}`;
    byName.set(name, [...(byName.get(name) ?? []), one]);
  }
  return [...byName].map(([name, all]) => {
    const { kind, group, scope, resource } = all[0]!;
    return {
      kinds: all,
      object: {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name },
        spec: {
          group,
          scope,
          names: { kind, plural: resource, singular: kind.toLowerCase(), listKind: `${kind}List` },
          versions: all.map(({ version, file, statusSubresource }, index) => ({
            name: version,
            served: true,
            storage: index === all.length - 1,
            schema: { openAPIV3Schema: read(file) },
            ...(statusSubresource ? { subresources: { status: {} } } : {}),
          })),
        },
      },
    };
  });
}

interface TypeOf {
  readonly apiVersion: string;
  readonly kind: string;
}
