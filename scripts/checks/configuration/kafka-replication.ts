import { describe } from '../../finding.ts';
import type { Workload } from '../reference/index-objects.ts';
import type { Report, Rule } from '../rule.ts';
import { mainContainers } from './config-files.ts';
import { blame, brokerCount, isBroker, type KafkaNodes, kafkaNodes, numberOf } from './kafka-nodes.ts';
import { misspelt } from './kafka-property.ts';
import type { ConfigurationSubject } from './subject.ts';
import { type Variables, variablesOf } from './variables.ts';

interface Kind {
  readonly what: string;
  readonly factor: string;
  readonly inSync: string;
  /** Kafka's own defaults. */
  readonly defaults: readonly [factor: number, inSync: number];
}

const kinds: readonly Kind[] = [
  {
    what: 'new topics',
    factor: 'default.replication.factor',
    inSync: 'min.insync.replicas',
    defaults: [1, 1],
  },
  {
    what: "the topic of groups' offsets",
    factor: 'offsets.topic.replication.factor',
    inSync: 'min.insync.replicas',
    defaults: [3, 1],
  },
  {
    what: 'the topic of transactions',
    factor: 'transaction.state.log.replication.factor',
    inSync: 'transaction.state.log.min.isr',
    defaults: [3, 2],
  },
];

export const kafkaReplication: Rule<ConfigurationSubject> = {
  id: 'configuration/kafka-replication',
  severity: 'error',
  title: 'Topics have as many copies as brokers can hold, and survive the loss of one',
  why: 'More copies than brokers: the topic is never made, and consumers or transactions hang. As many copies that must be in sync as there are: no broker may be away. Fewer than two of three: an acknowledged record can be lost with one broker.',
  fix: 'Three brokers: 3 copies, of which 2 must be in sync. One broker: 1 and 1.',
  docs: 'https://kafka.apache.org/36/documentation.html#brokerconfigs_min.insync.replicas',
  scope: 'infometis',
  *check({ index }) {
    const brokers = brokerCount(index);
    for (const nodes of kafkaNodes(index).filter(isBroker)) {
      // Told by configuration/kafka-property: the value that is in force instead is only what follows.
      const untold = misspelt(nodes);
      for (const kind of kinds)
        if (!untold.has(kind.factor) && !untold.has(kind.inSync)) yield* checkKind(nodes, kind, brokers);
    }
    if (brokers > 0)
      for (const workload of index.workloads)
        for (const container of mainContainers(workload))
          yield* checkClient(workload, variablesOf(index, workload, container), brokers);
  },
};

function* checkKind(nodes: KafkaNodes, kind: Kind, brokers: number): Generator<Report> {
  const factor = numberOf(nodes, kind.factor) ?? kind.defaults[0];
  const inSync = numberOf(nodes, kind.inSync) ?? kind.defaults[1];
  const report = (message: string, ...blamed: string[]): Report => ({
    message: `${describe(nodes.workload.object)}: ${message}`,
    ...blame(nodes, ...blamed, 'process.roles'),
  });
  const counted = `${brokers} broker${brokers === 1 ? '' : 's'}`;
  const unset = nodes.set.has(kind.factor) ? '' : ' (the default)';
  if (factor > brokers)
    yield report(
      `\`${kind.factor}\` is ${factor}${unset}, and there are ${counted}: ${kind.what} cannot be made`,
      kind.factor,
    );
  else if (brokers > 1 && factor < Math.min(brokers, 3))
    yield report(
      `\`${kind.factor}\` is ${factor}${unset} with ${counted}: ${factor === 1 ? `what a broker holds of ${kind.what} is lost with it` : `${kind.what} cannot both survive the loss of a broker and be written meanwhile`}`,
      kind.factor,
    );
  else if (inSync >= factor && factor > 1)
    yield report(
      `\`${kind.inSync}\` is ${inSync}, as many as \`${kind.factor}\` (${factor}): while one broker is away, nobody can write to ${kind.what}`,
      kind.inSync,
    );
  else if (inSync > factor)
    yield report(
      `\`${kind.inSync}\` is ${inSync}, more than \`${kind.factor}\` (${factor}): nobody can ever write to ${kind.what}`,
      kind.inSync,
    );
  else if (factor >= 3 && inSync < 2)
    yield report(
      `\`${kind.inSync}\` is ${inSync}${nodes.set.has(kind.inSync) ? '' : ' (the default)'}: a record of ${kind.what} counts as written when one broker has it, and is lost with that one`,
      kind.inSync,
      kind.factor,
    );
}

/** With these the clients of the platform make topics of their own. */
const ownTopics: ReadonlyMap<string, string> = new Map([
  ['KSQL_KSQL_INTERNAL_TOPIC_REPLICAS', "the list of ksqlDB's queries"],
  ['KSQL_KSQL_STREAMS_REPLICATION_FACTOR', "the state of ksqlDB's queries"],
  ['SCHEMA_REGISTRY_KAFKASTORE_TOPIC_REPLICATION_FACTOR', 'the topic of schemas'],
]);

function* checkClient({ object }: Workload, variables: Variables, brokers: number): Generator<Report> {
  for (const [name, what] of ownTopics) {
    const variable = variables.get(name);
    if (variable?.value === undefined || !/^\d+$/.test(variable.value)) continue;
    const factor = Number(variable.value);
    const counted = `${brokers} broker${brokers === 1 ? '' : 's'}`;
    const consequence =
      factor > brokers
        ? `and there are ${counted}: ${what} cannot be made`
        : factor < Math.min(brokers, 2)
          ? `with ${counted}: ${what} is lost with one of them`
          : undefined;
    if (consequence !== undefined)
      yield {
        message: `${describe(object)}: \`${name}\` is ${factor}, ${consequence}`,
        at: variable.at,
        object,
      };
  }
}
