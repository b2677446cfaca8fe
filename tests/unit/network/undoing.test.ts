import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { networkFlowsStage, networkStage } from '../../../scripts/checks/network/index.ts';
import { runStage } from '../../../scripts/checks/stage.ts';
import type { Finding } from '../../../scripts/finding.ts';
import type { KustomizeResult } from '../../../scripts/flux/build.ts';
import { environmentRoots, findFluxObjects } from '../../../scripts/flux/discover.ts';
import { openBuilder, renderEnvironment } from '../../../scripts/flux/environment.ts';
import type { Repository } from '../../../scripts/render/environment.ts';
import { type RenderedObject, renderedObject } from '../../../scripts/render/object.ts';
import { openDirectory, walk } from '../../../scripts/repository/files.ts';
import { openSources } from '../../../scripts/repository/sources.ts';
import {
  at,
  clone,
  fromJson,
  itemsAt,
  type MapNode,
  type Node,
  type Path,
} from '../../../scripts/yaml/node.ts';
import { type Edit, edit, overlaySources, remove, replace } from '../../faults/overlay-files.ts';

/** What each line of the network's defence is worth: undone one at a time, the gate must say so. */

const base = openSources(openDirectory(join(import.meta.dirname, '../../..')));
const paths = [...walk(base.files, '.', (path) => /(?:^|\/)(?:\.git|node_modules)$/.test(path))].sort();
const known = new Map<string, KustomizeResult>();

/** The findings of the stage on this repository with some changes; what no edit touches is built once. */
function network(edits: readonly Edit[]): readonly Finding[] {
  return judge(render(edits));
}

const judge = (repository: Repository): readonly Finding[] => [
  ...runStage(networkStage, repository),
  ...runStage(networkFlowsStage, repository),
];

function render(edits: readonly Edit[]): Repository {
  const sources = overlaySources(base, edits);
  const builder = openBuilder(sources, findFluxObjects(sources, paths).sources, {});
  return {
    sources,
    paths,
    environments: environmentRoots(sources).map((root) =>
      renderEnvironment(
        {
          ...builder,
          build(path, kustomization, source) {
            const key = JSON.stringify([path, kustomization?.value, source?.origin]);
            const before = known.get(key);
            if (before && edits.every((change) => !before.reads.has(change.path))) return before;
            const result = builder.build(path, kustomization, source);
            if (edits.length === 0) known.set(key, result);
            return result;
          },
        },
        root,
      ),
    ),
  };
}

const lines = (findings: readonly Finding[]): readonly string[] =>
  findings.map(({ rule, file, line, message }) => `${rule} ${file}:${line}: ${message}`);

test('the repository as it is: every flow is open, and nothing else', () => {
  expect(lines(network([]))).toEqual([]);
});

const policy = (path: string): string => `components/network-policy/${path}`;
const kafka = policy('kafka/networkpolicy.yaml');
const flows = 'network/flows.yaml';
const environment = 'overlays/small-production/environment/environment.yaml';

/** Removes a line of a kustomization. */
const unlist = (file: string, line: string): Edit => replace(file, `  - ${line}\n`, '');
const first = (file: string, from: string, to: string): Edit => edit(file, (text) => text.replace(from, to));

const undoings: readonly {
  readonly name: string;
  readonly edits: readonly Edit[];
  readonly rule: string;
  readonly file: string;
  readonly says: readonly string[];
}[] = [
  {
    name: 'the default of the namespace is gone',
    edits: [
      remove(policy('namespace/networkpolicy-default-deny.yaml')),
      unlist(policy('namespace/kustomization.yaml'), 'networkpolicy-default-deny.yaml'),
    ],
    rule: 'network/default-deny',
    file: 'base/namespace/namespace.yaml',
    says: ['namespace infometis', 'ingress'],
  },
  {
    name: 'the default closes one direction alone',
    edits: [
      replace(policy('namespace/networkpolicy-default-deny.yaml'), '[Ingress, Egress]', '[Ingress]'),
      replace(policy('namespace/networkpolicy-dns.yaml'), 'policyTypes: [Egress]', 'policyTypes: [Ingress]'),
    ],
    rule: 'network/default-deny',
    file: 'base/namespace/namespace.yaml',
    says: ['egress'],
  },
  {
    name: 'DNS is dropped',
    edits: [
      remove(policy('namespace/networkpolicy-dns.yaml')),
      unlist(policy('namespace/kustomization.yaml'), 'networkpolicy-dns.yaml'),
    ],
    rule: 'network/blocked-flow',
    file: flows,
    says: ['kube-dns', '53/TCP, 53/UDP', 'egress is closed'],
  },
  {
    name: 'DNS over TCP is forgotten',
    edits: [
      edit(policy('namespace/networkpolicy-dns.yaml'), (text) => text.replace('        - port: 53\n', '')),
    ],
    rule: 'network/blocked-flow',
    file: policy('namespace/networkpolicy-dns.yaml'),
    says: ['53/TCP'],
  },
  {
    name: 'the policy of a component is not listed any more',
    edits: [
      unlist(
        'overlays/small-production/kafka/kustomization.yaml',
        '../../../components/network-policy/kafka',
      ),
    ],
    rule: 'network/blocked-flow',
    file: flows,
    says: ['StatefulSet infometis/kafka', 'ingress is closed by NetworkPolicy default-deny'],
  },
  {
    name: 'clients of Kafka are let in on another port',
    edits: [edit(kafka, (text) => text.replace('- port: 9092\n', '- port: 9091\n'))],
    rule: 'network/blocked-flow',
    file: kafka,
    says: ['none opens 9092/TCP'],
  },
  {
    name: 'a policy is opened to the whole namespace',
    edits: [
      first(
        kafka,
        '- podSelector:\n            matchLabels:\n              app.kubernetes.io/name: prometheus\n',
        '- podSelector: {}\n',
      ),
    ],
    rule: 'network/undeclared-path',
    file: kafka,
    says: ['may reach StatefulSet infometis/kafka on 7071/TCP'],
  },
  {
    name: 'a policy is opened to everyone',
    edits: [edit(kafka, (text) => text.replace(/ {4}- from:\n(?: {8}.*\n)+ {6}ports:/, '    - ports:'))],
    rule: 'network/undeclared-path',
    file: kafka,
    says: ['every address may reach StatefulSet infometis/kafka'],
  },
  {
    name: 'a rule loses its ports',
    edits: [edit(kafka, (text) => text.replace(/ {6}ports:\n {8}- port: 7071.*\n/, ''))],
    rule: 'network/undeclared-path',
    file: kafka,
    says: ['1-7070/TCP'],
  },
  {
    name: 'the egress of a component is opened to the world',
    edits: [
      first(
        policy('grafana/networkpolicy.yaml'),
        '  egress:\n',
        '  egress:\n    - to:\n        - ipBlock:\n            cidr: 0.0.0.0/0\n      ports:\n        - port: 443\n',
      ),
    ],
    rule: 'network/undeclared-path',
    file: policy('grafana/networkpolicy.yaml'),
    says: ['infometis/grafana may reach', '443/TCP'],
  },
  {
    name: 'the port of the Service instead of that of the pod',
    edits: [first(policy('traefik/networkpolicy.yaml'), '- port: 8443', '- port: 443')],
    rule: 'network/blocked-flow',
    file: policy('traefik/networkpolicy.yaml'),
    says: ['none opens 8443/TCP'],
  },
  {
    name: 'the port of the Service alone',
    edits: [
      edit(policy('traefik/networkpolicy.yaml'), (text) =>
        text.replace(/- port: 8000\n +- port: 8083\n +- port: 8443\n/, '- port: 443\n'),
      ),
    ],
    rule: 'network/policy-port',
    file: policy('traefik/networkpolicy.yaml'),
    says: ['443/TCP is the port of Service infometis/traefik', "the pod's own port 8443/TCP"],
  },
  {
    name: 'a label that no namespace carries',
    edits: [
      edit(policy('k8up/networkpolicy-operator.yaml'), (text) =>
        text.replace('kubernetes.io/metadata.name: infometis', 'name: infometis'),
      ),
    ],
    rule: 'network/unmatched-peer',
    file: policy('k8up/networkpolicy-operator.yaml'),
    says: ['no namespace has name=infometis'],
  },
  {
    name: 'the label of a component changes, its policy does not',
    edits: [
      edit(policy('zookeeper/networkpolicy.yaml'), (text) =>
        text.replace(
          '    matchLabels:\n      app.kubernetes.io/name: zookeeper',
          '    matchLabels:\n      app.kubernetes.io/name: zoo-keeper',
        ),
      ),
    ],
    rule: 'network/policy-selector',
    file: policy('zookeeper/networkpolicy.yaml'),
    says: ['app.kubernetes.io/name=zoo-keeper'],
  },
  {
    name: 'a flow is taken out, its policies stay',
    edits: [
      edit(flows, (text) =>
        text.replace(
          / {2}- from: \{ component: grafana \}\n {4}to: \{ component: prometheus \}\n.*\n.*\n/,
          '',
        ),
      ),
    ],
    rule: 'network/undeclared-path',
    file: policy('grafana/networkpolicy.yaml'),
    says: ['grafana', 'prometheus', '9090/TCP'],
  },
  {
    name: 'a flow is declared and not opened',
    edits: [
      edit(
        flows,
        (text) =>
          `${text}  - from: { component: grafana }\n    to: { component: kafka }\n    ports: [9092]\n    why: A panel shows the newest records.\n`,
      ),
    ],
    rule: 'network/blocked-flow',
    file: kafka,
    says: ['grafana → kafka on 9092/TCP', 'ingress is closed'],
  },
  {
    name: 'a flow without a reason',
    edits: [edit(flows, (text) => text.replace(/ {4}why: .*\n/, ''))],
    rule: 'network/flows-file',
    file: flows,
    says: ['has no `why`'],
  },
  {
    name: 'the environment is said to be open',
    edits: [edit(flows, (text) => text.replace(/ {4}closed:\n(?: {6}- .*\n)+/, '    closed: []\n'))],
    rule: 'network/environment',
    file: flows,
    says: ['closes namespace infometis', 'does not list it as closed'],
  },
  {
    name: 'the file of flows is gone',
    edits: [remove(flows)],
    rule: 'network/environment',
    file: policy('namespace/networkpolicy-default-deny.yaml'),
    says: ['there is no network/flows.yaml'],
  },
  {
    name: 'the nodes are elsewhere, and a policy has their old network',
    edits: [
      replace(environment, 'nodeNetwork: 192.0.2.0/24', 'nodeNetwork: 10.20.0.0/24'),
      edit(policy('traefik/kustomization.yaml'), (text) =>
        text.replace(
          / {2}- source:\n {6}kind: ConfigMap\n {6}name: environment\n {6}fieldPath: data.nodeNetwork\n(?: {4}.*\n)+/,
          '',
        ),
      ),
    ],
    rule: 'network/blocked-flow',
    file: policy('traefik/networkpolicy.yaml'),
    says: ['6443/TCP', '10.20.0.0/24'],
  },
  {
    name: 'a component that nobody has thought of',
    edits: [
      edit('base/kafka-exporter/kustomization.yaml', (text) =>
        text.replace('app.kubernetes.io/name: kafka-exporter', 'app.kubernetes.io/name: kafka-watcher'),
      ),
      edit('base/kafka-exporter/deployment.yaml', (text) =>
        text.replaceAll('app.kubernetes.io/name: kafka-exporter', 'app.kubernetes.io/name: kafka-watcher'),
      ),
    ],
    rule: 'network/flow-end',
    file: flows,
    says: ['kafka-exporter'],
  },
];

describe('undone one at a time', () => {
  // What is built once must be built before.
  network([]);
  for (const { name, edits, rule, file, says } of undoings)
    test(name, () => {
      const findings = network(edits);
      const found = findings.filter(
        (finding) =>
          finding.rule === rule &&
          finding.severity === 'error' &&
          finding.file === file &&
          says.every((words) => finding.message.includes(words)),
      );
      expect(found, lines(findings).join('\n')).not.toEqual([]);
    });
});

/** A policy with a part taken away or opened wide. */
function* variants(
  policy: RenderedObject,
): Generator<{ readonly name: string; readonly node: MapNode | null }> {
  yield { name: 'removed', node: null };
  for (const [side, peers] of [
    ['ingress', 'from'],
    ['egress', 'to'],
  ] as const)
    for (const [index, rule] of itemsAt(policy.node, ['spec', side]).entries()) {
      const where = `${side} ${index + 1}`;
      const change = (path: Path, act: (list: Node[]) => void): MapNode => {
        const node = clone(policy.node);
        const list = at(node, ['spec', side, ...path]);
        if (list?.type === 'list') act(list.items);
        return node;
      };
      yield { name: `${where} removed`, node: change([], (list) => list.splice(index, 1)) };
      for (const [place, peer] of itemsAt(rule, [peers]).entries()) {
        yield {
          name: `${where}: peer ${place + 1} replaced by everyone`,
          node: change([index, peers], (list) => {
            list[place] = fromJson({ ipBlock: { cidr: '0.0.0.0/0' } }, peer.origin);
          }),
        };
        if (itemsAt(rule, [peers]).length > 1)
          yield {
            name: `${where}: peer ${place + 1} removed`,
            node: change([index, peers], (list) => list.splice(place, 1)),
          };
      }
      for (const [place, port] of itemsAt(rule, ['ports']).entries()) {
        yield {
          name: `${where}: port ${place + 1} replaced by another`,
          node: change([index, 'ports'], (list) => {
            list[place] = fromJson({ port: 7 }, port.origin);
          }),
        };
        if (itemsAt(rule, ['ports']).length > 1)
          yield {
            name: `${where}: port ${place + 1} removed`,
            node: change([index, 'ports'], (list) => list.splice(place, 1)),
          };
      }
    }
}

/** What the flows and policies are about; to look through all configuration each time would take a minute. */
const withoutConfiguration = (repository: Repository): Repository => ({
  ...repository,
  environments: repository.environments.map((environment) => ({
    ...environment,
    objects: environment.objects.filter(({ kind }) => kind !== 'ConfigMap'),
  })),
});

test('no part of any policy can go, or be opened to everyone, unseen', () => {
  const repository = withoutConfiguration(render([]));
  let tried = 0;
  const unseen: string[] = [];
  for (const environment of repository.environments)
    for (const policy of environment.objects.filter(({ kind }) => kind === 'NetworkPolicy'))
      for (const { name, node } of variants(policy)) {
        const objects = environment.objects.flatMap((object) =>
          object !== policy ? [object] : node ? [renderedObject(node, policy)] : [],
        );
        const changed = { ...environment, objects };
        const after = {
          ...repository,
          environments: repository.environments.map((each) => (each === environment ? changed : each)),
        };
        tried += 1;
        // What configuration names is another proof, which here shall not be needed.
        const findings = runStage(networkStage, after, ({ scope }) => scope === 'infometis');
        if (![...findings].some(({ severity }) => severity === 'error'))
          unseen.push(`${policy.namespace}/${policy.name}: ${name}`);
      }
  expect(tried).toBeGreaterThan(300);
  // The rule for everyone who may come from anywhere is as wide as it can be already.
  expect(unseen).toEqual(['infometis/traefik: ingress 1: peer 1 replaced by everyone']);
}, 120_000);
