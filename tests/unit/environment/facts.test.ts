import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '../../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const isValid = new Ajv({ allErrors: true }).compile(JSON.parse(read('schemas/environment.json')));

interface Facts {
  readonly data: Record<string, string>;
}
const factsOf = (environment: string): Facts =>
  parse(read(`overlays/${environment}/environment/environment.yaml`)) as Facts;
const environments = readdirSync(join(root, 'overlays'));

/** What is wrong with the facts of small-production after a change; undefined takes a fact away. */
const problems = (change: Readonly<Record<string, string | undefined>>): string[] => {
  const facts = factsOf('small-production');
  const data = Object.entries({ ...facts.data, ...change }).filter(([, value]) => value !== undefined);
  return isValid({ ...facts, data: Object.fromEntries(data) })
    ? []
    : (isValid.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
};

describe('schemas/environment.json', () => {
  test.each(environments)('fits the facts of %s', (environment) => {
    expect(isValid(factsOf(environment)), JSON.stringify(isValid.errors)).toBe(true);
  });

  // An environment takes what its components ask for.
  test('leaves it to the environment which facts it has', () => {
    expect(problems({ loadBalancerRange: undefined, backupKafkaBootstrap: undefined })).toEqual([]);
    expect(problems({ bindAddress: '127.0.0.1' })).toEqual([]);
  });
  test('knows what every environment has', () => {
    for (const fact of ['publicHost', 'nodeCount', 'nodeCpu', 'nodeMemory', 'nodePods'])
      expect(problems({ [fact]: undefined }), fact).toHaveLength(1);
  });
  test('knows which facts belong together', () => {
    expect(problems({ objectStoreEndpoint: undefined }).join()).toContain('objectStoreEndpoint');
    expect(problems({ objectStoreRegion: undefined }).join()).toContain('objectStoreRegion');
  });
  test('knows no other fact', () => {
    expect(problems({ loadBalancerRanges: '192.0.2.1-192.0.2.2' })).toHaveLength(1);
  });

  test.each([
    ['publicHost', 'https://platform.example.com', 'platform.example.com:443', 'Platform.example.com', ''],
    ['loadBalancerRange', '192.0.2.10', '192.0.2.10-192.0.2.300', '192.0.2.0/33', '192.0.2.10 - 192.0.2.20'],
    ['oidcIssuer', 'http://id.example.com', 'id.example.com', 'https://id.example.com/?a=b'],
    ['objectStoreEndpoint', 'http://s3.example.com', 'https://s3.example.com/', 's3.example.com'],
    ['objectStoreRegion', 'EU', ''],
    ['checkpointBucket', 'A-bucket', 'a/b', 'ab', '-ab'],
    ['backupKafkaBootstrap', 'kafka.example.com', 'kafka.example.com:0', 'a:9093, b:9093', 'a:9093,'],
    ['alertWebhook', 'http://alerts.example.com', 'https://alerts.example.com/?token=x'],
    [
      'imageRegistry',
      'https://registry.example.com',
      'registry.example.com/',
      'registry.example.com/Infometis',
    ],
    [
      'repositoryUrl',
      'git@git.example.com:infometis/platform',
      'http://git.example.com/a/b',
      'https://git.example.com',
    ],
  ])('%s is not %j', (fact, ...values) => {
    for (const value of values) expect(problems({ [fact]: value }), value).not.toEqual([]);
  });
  test.each([
    ['loadBalancerRange', '192.0.2.10-192.0.2.20', '192.0.2.8/29'],
    [
      'oidcIssuer',
      'https://id.example.com',
      'https://id.example.com:8443/realms/a/',
      'https://id.example.com/a',
    ],
    ['objectStoreEndpoint', 'https://s3.example.com:9000'],
    ['backupKafkaBootstrap', 'a.example.com:9093,b.example.com:9094'],
    ['imageRegistry', 'registry.example.com', 'registry.example.com:5000/a/b_c'],
    ['repositoryUrl', 'ssh://git@git.example.com:2222/a/b', 'https://git.example.com/a/b.git'],
  ])('%s may be %j', (fact, ...values) => {
    for (const value of values) expect(problems({ [fact]: value }), value).toEqual([]);
  });
});

describe('k0s/small-production.yaml', () => {
  interface Cluster {
    readonly spec: {
      readonly hosts: readonly {
        readonly role: string;
        readonly noTaints?: boolean;
        readonly files: readonly { readonly data: string }[];
      }[];
      readonly k0s: {
        readonly version: string;
        readonly config: {
          readonly spec: {
            readonly network: { readonly podCIDR: string };
            readonly workerProfiles: readonly {
              readonly name: string;
              readonly values: { readonly maxPods: number };
            }[];
          };
        };
      };
    };
  }
  const cluster = parse(read('k0s/small-production.yaml')) as Cluster;
  const { spec } = cluster.spec.k0s.config;

  test('installs the k0s of versions.yaml', () => {
    expect(cluster.spec.k0s.version).toBe((parse(read('versions.yaml')) as Record<string, string>)['k0s']);
  });
  test('has as many nodes, of as many pods, as the facts say', () => {
    const { data } = factsOf('small-production');
    expect(
      cluster.spec.hosts.filter(({ role, noTaints }) => role === 'controller+worker' && noTaints),
    ).toHaveLength(Number(data['nodeCount']));
    expect(spec.workerProfiles[0]?.values.maxPods).toBe(Number(data['nodePods']));
  });
  test('lets Elasticsearch map its files on every node', () => {
    for (const { files } of cluster.spec.hosts)
      expect(files.map(({ data }) => data).join('\n')).toContain('vm.max_map_count = 262144');
  });
  test('has the pod network that oauth2-proxy trusts', () => {
    expect(read('base/oauth2-proxy/config/oauth2-proxy.cfg')).toContain(
      `trusted_proxy_ips = ["${spec.network.podCIDR}"]`,
    );
  });
});
