import { describe } from '../../finding.ts';
import { didYouMean } from '../../text/nearest.ts';
import type { Report, Rule } from '../rule.ts';
import { backendOf, isPodOf, leadsElsewhere } from './addresses.ts';
import { blame, type ElasticsearchNodes, elasticsearchNodes } from './elasticsearch.ts';
import { hostPort, listOf } from './setting.ts';
import type { ConfigurationSubject } from './subject.ts';
import { fieldOf, forPod } from './variables.ts';

export const elasticsearchDiscovery: Rule<ConfigurationSubject> = {
  id: 'configuration/elasticsearch-discovery',
  severity: 'error',
  title:
    'The nodes of Elasticsearch find each other, and the masters of the first election are pods that exist',
  why: 'A misnamed master makes the first election wait for ever; nodes that do not look for each other form a cluster each, with different data behind one Service.',
  fix: 'Set discovery.seed_hosts to the headless Service and cluster.initial_master_nodes to the pods; discovery.type=single-node belongs to one replica alone.',
  docs: 'https://www.elastic.co/guide/en/elasticsearch/reference/7.17/modules-discovery-bootstrap-cluster.html',
  scope: 'infometis',
  // A name that does not resolve is told by the reference stage too.
  consequence: true,
  *check({ index }) {
    for (const nodes of elasticsearchNodes(index)) yield* checkNodes(index, nodes);
  },
};

function* checkNodes(index: ConfigurationSubject['index'], nodes: ElasticsearchNodes): Generator<Report> {
  const { workload, settings, pods } = nodes;
  const report = (message: string, ...keys: readonly string[]): Report => ({
    message: `${describe(workload.object)}: ${message}`,
    ...blame(nodes, ...keys),
  });
  const masters = settings.get('cluster.initial_master_nodes');
  const seeds = settings.get('discovery.seed_hosts');
  if (settings.get('discovery.type')?.value === 'single-node') {
    if (pods.length > 1)
      yield report(
        `\`discovery.type\` is single-node with ${pods.length} replicas: each is a cluster of its own`,
        'discovery.type',
      );
    if (masters)
      yield report(
        '`cluster.initial_master_nodes` together with `discovery.type=single-node`: Elasticsearch does not start',
        masters.key,
      );
    return;
  }
  if (pods.length === 2)
    yield report(
      'two masters: the loss of either stops the cluster. One or three are what works',
      'node.roles',
      'cluster.initial_master_nodes',
    );
  if (masters) {
    const names = nodeNames(nodes);
    for (const master of listOf(masters.value))
      if (!names.includes(master))
        yield report(
          `\`cluster.initial_master_nodes\` names \`${master}\`, and the nodes are ${names.join(', ')}: the first election waits for it${didYouMean(master, names)}`,
          masters.key,
        );
    if (pods.length > 1 && listOf(masters.value).length * 2 <= pods.length)
      yield report(
        `\`cluster.initial_master_nodes\` names ${listOf(masters.value).length} of ${pods.length} nodes: the others may form a cluster of their own`,
        masters.key,
      );
  } else if (pods.length > 1)
    yield report(
      '`cluster.initial_master_nodes` is missing: a new cluster never elects a master',
      'discovery.seed_hosts',
    );
  if (seeds) {
    for (const seed of listOf(seeds.value)) {
      const host = hostPort(seed)?.host ?? seed;
      const backend = backendOf(index, host, workload.namespace);
      if (!backend)
        yield report(
          `\`discovery.seed_hosts\` names \`${seed}\`, and no Service of the environment has that name: the nodes do not find each other${didYouMean(
            host,
            index.all('', 'Service', workload.namespace).map(({ name }) => name),
          )}`,
          seeds.key,
        );
      else if (leadsElsewhere(backend, workload))
        yield report(`\`discovery.seed_hosts\` names \`${seed}\`, which leads to other pods`, seeds.key);
      else if (!backend.headless)
        yield report(
          `\`discovery.seed_hosts\` names \`${seed}\`, which is not headless: it is one address for all nodes, and leads to ready ones alone`,
          seeds.key,
        );
      else if (!isPodOf(backend))
        yield report(
          `\`discovery.seed_hosts\` names pod \`${backend.pod}\`, which does not exist`,
          seeds.key,
        );
    }
  } else if (pods.length > 1)
    yield report(
      '`discovery.seed_hosts` is missing: the nodes do not look for each other',
      'cluster.initial_master_nodes',
    );
}

/** What the nodes call themselves: `node.name`, by default the host name, which is that of the pod. */
function nodeNames({ variables, settings, pods }: ElasticsearchNodes): readonly string[] {
  const variable = variables.get('node.name');
  const written = variable ? variable.value : settings.get('node.name')?.value;
  return pods.map((pod) =>
    written === undefined
      ? ((variable && fieldOf(variable, pod)) ?? pod.name)
      : forPod(written, variables, pod).replace(/^\$\{?HOSTNAME\}?$/, pod.name),
  );
}
