/** The topics, users and rights that the Job kafka-access declares in Kafka: `*.access` files. base/kafka-access has their format. */

import type { RenderedObject } from '../../render/object.ts';
import type { Origin } from '../../yaml/node.ts';
import type { Workload } from '../reference/index-objects.ts';
import { configFilesOf, placeIn } from './config-files.ts';
import { oncePerEnvironment } from './subject.ts';

interface Line {
  readonly at: Origin;
  readonly object: RenderedObject;
}

export interface DeclaredTopic extends Line {
  readonly name: string;
  readonly settings: ReadonlyMap<string, string>;
}

export interface DeclaredUser extends Line {
  readonly name: string;
}

export interface DeclaredRight extends Line {
  readonly user: string;
  readonly kind: string;
  readonly resource: string;
  readonly operations: readonly string[];
}

export interface AccessProblem extends Line {
  readonly message: string;
}

export interface KafkaAccess {
  /** The Jobs that read the files. */
  readonly readers: readonly Workload[];
  readonly topics: readonly DeclaredTopic[];
  readonly users: readonly DeclaredUser[];
  readonly retired: readonly DeclaredUser[];
  readonly rights: readonly DeclaredRight[];
  /** Lines that the Job refuses, so that it changes nothing. */
  readonly problems: readonly AccessProblem[];
}

type Draft = { -readonly [Key in keyof KafkaAccess]: KafkaAccess[Key][number][] };

export const kafkaAccess = oncePerEnvironment((index): KafkaAccess => {
  const access: Draft = { readers: [], topics: [], users: [], retired: [], rights: [], problems: [] };
  const read = new Set<string>();
  for (const workload of index.workloads) {
    const files = configFilesOf(index, workload).filter(({ path }) => path.endsWith('.access'));
    if (files.length > 0) access.readers.push(workload);
    for (const file of files) {
      const identity = `${file.object.name}/${file.key}`;
      if (read.has(identity)) continue;
      read.add(identity);
      let offset = 0;
      for (const text of file.text.split('\n')) {
        if (!/^\s*(#|$)/.test(text))
          readLine(access, text.trim(), { at: placeIn(file, offset), object: file.object });
        offset += text.length + 1;
      }
    }
  }
  return access;
});

const kinds = ['topic', 'group', 'transactional-id', 'cluster'];
const operations = [
  'Read',
  'Write',
  'Create',
  'Delete',
  'Alter',
  'Describe',
  'ClusterAction',
  'DescribeConfigs',
  'AlterConfigs',
  'IdempotentWrite',
];

function readLine(access: Draft, text: string, line: Line): void {
  const [word = '', name, ...rest] = text.split(/\s+/);
  const fail = (message: string): unknown => access.problems.push({ ...line, message });
  if (name === undefined) fail(`\`${text}\` is incomplete`);
  else if (word === 'topic') readTopic(access, name, rest, line, fail);
  else if (word === 'user' || word === 'retired') {
    if (rest.length > 0) fail(`a user has a name and nothing else, and here follows \`${rest.join(' ')}\``);
    (word === 'user' ? access.users : access.retired).push({ ...line, name });
  } else if (word === 'allow') {
    const [kind = '', resource = '', list = '', ...more] = rest;
    const listed = list.split(',').filter((operation) => operation !== '');
    if (listed.length === 0 || more.length > 0)
      fail('`allow` takes a user, a kind, a resource and operations');
    else if (!kinds.includes(kind)) fail(`\`${kind}\` is no kind of resource: ${kinds.join(', ')} are`);
    else if (kind === 'cluster' && resource !== 'kafka-cluster')
      fail(`the cluster is always called \`kafka-cluster\`, not \`${resource}\``);
    for (const operation of listed)
      if (!operations.includes(operation))
        fail(`\`${operation}\` is no operation: ${operations.join(', ')} are`);
    access.rights.push({ ...line, user: name, kind, resource, operations: listed });
  } else fail(`a line begins with topic, user, allow or retired, not with \`${word}\``);
}

function readTopic(
  access: Draft,
  name: string,
  rest: readonly string[],
  line: Line,
  fail: (message: string) => unknown,
): void {
  if (access.topics.some((topic) => topic.name === name)) fail(`topic \`${name}\` is declared twice`);
  const settings = new Map<string, string>();
  for (const setting of rest) {
    const match = /^([a-z.]+)=(.+)$/.exec(setting);
    if (match) settings.set(match[1]!, match[2]!);
    else fail(`\`${setting}\` is not of the form SETTING=VALUE`);
  }
  access.topics.push({ ...line, name, settings });
}
