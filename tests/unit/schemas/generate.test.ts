import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cleanSchema } from '../../../scripts/schemas/clean.ts';
import { collectCrds } from '../../../scripts/schemas/crd.ts';
import { compare, write } from '../../../scripts/schemas/files.ts';
import { formatJson } from '../../../scripts/schemas/format.ts';
import { kubernetesFolder } from '../../../scripts/schemas/generate.ts';
import { collectOpenApi } from '../../../scripts/schemas/openapi.ts';
import { readVersions } from '../../../scripts/schemas/sources.ts';

const keep = (ref: string): string => ref;

describe('cleanSchema', () => {
  it('drops prose but not fields of that name', () => {
    const schema = {
      description: 'prose',
      properties: { description: { type: 'string', description: 'prose' }, title: { type: 'string' } },
    };
    expect(cleanSchema(schema, keep)).toEqual({
      properties: { description: { type: 'string' }, title: { type: 'string' } },
    });
  });

  it('unwraps a reference and drops the default that means nothing', () => {
    const schema = { allOf: [{ $ref: 'a' }], default: {}, description: 'prose' };
    expect(cleanSchema(schema, (ref) => `${ref}!`)).toEqual({ $ref: 'a!' });
  });

  it('keeps defaults, limits and extensions', () => {
    const schema = {
      type: 'array',
      default: [],
      minItems: 1,
      items: { type: 'string', enum: ['a'], pattern: '^a$' },
      'x-kubernetes-list-type': 'set',
      'x-kubernetes-validations': [{ rule: 'true', message: 'm' }],
    };
    expect(cleanSchema(schema, keep)).toEqual(schema);
  });
});

describe('collectOpenApi', () => {
  const gvk = (kind: string, version = 'v1') => ({ group: 'g', version, kind });
  const document = {
    paths: {
      '/apis/g/v1/namespaces/{namespace}/things/{name}': {
        patch: { 'x-kubernetes-group-version-kind': gvk('Thing') },
      },
      '/apis/g/v1/namespaces/{namespace}/things/{name}/status': {
        patch: { 'x-kubernetes-group-version-kind': gvk('Thing') },
      },
      '/apis/g/v1/zones/{name}': { patch: { 'x-kubernetes-group-version-kind': gvk('Zone') } },
      '/apis/g/v1/reviews': { post: { 'x-kubernetes-group-version-kind': gvk('Review') } },
      '/apis/g/v1beta1/things/{name}': {
        patch: { 'x-kubernetes-group-version-kind': gvk('Thing', 'v1beta1') },
      },
    },
    components: {
      schemas: {
        'io.g.v1.Thing': {
          type: 'object',
          properties: { spec: { allOf: [{ $ref: '#/components/schemas/io.h.v1.Spec' }] } },
          'x-kubernetes-group-version-kind': [gvk('Thing')],
        },
        'io.g.v1.Zone': { type: 'object', 'x-kubernetes-group-version-kind': [gvk('Zone')] },
        'io.g.v1.Review': { type: 'object', 'x-kubernetes-group-version-kind': [gvk('Review')] },
        'io.h.v1.Spec': { type: 'object' },
        'io.h.v1.Unused': { type: 'object' },
      },
    },
  };
  const result = collectOpenApi([document]);

  it('indexes what can be applied, with scope and plural', () => {
    expect(result.kinds).toEqual({
      'g/v1 Thing': {
        file: 'io.g.v1.json',
        definition: 'io.g.v1.Thing',
        scope: 'Namespaced',
        resource: 'things',
      },
      'g/v1 Zone': { file: 'io.g.v1.json', definition: 'io.g.v1.Zone', scope: 'Cluster', resource: 'zones' },
    });
    expect(result.notServed).toEqual(['g/v1beta1 Thing']);
  });

  it('keeps the definitions that are reached, one file per package', () => {
    expect([...result.files.keys()].sort()).toEqual(['io.g.v1.json', 'io.h.v1.json']);
    expect(result.files.get('io.h.v1.json')).toEqual({ $defs: { 'io.h.v1.Spec': { type: 'object' } } });
    expect(JSON.stringify(result.files.get('io.g.v1.json'))).toContain('io.h.v1.json#/$defs/io.h.v1.Spec');
  });
});

describe('collectCrds', () => {
  const text = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.g}
spec:
  group: g
  scope: Cluster
  names: {kind: Thing, plural: things}
  versions:
  - name: v1
    served: true
    subresources: {status: {}}
    schema: {openAPIV3Schema: {type: object, description: prose}}
  - name: v1beta1
    served: true
    deprecated: true
    deprecationWarning: use v1
    schema: {openAPIV3Schema: {type: object}}
  - name: v1alpha1
    served: false
    schema: {openAPIV3Schema: {type: object}}
---
kind: Other
`;
  it('takes served versions', () => {
    const { kinds, files, notServed } = collectCrds(text, 'example.com/g@v1.0.0');
    expect(kinds['g/v1 Thing']).toEqual({
      file: 'g/thing_v1.json',
      scope: 'Cluster',
      resource: 'things',
      statusSubresource: true,
      source: 'example.com/g@v1.0.0',
    });
    expect(kinds['g/v1beta1 Thing']).toMatchObject({ deprecated: 'use v1', statusSubresource: false });
    expect(notServed).toEqual(['g/v1alpha1 Thing']);
    expect(files.get('g/thing_v1.json')).toEqual({ type: 'object' });
  });
});

describe('formatJson', () => {
  it('sorts keys and opens only what is too long for a line', () => {
    const value = { b: 1, a: { long: 'x'.repeat(60), list: ['y'.repeat(60), 'z'] } };
    expect(formatJson(value)).toBe(
      `{\n "a":{\n  "list":["${'y'.repeat(60)}","z"],\n  "long":"${'x'.repeat(60)}"\n },\n "b":1\n}\n`,
    );
    expect(JSON.parse(formatJson(value))).toEqual(value);
  });
});

describe('versions', () => {
  const read = (text: string) => {
    const dir = mkdtempSync(join(tmpdir(), 'versions-'));
    try {
      writeFileSync(join(dir, 'versions.yaml'), text);
      return readVersions(join(dir, 'versions.yaml'));
    } finally {
      rmSync(dir, { recursive: true });
    }
  };
  const flux = 'source-controller: v1.9.5\nkustomize-controller: v1.9.5\nhelm-controller: v1.6.4\n';

  it('come from versions.yaml', () => {
    expect(read(`kubernetes: v1.37.1\n${flux}notification-controller: v1.9.4\n`)).toEqual({
      ok: true,
      value: {
        kubernetes: 'v1.37.1',
        'source-controller': 'v1.9.5',
        'kustomize-controller': 'v1.9.5',
        'helm-controller': 'v1.6.4',
        'notification-controller': 'v1.9.4',
      },
    });
  });

  it('are asked for by name where one is missing', () => {
    expect(read(`kubernetes: v1.37.1\n${flux}`)).toMatchObject({
      ok: false,
      error: expect.stringContaining('notification-controller'),
    });
    expect(readVersions('/nonexistent/versions.yaml')).toMatchObject({ ok: false });
  });

  it('name a folder per Kubernetes minor', () =>
    expect(kubernetesFolder('v1.36.3')).toBe('kubernetes/v1.36'));
});

describe('compare and write', () => {
  it('find what is new, changed and gone, and leave nothing to do after writing', () => {
    const dir = mkdtempSync(join(tmpdir(), 'schemas-'));
    try {
      mkdirSync(join(dir, 'crds/old'), { recursive: true });
      writeFileSync(join(dir, 'crds/old/gone.json'), '1');
      writeFileSync(join(dir, 'crds/index.json'), '1');
      writeFileSync(join(dir, 'environment.json'), 'not ours');
      const files = new Map([
        ['crds/index.json', '2'],
        ['kubernetes/v1.36/index.json', '3'],
      ]);
      const difference = compare(dir, files);
      expect(difference).toEqual({
        added: ['kubernetes/v1.36/index.json'],
        changed: ['crds/index.json'],
        removed: ['crds/old/gone.json'],
      });
      write(dir, files, difference);
      expect(compare(dir, files)).toEqual({ added: [], changed: [], removed: [] });
      expect(readFileSync(join(dir, 'environment.json'), 'utf8')).toBe('not ours');
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});
