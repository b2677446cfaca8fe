import { describe } from '../../finding.ts';
import { volumesOf } from '../../kubernetes/pod-template.ts';
import { didYouMean } from '../../text/nearest.ts';
import { itemsAt, textAt } from '../../yaml/node.ts';
import type { Report, Rule } from '../rule.ts';
import { topicSettings } from './data/kafka-properties.ts';
import { type KafkaAccess, kafkaAccess } from './kafka-access.ts';
import { superUsers } from './kafka-authorization.ts';
import { brokerCount, kafkaNodes } from './kafka-nodes.ts';
import type { ConfigurationSubject } from './subject.ts';

export const kafkaAccessFile: Rule<ConfigurationSubject> = {
  id: 'configuration/kafka-access-file',
  severity: 'error',
  title: 'The topics, users and rights that are declared for Kafka can be applied as they stand',
  why: 'The Job kafka-access changes nothing as long as one line is wrong: a new client waits for its login, a new topic for its partitions. A user without a right can log in and do nothing.',
  fix: 'Correct the line; base/kafka-access/config/platform.access describes the format.',
  scope: 'infometis',
  *check({ index }) {
    const access = kafkaAccess(index);
    for (const { message, at, object } of access.problems)
      yield { message: `${message}: the Job changes nothing`, at, object };
    yield* checkTopics(access, brokerCount(index));
    const brokers = kafkaNodes(index);
    const superusers = new Set(brokers.flatMap((nodes) => [...superUsers(nodes)]));
    // Whom brokers that cannot be built let do everything is unknown.
    yield* checkUsers(access, brokers.length === 0 ? undefined : superusers);
    yield* checkPasswords(access);
  },
};

function* checkTopics({ topics }: KafkaAccess, brokers: number): Generator<Report> {
  for (const { name, settings, at, object } of topics)
    for (const [key, value] of settings) {
      const report = (message: string): Report => ({ message: `topic \`${name}\`: ${message}`, at, object });
      if (key === 'partitions' || key === 'replicas') {
        if (!/^[1-9]\d*$/.test(value)) yield report(`\`${key}=${value}\` is no number of ${key}`);
        else if (key === 'replicas' && brokers > 0 && Number(value) > brokers)
          yield report(`${value} replicas, and there are ${brokers} brokers: it cannot be made`);
        else if (key === 'replicas' && Number(value) === 1 && brokers > 1)
          yield report('one replica: what is in it is lost with its broker');
      } else if (!topicSettings.has(key))
        yield report(`\`${key}\` is no setting of a topic: the Job fails${didYouMean(key, topicSettings)}`);
      else if (
        key === 'min.insync.replicas' &&
        settings.has('replicas') &&
        Number(value) >= Number(settings.get('replicas'))
      )
        yield report(
          `\`min.insync.replicas=${value}\` of ${settings.get('replicas')} replicas: while one broker is away, nobody can write to it`,
        );
    }
}

function* checkUsers(access: KafkaAccess, mayEverything: ReadonlySet<string> | undefined): Generator<Report> {
  const names = new Set(access.users.map(({ name }) => name));
  const told = new Set<string>();
  for (const { user, at, object } of access.rights)
    if (!names.has(user) && !told.has(user)) {
      told.add(user);
      yield {
        message: `\`${user}\` is allowed something and is not declared as a user: the Job changes nothing${didYouMean(user, names)}`,
        at,
        object,
      };
    }
  for (const { name, at, object } of access.retired)
    if (names.has(name))
      yield { message: `\`${name}\` is both a user and retired: the Job changes nothing`, at, object };
  for (const { name, at, object } of access.users)
    if (mayEverything && !mayEverything.has(name) && !access.rights.some(({ user }) => user === name))
      yield {
        message: `user \`${name}\` has no right at all: it can log in, and every request of it is refused`,
        fix: 'Add `allow` lines with what it needs, or remove the user.',
        at,
        object,
      };
}

/** Every user's password is mounted at `<user>/password`, from the Secret that its clients read. */
function* checkPasswords({ readers, users }: KafkaAccess): Generator<Report> {
  for (const { object, template } of readers) {
    const mounted = new Map<string, string>();
    for (const { node } of volumesOf(template))
      for (const source of [node, ...itemsAt(node, ['projected', 'sources'])])
        for (const item of itemsAt(source, ['secret', 'items']))
          mounted.set(textAt(item, ['path']) ?? '', textAt(source, ['secret', 'name']) ?? '');
    for (const user of users) {
      const secret = mounted.get(`${user.name}/password`);
      const wanted = `kafka-user-${user.name}`;
      if (secret !== wanted)
        yield {
          message: `user \`${user.name}\`: ${describe(object)} mounts ${secret === undefined ? 'no password for it' : `Secret ${secret} as its password`}, and its clients read Secret ${wanted}`,
          fix: `Mount the key \`password\` of Secret ${wanted} at \`${user.name}/password\` in the volume \`users\`, and declare the Secret in secrets.yaml.`,
          at: user.at,
          object: user.object,
        };
    }
  }
}
