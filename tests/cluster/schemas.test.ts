import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { cleanSchema, isJson, type Json } from '../../scripts/schemas/clean.ts';
import { formatJson } from '../../scripts/schemas/format.ts';
import { kubernetesFolder } from '../../scripts/schemas/generate.ts';
import { collectOpenApi, type KindEntry, type OpenApiResult } from '../../scripts/schemas/openapi.ts';
import { KUBERNETES } from '../../scripts/schemas/sources.ts';
import { readVersions } from '../../scripts/schemas/versions.ts';
import { addOns, installAddOns } from './harness/add-ons.ts';
import { type ControlPlane, programsOf, startControlPlane } from './harness/control-plane.ts';
import { installFlux } from './harness/flux.ts';
import { describeWithTools, keepLogsOnFailure } from './harness/suite.ts';
import { done, notYet, waitFor } from './harness/wait.ts';

const root = join(import.meta.dirname, '../..');
const remedy = 'schemas/ is not what the API server serves: run `npm run schemas` and commit the result';

/** Their controller cannot be built here, and it is what brings their definitions. */
const notInstalled = [
  'notification.toolkit.fluxcd.io/v1 Receiver',
  'notification.toolkit.fluxcd.io/v1beta3 Alert',
  'notification.toolkit.fluxcd.io/v1beta3 Provider',
];

const readSchema = (path: string): Json =>
  JSON.parse(readFileSync(join(root, 'schemas', path), 'utf8')) as Json;

describeWithTools('the committed schemas', [...programsOf(['flux']), ...addOns], () => {
  let plane: ControlPlane;
  let installed: ReadonlySet<string>;
  let served: OpenApiResult;
  let definitions: ReadonlyMap<string, Json>;

  beforeAll(async () => {
    // Kubernetes publishes its documents without the enumerations, which are no part of what the server validates by.
    plane = await startControlPlane({ apiServer: { featureGates: { OpenAPIEnums: false } } });
    await installFlux(plane.client);
    await installAddOns(plane.client);
    installed = new Set(await installedKinds(plane));
    const groups = new Set([...installed].map(groupOf));
    // Of a definition every version is served that it says; of Kubernetes' own kinds the stable ones are vendored.
    const collect = (documents: readonly Json[]): OpenApiResult =>
      collectOpenApi(documents, (group, version) => groups.has(group) || /^v\d+$/.test(version));
    // A definition is served a little earlier than it is documented.
    const documents = await waitFor('the OpenAPI documents of all definitions', async () => {
      const read = await readOpenApi(plane);
      const { kinds } = collect(read);
      const absent = [...installed].filter((key) => !Object.hasOwn(kinds, key));
      return absent.length === 0 ? done(read) : notYet(`there is none of ${absent.join(', ')}`);
    });
    served = collect(documents);
    definitions = new Map(
      documents.flatMap((document) => {
        const components = document['components'];
        return isJson(components) && isJson(components['schemas'])
          ? (Object.entries(components['schemas']) as [string, Json][])
          : [];
      }),
    );
  });
  beforeEach(() => keepLogsOnFailure(plane));
  afterAll(() => plane?.stop());

  test('of Kubernetes are what the API server serves', () => {
    const versions = readVersions(join(root, 'versions.yaml'));
    if (!versions.ok) throw new Error(versions.error);
    const folder = kubernetesFolder(versions.value(KUBERNETES));
    const index = readSchema(`${folder}/index.json`) as { kinds: Record<string, KindEntry> };
    const builtin = Object.fromEntries(Object.entries(served.kinds).filter(([key]) => !installed.has(key)));
    expect(index.kinds, remedy).toEqual(builtin);
    expect(Object.keys(builtin).length).toBeGreaterThan(50);

    // What custom kinds bring is compared below.
    const files = [...served.files].filter(([file]) => file.startsWith('io.k8s.'));
    expect(readdirSync(join(root, 'schemas', folder)).sort(), remedy).toEqual(
      [...files.map(([file]) => file), 'index.json'].sort(),
    );
    const differing: string[] = [];
    let count = 0;
    for (const [file, { $defs }] of files) {
      const ours = readSchema(`${folder}/${file}`)['$defs'] as Json;
      const theirs = $defs as Json;
      count += Object.keys(theirs).length;
      for (const name of new Set([...Object.keys(ours), ...Object.keys(theirs)]))
        if (formatJson(ours[name] ?? null) !== formatJson(theirs[name] ?? null)) differing.push(name);
    }
    expect(differing, remedy).toEqual([]);
    console.log(`${Object.keys(builtin).length} built-in kinds, ${count} definitions: equal`);
  });

  test('of Flux and the add-ons are what the API server serves once their definitions are installed', () => {
    const { kinds } = readSchema('crds/index.json') as {
      kinds: Record<string, { file: string; scope: string; resource: string }>;
    };
    const custom = Object.entries(served.kinds).filter(([key]) => installed.has(key));
    expect(Object.keys(kinds).sort(), remedy).toEqual(
      [...custom.map(([key]) => key), ...notInstalled].sort(),
    );
    const differing = custom
      .filter(([key, { definition, scope, resource }]) => {
        const committed = kinds[key]!;
        return (
          committed.scope !== scope ||
          committed.resource !== resource ||
          formatJson(ownPart(readSchema(`crds/${committed.file}`))) !==
            formatJson(ownPart(cleanSchema(definitions.get(definition), (ref) => ref) as Json))
        );
      })
      .map(([key]) => key);
    expect(differing, remedy).toEqual([]);
    console.log(`${custom.length} custom kinds: equal; not installed: ${notInstalled.join(', ')}`);
  });
});

const groupOf = (key: string): string => key.slice(0, key.indexOf('/'));

/** As `apiVersion kind`, every served version of every definition in the cluster. */
async function installedKinds({ client }: ControlPlane): Promise<string[]> {
  const definitions = await client.list({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
  });
  return definitions.flatMap((definition) => {
    const { group, names, versions } = definition['spec'] as {
      group: string;
      names: { kind: string };
      versions: { name: string; served: boolean }[];
    };
    return versions.filter(({ served }) => served).map(({ name }) => `${group}/${name} ${names.kind}`);
  });
}

/** What every OpenAPI document of the server says, those of the definitions just installed included. */
async function readOpenApi(plane: ControlPlane): Promise<Json[]> {
  const get = async (path: string): Promise<Json> => {
    const { status, body } = await plane.client.request('GET', path);
    if (status !== 200) throw new Error(`${path} answers ${status}: ${body.slice(0, 300)}`);
    return JSON.parse(body) as Json;
  };
  const { paths } = (await get('/openapi/v3')) as { paths: Record<string, unknown> };
  // Without the hash that the index adds: a document that has grown meanwhile would answer with a redirection.
  return Promise.all(Object.keys(paths).map((path) => get(`/openapi/v3/${path}`)));
}

/**
 * Without what the server adds to a definition's schema: whose it is, which fields a watch can select by, and the metadata
 * of Kubernetes' own.
 */
function ownPart(schema: Json): Json {
  const { 'x-kubernetes-group-version-kind': _, 'x-kubernetes-selectable-fields': __, ...own } = schema;
  const { metadata: ___, ...properties } = own['properties'] as Json;
  return { ...own, properties };
}
