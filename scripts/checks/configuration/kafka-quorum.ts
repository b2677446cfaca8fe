import { describe } from '../../finding.ts';
import type { Report, Rule } from '../rule.ts';
import { backendOf, leadsElsewhere } from './addresses.ts';
import { blame, type KafkaNodes, kafkaNodes, valueFor } from './kafka-nodes.ts';
import { listOf } from './setting.ts';
import type { ConfigurationSubject } from './subject.ts';
import type { Pod } from './variables.ts';

export const kafkaQuorum: Rule<ConfigurationSubject> = {
  id: 'configuration/kafka-quorum',
  severity: 'error',
  title:
    'The voters of the controller quorum are the pods that are controllers, each by its own number and name',
  why: 'A controller that is missing among the voters, or under another number, never joins; voters that do not exist count toward the majority, so that Kafka stops earlier than it should or never starts.',
  fix: 'List each controller as `<node.id>@<pod>.<headless Service>.<namespace>.svc.cluster.local:<port of the controller listener>`, in the same change as the replicas.',
  docs: 'https://kafka.apache.org/36/documentation.html#kraft_voter',
  scope: 'infometis',
  // A name that does not resolve is told by the reference stage too.
  consequence: true,
  *check({ index }) {
    const all = kafkaNodes(index);
    const controllers = all.filter(({ roles }) => roles.includes('controller'));
    const members = new Map<string, { readonly nodes: KafkaNodes; readonly pod: Pod }>();
    for (const nodes of all)
      for (const pod of nodes.pods) {
        const id = valueFor(nodes, 'node.id', pod);
        if (id === undefined) continue;
        const other = members.get(id);
        if (other) {
          yield {
            message: `${describe(nodes.workload.object)}: ${pod.name} has node.id ${id}, which ${other.pod.name} has already: the second one is refused`,
            fix: "Take it from the pod's index: `fieldRef: metadata.labels['apps.kubernetes.io/pod-index']`.",
            ...blame(nodes, 'node.id'),
          };
          break;
        }
        members.set(id, { nodes, pod });
      }
    for (const nodes of all) yield* checkVoters(index, nodes, controllers, members);
  },
};

function* checkVoters(
  index: ConfigurationSubject['index'],
  nodes: KafkaNodes,
  controllers: readonly KafkaNodes[],
  members: ReadonlyMap<string, { readonly nodes: KafkaNodes; readonly pod: Pod }>,
): Generator<Report> {
  const setting = nodes.properties.get('controller.quorum.voters');
  const title = describe(nodes.workload.object);
  const report = (message: string): Report => ({
    message: `${title}: ${message}`,
    ...blame(nodes, 'controller.quorum.voters'),
  });
  if (!setting) {
    if (!nodes.set.has('controller.quorum.voters'))
      yield report('`controller.quorum.voters` is missing: Kafka does not start');
    return;
  }
  const count = controllers.reduce((sum, { pods }) => sum + pods.length, 0);
  const voters = listOf(setting.value);
  const seen = new Set<string>();
  for (const voter of voters) {
    const match = /^(\d+)@([^:]+):(\d+)$/.exec(voter);
    if (!match) {
      yield report(`voter \`${voter}\` is not of the form id@host:port: Kafka does not start`);
      continue;
    }
    const [, id = '', host = '', port = ''] = match;
    if (seen.has(id)) yield report(`two voters have the number ${id}`);
    seen.add(id);
    const member = members.get(id);
    if (!member || !controllers.includes(member.nodes)) {
      if (count > 0)
        yield report(`voter \`${voter}\` is no pod that is a controller: there is none with node.id ${id}`);
      continue;
    }
    yield* checkAddress(index, member, voter, host, Number(port), count, report);
  }
  if (voters.length > 0 && voters.length < count)
    yield report(
      `there are ${count} controllers and ${voters.length} voter${voters.length === 1 ? '' : 's'}: the others never join the quorum`,
    );
  if (voters.length > 1 && voters.length % 2 === 0)
    yield report(
      `${voters.length} voters: an even number tolerates no more losses than one voter fewer, and can split in halves`,
    );
}

function* checkAddress(
  index: ConfigurationSubject['index'],
  { nodes, pod }: { readonly nodes: KafkaNodes; readonly pod: Pod },
  voter: string,
  host: string,
  port: number,
  count: number,
  report: (message: string) => Report,
): Generator<Report> {
  const listener = nodes.listeners.find(({ controller }) => controller);
  if (listener?.port !== undefined && listener.port !== port)
    yield report(`voter \`${voter}\` is on port ${port}, and controllers listen on ${listener.port}`);
  if (host === 'localhost' || host === '127.0.0.1') {
    if (count > 1) yield report(`voter \`${voter}\` is each controller itself, and there are ${count}`);
    return;
  }
  const backend = backendOf(index, host, nodes.workload.namespace);
  if (!backend) yield report(`voter \`${voter}\` has a name that nothing in the cluster resolves`);
  else if (leadsElsewhere(backend, nodes.workload))
    yield report(
      `voter \`${voter}\` leads to the pods of ${describe(backend.service)}, which are no controllers`,
    );
  else if (count > 1 && backend.pod !== pod.name)
    yield report(
      `voter \`${voter}\` has the number of ${pod.name} and the name of ${backend.pod ?? describe(backend.service)}`,
    );
}
