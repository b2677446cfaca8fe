import { describe, expect, test } from 'vitest';
import { runGate } from '../../../scripts/gate.ts';
import { renderDeployed } from '../../../scripts/render/deployed.ts';
import type { Repository } from '../../../scripts/render/environment.ts';
import { renderRepository } from '../../../scripts/render/render.ts';
import { openMemory } from '../../../scripts/repository/files.ts';
import { openSources } from '../../../scripts/repository/sources.ts';

type Tree = Readonly<Record<string, string>>;

const old = '0123456789abcdef0123456789abcdef01234567';
const url = 'ssh://git@git.example.com/shop/platform';

const flux = (name: string, commit: string | undefined, sparse: readonly string[] = []): string =>
  `apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: ${name}, namespace: flux-system}
spec:
  interval: 10m
  url: ${url}
  ref:
    branch: main
${commit === undefined ? '' : `    commit: ${commit}\n`}${sparse.length > 0 ? `  sparseCheckout: [${sparse.join(', ')}]\n` : ''}---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: ${name}, namespace: flux-system}
spec:
  path: ./overlays/small/${name}
  interval: 10m
  prune: true
  sourceRef: {kind: GitRepository, name: ${name}}
`;

const overlay = (name: string, objects: string): Tree => ({
  [`overlays/small/${name}/kustomization.yaml`]: 'resources: [objects.yaml]\n',
  [`overlays/small/${name}/objects.yaml`]: objects,
});

const environment: Tree = {
  'overlays/small/environment/environment.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: environment}\ndata: {repositoryUrl: '${url}'}\n`,
};

const server = (service: string): string => `apiVersion: v1
kind: Service
metadata: {name: ${service}, namespace: shop}
spec:
  selector: {app.kubernetes.io/name: db}
  ports: [{name: sql, port: 5432}]
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: shop, labels: {app.kubernetes.io/name: db}}
spec:
  containers: [{name: db, image: db:1.0.0, ports: [{name: sql, containerPort: 5432}]}]
`;

const ingress = (service: string, more = ''): string => `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop}
spec:
${more}  rules:
    - http:
        paths:
          - path: /
            pathType: Prefix
            backend: {service: {name: ${service}, port: {number: 5432}}}
`;

/** A working tree in which `web` is pinned to the commit `old`, and the files of that commit. */
function repository(tree: Tree, commit: Tree | undefined, sparse: readonly string[] = []): Repository {
  const sources = openSources(
    openMemory({
      ...environment,
      'flux/small/kustomization.yaml': 'resources: [web.yaml, db.yaml]\n',
      'flux/small/web.yaml': flux('web', old, sparse),
      'flux/small/db.yaml': flux('db', undefined),
      ...tree,
    }),
  );
  const rendered = renderRepository(sources);
  const result = renderDeployed(sources, rendered.environments, {
    parsed: new Map(),
    openPin: (id) =>
      commit
        ? {
            ok: true,
            commit: {
              id,
              files: openMemory(
                {
                  ...environment,
                  'flux/small/kustomization.yaml': 'resources: [web.yaml, db.yaml]\n',
                  'flux/small/web.yaml': flux('web', undefined),
                  'flux/small/db.yaml': flux('db', undefined),
                  ...commit,
                },
                id,
              ),
            },
          }
        : { ok: false, reason: 'missing-commit', message: 'gone' },
  });
  if (!result.ok) throw new Error(`${result.error.message} | ${result.error.fix}`);
  return { ...rendered, deployed: result.deployed };
}

const gate = (checked: Repository, rules: RegExp, platform = false) => {
  const result = runGate(checked, {
    selection: { environments: [], components: [], stages: [] },
    platform,
    strict: false,
    today: '2027-01-01',
  });
  return {
    ...result,
    told: result.findings
      .filter(({ rule }) => rules.test(rule))
      .map(({ rule, severity, file, line, commit }) => `${severity} ${rule} ${file}:${line} ${commit ?? ''}`),
  };
};

describe('what runs from pins', () => {
  const good = { ...overlay('web', ingress('db')), ...overlay('db', server('db')) };

  test('a mix that works is green, and the summary counts what is pinned', () => {
    const { told, environments } = gate(repository(good, good), /^(?!kustomization)/);
    expect(told.filter((text) => text.startsWith('error'))).toEqual([]);
    expect(environments[0]).toMatchObject({ name: 'small', pinned: 1 });
  });

  test('what only the mix has is an error, at the commit that runs', () => {
    const renamed = { ...overlay('web', ingress('database')), ...overlay('db', server('database')) };
    const { ok, told, findings } = gate(repository(renamed, good), /reference\//);
    expect(ok).toBe(false);
    expect(told).toEqual([`error reference/ingress-backend overlays/small/web/objects.yaml:10 ${old}`]);
    expect(findings.find(({ commit }) => commit)?.fix).toContain('npm run promote -- web');
  });

  test('what the commit has by itself is a warning: the rule is newer', () => {
    const misspelt = {
      ...overlay('web', ingress('db', '  ingresClassName: x\n')),
      ...overlay('db', server('db')),
    };
    const { told } = gate(repository(good, misspelt), /schema\//);
    expect(told).toEqual([`warning schema/unknown-field overlays/small/web/objects.yaml:5 ${old}`]);
  });

  test('what the working tree has too is told once', () => {
    const misspelt = {
      ...overlay('web', ingress('db', '  ingresClassName: x\n')),
      ...overlay('db', server('db')),
    };
    const { told } = gate(repository(misspelt, misspelt), /schema\//);
    expect(told).toEqual(['error schema/unknown-field overlays/small/web/objects.yaml:5 ']);
  });

  test('a directory that the pinned commit does not have yet', () => {
    const sparse = ['overlays/small/web', 'components'];
    const grown = { ...good, 'components/tls/web/kustomization.yaml': 'kind: Component\n' };
    expect(gate(repository(grown, grown, sparse), /sparse/).told).toEqual([]);
    const { told } = gate(repository(grown, good, sparse), /sparse|render/);
    expect(told).toEqual(['error flux/sparse-directory flux/small/web.yaml:10 ']);
  });

  test('a commit that the clone lacks is no verdict', () => {
    expect(() => repository(good, undefined)).toThrow(`git fetch origin ${old}`);
  });
});

describe('flows hold as the commit of where they come from declares them', () => {
  const flows = (...ports: readonly number[]): Tree => ({
    'network/flows.yaml': `environments: {small: {closed: [shop]}}
networks: {nodes: {cidrs: [192.0.2.0/24]}}
flows:
${ports.map((port) => `  - {from: {component: web}, to: {component: db}, ports: [${port}], why: queries}\n`).join('')}`,
  });
  const policies = (end: string, selector: string, ...ports: readonly number[]): string =>
    ports.length === 0
      ? ''
      : `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: ${end}-${selector}, namespace: shop}
spec:
  podSelector: {matchLabels: {app.kubernetes.io/name: ${end}}}
  policyTypes: [${selector === 'from' ? 'Ingress' : 'Egress'}]
  ${selector === 'from' ? 'ingress' : 'egress'}:
    - ${selector}: [{podSelector: {matchLabels: {app.kubernetes.io/name: ${end === 'web' ? 'db' : 'web'}}}}]
      ports: [${ports.map((port) => `{port: ${port}, protocol: TCP}`).join(', ')}]
`;
  const pod = (name: string, ...ports: readonly number[]): string => `apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: shop, labels: {app.kubernetes.io/name: ${name}}}
spec:
  containers: [{name: main, image: x:1.0.0, ports: [${ports.map((port) => `{containerPort: ${port}}`).join(', ')}]}]
`;
  const deny = `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny, namespace: shop}
spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
`;
  const state = (port: number, served: readonly number[]): Tree => ({
    ...flows(port),
    ...overlay('web', pod('web') + policies('web', 'to', port)),
    ...overlay('db', pod('db', ...served) + policies('db', 'from', ...served) + deny),
  });

  test('the server moves to another port: a client at its old commit is cut off', () => {
    const { told } = gate(
      repository(state(5433, [5433]), state(5432, [5432])),
      /network\/blocked-flow/,
      true,
    );
    expect(told).toHaveLength(1);
    expect(told[0]).toContain('error network/blocked-flow');
  });

  test('a server that serves both ports suits the client of either commit', () => {
    const both = {
      ...state(5433, [5432, 5433]),
      ...flows(5432, 5433),
      ...overlay('web', pod('web') + policies('web', 'to', 5432, 5433)),
    };
    const { told } = gate(repository(both, state(5432, [5432])), /network\/blocked-flow/, true);
    expect(told).toEqual([]);
  });
});
