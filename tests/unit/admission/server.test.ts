import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openAdmission } from '../../../scripts/kubernetes/admission/index.ts';
import { prepareForCreate } from '../../../scripts/kubernetes/admission/prepare.ts';
import { defaultObject, type Json, type JsonObject } from '../../../scripts/kubernetes/defaults/index.ts';
import { loadSchemas } from '../../../scripts/kubernetes/schema/index.ts';

const schemas = loadSchemas(join(import.meta.dirname, '../../../schemas'));
const read = (name: string): unknown =>
  JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8'));

interface Stored {
  readonly given: JsonObject;
  readonly stored: JsonObject;
}

const sorted = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(sorted)
    : typeof value === 'object' && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([key, item]) => [key, sorted(item)]),
        )
      : value;

/** Without what the server makes up. */
function comparable(object: JsonObject): unknown {
  const { uid: _, creationTimestamp: __, managedFields: ___, ...metadata } = object['metadata'] as JsonObject;
  const text = JSON.stringify({ ...object, metadata })
    .replace(/kube-api-access-\w{5}\b/g, 'kube-api-access-X')
    .replace(/"10\.96\.\d+\.\d+"/g, '"IP"')
    .replace(/"nodePort":\d+/g, '"nodePort":0')
    .replaceAll('00000000-0000-4000-8000-000000000000', 'UID')
    .replace(/"lastPhaseTransitionTime":"[^"]*"/g, '"lastPhaseTransitionTime":""');
  return sorted(JSON.parse(text));
}

describe('objects as kube-apiserver 1.36.3 stores them', () => {
  // The admission plugin that taints new nodes is not imitated.
  const cases = (read('stored.json') as Stored[]).filter(({ given }) => given['kind'] !== 'Node');
  test.each(cases.map((one) => [String(one.given['kind']), one] as const))('%s', (_, { given, stored }) => {
    const schema = schemas.store.kind(`${given['apiVersion']} ${given['kind']}`);
    const namespace = (given['metadata'] as JsonObject)['namespace'];
    const mine = defaultObject(schemas.store, schema!, given);
    prepareForCreate(mine, typeof namespace === 'string' ? namespace : '', {
      serviceAccount: () => undefined,
      priorityClass: () => undefined,
    });
    expect(comparable(mine)).toEqual(comparable(stored));
  });

  test('the given object stays as it was', () => {
    const given = cases[0]!.given;
    const before = structuredClone(given);
    defaultObject(schemas.store, schemas.store.kind(`${given['apiVersion']} ${given['kind']}`)!, given);
    expect(given).toEqual(before);
  });
});

describe('policies as kube-apiserver 1.36.3 evaluates them', () => {
  const { cluster, cases } = read('policies.json') as {
    cluster: JsonObject[];
    cases: { object: JsonObject; server: string[] }[];
  };
  const admission = openAdmission({ schemas, objects: cluster as Readonly<Record<string, Json>>[] });

  test.each(cases.map((one, index) => [index, String(one.object['kind']), one] as const))(
    'object %i, a %s',
    (_, __, { object, server }) => {
      const mine = admission
        .evaluate(object, 'admin')
        .map(
          ({ policy, binding, message }) =>
            `Validation failed for ValidatingAdmissionPolicy '${policy}' with binding '${binding}': ${message}`,
        )
        .map((text) => text.replace(/kube-api-access-\w{5}/g, 'kube-api-access-X'));
      expect([...new Set(mine)].sort()).toEqual(server);
    },
  );

  test('each policy had something to say', () => {
    const told = new Set(cases.flatMap(({ server }) => server.map((text) => text.split("'")[1])));
    const policies = cluster.filter(({ kind }) => kind === 'ValidatingAdmissionPolicy');
    expect(told.size).toBeGreaterThanOrEqual(policies.length - 2);
  });
});
