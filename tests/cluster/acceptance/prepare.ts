import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { labelledFluxNamespace, namespaceObject, secretObject } from '../../../scripts/bootstrap/objects.ts';
import { fieldManager } from '../../../scripts/cluster/names.ts';
import type { Environment } from '../../../scripts/render/environment.ts';
import { groupOf } from '../../../scripts/render/object.ts';
import type { Sources } from '../../../scripts/repository/sources.ts';
import type { CrdEntry } from '../../../scripts/schemas/crd.ts';
import { readSecretDeclarations } from '../../../scripts/secrets/declaration.ts';
import { generateValue } from '../../../scripts/secrets/generate.ts';
import { installAddOns } from '../harness/add-ons.ts';
import type { Client, KubernetesObject } from '../harness/client.ts';
import { installFlux } from '../harness/flux.ts';
import { done, notYet, waitFor } from '../harness/wait.ts';

/**
 * Makes of an empty cluster what `npm run bootstrap` leaves to Flux: Flux, namespaces and the declared Secrets; and the
 * definitions of the add-ons where the environment has objects of theirs, which their charts would bring.
 */
export async function prepare(client: Client, sources: Sources, environment: Environment): Promise<void> {
  await installFlux(client);
  if (usesAddOns(environment)) await installAddOns(client);
  const declared = readSecretDeclarations(sources, environment.name);
  if (!declared.ok) throw new Error(declared.error.message);
  // What lies encrypted in Git is applied with the rest.
  const rendered = new Set(
    environment.objects
      .filter(({ kind }) => kind === 'Secret')
      .map(({ namespace, name }) => `${namespace}/${name}`),
  );
  const secrets = declared.secrets.filter(({ namespace, name }) => !rendered.has(`${namespace}/${name}`));
  const namespaces = [...new Set(secrets.map(({ namespace }) => namespace))];
  const objects = [
    labelledFluxNamespace(environment.name),
    ...namespaces.map((namespace) => namespaceObject(environment, namespace)),
    ...secrets.map((secret) =>
      secretObject(secret, new Map(secret.keys.map((key) => [key.name, generateValue(key) ?? 'stand-in']))),
    ),
  ];
  for (const object of objects) await mustApply(client, object as unknown as KubernetesObject);
}

/** A chart is the only thing that brings definitions which this repository does not have. */
const usesAddOns = ({ objects }: Environment): boolean => objects.some(({ kind }) => kind === 'HelmRelease');

export const kindsOf = ({ objects }: Environment): string[] =>
  objects.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`);

const schemas = join(import.meta.dirname, '../../../schemas/crds');

/**
 * Defines custom kinds that nothing in the cluster defines, from the committed schemas: what their own controllers or
 * charts bring cannot be had here.
 *
 * @param used as `apiVersion kind`; those that schemas/ does not know are left to the API server
 * @returns those that were defined
 */
export async function defineAbsentKinds(client: Client, used: Iterable<string>): Promise<string[]> {
  const { kinds } = JSON.parse(readFileSync(join(schemas, 'index.json'), 'utf8')) as {
    kinds: Record<string, CrdEntry>;
  };
  const defined: string[] = [];
  for (const key of new Set(used)) {
    const entry = kinds[key];
    const [apiVersion = '', kind = ''] = key.split(' ');
    if (entry === undefined || (await client.resource({ apiVersion, kind }))) continue;
    const group = groupOf(apiVersion);
    await mustApply(client, {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `${entry.resource}.${group}` },
      spec: {
        group,
        scope: entry.scope,
        names: { kind, plural: entry.resource, singular: kind.toLowerCase() },
        versions: [
          {
            name: apiVersion.slice(group.length + 1),
            served: true,
            storage: true,
            ...(entry.statusSubresource ? { subresources: { status: {} } } : {}),
            schema: {
              openAPIV3Schema: JSON.parse(readFileSync(join(schemas, entry.file), 'utf8')) as object,
            },
          },
        ],
      },
    });
    await waitFor(`${key} to be served`, async () =>
      (await client.resource({ apiVersion, kind })) ? done(undefined) : notYet('it is not'),
    );
    defined.push(key);
  }
  return defined;
}

async function mustApply(client: Client, object: KubernetesObject): Promise<void> {
  const applied = await client.apply(object, { fieldManager });
  if (!applied.ok) throw new Error(`${object.kind} ${object.metadata.name}: ${applied.message}`);
}
