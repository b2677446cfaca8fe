import { fluxNamespace } from '../../../scripts/cluster/names.ts';
import type { Build } from '../../../scripts/render/environment.ts';
import { groupOf, type RenderedObject } from '../../../scripts/render/object.ts';
import { readCiphertext } from '../../../scripts/secrets/ciphertext.ts';
import type { Client, KubernetesObject } from '../harness/client.ts';
import { kustomization, statusOf } from './flux-objects.ts';

/** Marks the part of managedFields that this check makes in its dry runs. */
const ownManager = 'render-agreement';

/**
 * Where what was rendered differs from what kustomize-controller has applied; empty where nothing does.
 *
 * Two things are compared, for a Secret that Git has encrypted only the first. The Kustomization's inventory with the rendered objects. And each object with the answer to a
 * dry run that applies the rendered one over it: no value may change, and the same fields must be owned. The API server
 * does the comparing of quantities and defaults that way, and a field that only one side has cannot hide.
 */
export async function disagreements(client: Client, builds: readonly Build[]): Promise<string[]> {
  const of = await Promise.all(
    builds.map(async (build) => [
      ...(await inventoryDifferences(client, build)),
      ...(
        await Promise.all(
          build.objects
            .filter((object) => !isEncrypted(object))
            .map((object) => objectDifferences(client, object)),
        )
      ).flat(),
    ]),
  );
  return of.flat();
}

/** Git has its ciphertext, the cluster what was decrypted. */
const isEncrypted = ({ kind, value }: RenderedObject): boolean =>
  kind === 'Secret' &&
  [value['data'], value['stringData']].some((data) =>
    Object.values((data ?? {}) as Readonly<Record<string, unknown>>).some(
      (text) => typeof text === 'string' && readCiphertext(text) !== undefined,
    ),
  );

async function inventoryDifferences(client: Client, build: Build): Promise<string[]> {
  const entries = statusOf(await client.get(kustomization(build.component))).inventory?.entries ?? [];
  const applied = new Set(entries.map(({ id, v }) => `${id}_${v}`));
  const rendered = new Set(build.objects.map(inventoryEntry));
  return [
    ...[...rendered].filter((entry) => !applied.has(entry)).map((entry) => `not applied: ${entry}`),
    ...[...applied].filter((entry) => !rendered.has(entry)).map((entry) => `not rendered: ${entry}`),
  ].map((text) => `${build.component}: ${text}`);
}

/** `<namespace>_<name>_<group>_<kind>_<version>`, as cli-utils writes object metadata; a colon is no part of an id. */
const inventoryEntry = ({ apiVersion, kind, namespace, name }: RenderedObject): string =>
  [
    namespace ?? '',
    name.replaceAll(':', '__'),
    groupOf(apiVersion),
    kind,
    apiVersion.slice(apiVersion.indexOf('/') + 1),
  ].join('_');

async function objectDifferences(client: Client, object: RenderedObject): Promise<string[]> {
  const { apiVersion, kind, namespace, name, component } = object;
  const say = (text: string): string => `${component}: ${kind} ${name}: ${text}`;
  const live = await client.get({ apiVersion, kind, namespace, name });
  if (live === undefined) return [say('it is not there')];
  const verdict = await client.apply(withOwner(object), { dryRun: true, fieldManager: ownManager });
  if (!verdict.ok) return [say(verdict.message)];
  const before = ownedFields(live, 'kustomize-controller');
  const after = ownedFields(verdict.object, ownManager);
  return [
    ...valueDifferences(comparable(live), comparable(verdict.object)),
    ...[...after].filter((field) => !before.has(field)).map((field) => `only rendered: ${field}`),
    ...[...before]
      .filter((field) => !after.has(field) && !addedByFlux.some((pattern) => pattern.test(field)))
      .map((field) => `only applied: ${field}`),
  ].map(say);
}

/** The labels by which Flux knows its objects. */
function withOwner({ value, component }: RenderedObject): KubernetesObject {
  const object = value as unknown as KubernetesObject;
  return {
    ...object,
    metadata: {
      ...object.metadata,
      labels: {
        ...object.metadata.labels,
        'kustomize.toolkit.fluxcd.io/name': component,
        'kustomize.toolkit.fluxcd.io/namespace': fluxNamespace,
      },
    },
  };
}

/**
 * Objects of built-in kinds pass through Go's types before they are applied. That writes the default of a port's protocol,
 * without which two ports of one number could not be told apart, and leaves empty structs behind.
 */
const addedByFlux: readonly RegExp[] = [
  /\/f:ports\/k:\{[^}]*\}\/f:protocol$/,
  /^\/f:spec\/f:(strategy|updateStrategy)$/,
  /^\/f:spec\/f:jobTemplate\/f:metadata$/,
  // Of a Namespace without finalizers of its own.
  /^\/f:spec$/,
];

/** The paths of all leaves that a manager has set by server-side apply. */
function ownedFields(object: KubernetesObject, manager: string): Set<string> {
  const sets = (object.metadata['managedFields'] ?? []) as readonly {
    manager: string;
    operation: string;
    subresource?: string;
    fieldsV1: object;
  }[];
  const found = sets.find(
    (set) => set.manager === manager && set.operation === 'Apply' && set.subresource === undefined,
  );
  return new Set(found ? leavesOf(found.fieldsV1, '') : []);
}

function leavesOf(fields: object, path: string): string[] {
  return Object.entries(fields).flatMap(([key, below]: [string, object]) =>
    Object.keys(below).length === 0 ? [`${path}/${key}`] : leavesOf(below, `${path}/${key}`),
  );
}

/** Without what a dry run itself changes, and what others change all the time. */
function comparable({ metadata, status: _, ...rest }: KubernetesObject & { status?: unknown }): unknown {
  const { managedFields: _managers, resourceVersion: _version, ...kept } = metadata;
  return { ...rest, metadata: kept };
}

function valueDifferences(live: unknown, wanted: unknown, path = ''): string[] {
  if (isObject(live) && isObject(wanted))
    return [...new Set([...Object.keys(live), ...Object.keys(wanted)])].flatMap((key) =>
      valueDifferences(live[key], wanted[key], `${path}/${key}`),
    );
  const [before, after] = [JSON.stringify(live), JSON.stringify(wanted)];
  return before === after ? [] : [`${path} is ${before}, rendered ${after}`];
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  value !== null && typeof value === 'object';
