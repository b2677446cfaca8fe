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
import {
  ADD_ONS,
  API_MODULES,
  CRD_FOLDERS,
  isDefinitionFile,
  KUBERNETES,
} from '../../../scripts/schemas/sources.ts';
import { readVersions, sourceAt } from '../../../scripts/schemas/versions.ts';

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
        'io.g.v1beta1.Thing': {
          type: 'object',
          'x-kubernetes-group-version-kind': [gvk('Thing', 'v1beta1')],
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

  it('takes other versions where they are served', () => {
    const { kinds, notServed } = collectOpenApi([document], (_, version) => version === 'v1beta1');
    expect(Object.keys(kinds)).toEqual(['g/v1beta1 Thing']);
    expect(notServed).toEqual(['g/v1 Thing', 'g/v1 Zone']);
  });

  it('knows a plural with a digit', () => {
    const l2 = { group: 'g', version: 'v1', kind: 'L2' };
    const { kinds } = collectOpenApi([
      {
        paths: {
          '/apis/g/v1/namespaces/{namespace}/l2s/{name}': {
            patch: { 'x-kubernetes-group-version-kind': l2 },
          },
        },
        components: { schemas: { 'g.v1.L2': { 'x-kubernetes-group-version-kind': [l2] } } },
      },
    ]);
    expect(kinds['g/v1 L2']).toMatchObject({ resource: 'l2s', scope: 'Namespaced' });
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
  const sources = [KUBERNETES, ...CRD_FOLDERS, ...API_MODULES];
  const line = ({ name }: { name: string }, index: number) => `${name}: v1.${index}.0`;

  it('come from versions.yaml', () => {
    const versions = read(sources.map(line).join('\n'));
    if (!versions.ok) throw new Error(versions.error);
    expect(sources.map(versions.value)).toEqual(sources.map((_, index) => `v1.${index}.0`));
    expect(sourceAt(KUBERNETES, versions.value)).toBe('k8s.io/kubernetes@v1.0.0');
  });

  it.each(sources.map(({ name }) => [name]))('are asked for by name where %s is missing', (name) => {
    const rest = sources.filter((source) => source.name !== name);
    expect(read(rest.map(line).join('\n'))).toMatchObject({
      ok: false,
      error: expect.stringContaining(`no \`${name}: `),
    });
  });

  it('are asked for where the file is missing or says no version', () => {
    expect(readVersions('/nonexistent/versions.yaml')).toMatchObject({ ok: false });
    expect(read(sources.map(({ name }) => `${name}: latest`).join('\n'))).toMatchObject({ ok: false });
  });

  it('name a folder per Kubernetes minor', () =>
    expect(kubernetesFolder('v1.36.3')).toBe('kubernetes/v1.36'));
});

describe('the files of a source', () => {
  const files = (name: string, ...candidates: string[]) =>
    candidates.filter((file) => isDefinitionFile(ADD_ONS.find((source) => source.name === name)!, file));

  it('are its YAML files', () => {
    expect(files('cert-manager', 'README.md', 'a.yaml', 'b.yml', 'c.yaml.txt')).toEqual(['a.yaml', 'b.yml']);
  });

  it('are those of the definitions that the chart installs, where a module has more', () => {
    expect(
      files('trust-manager', 'trust-manager.io_clusterbundles.yaml', 'trust.cert-manager.io_bundles.yaml'),
    ).toEqual(['trust.cert-manager.io_bundles.yaml']);
  });
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
