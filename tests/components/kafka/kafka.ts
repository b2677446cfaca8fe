import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { intoImage } from '../harness/network.ts';
import type { Pod } from '../harness/pods.ts';

const tools = {
  'kafka-acls': 'kafka.admin.AclCommand',
  'kafka-configs': 'kafka.admin.ConfigCommand',
  'kafka-console-consumer': 'kafka.tools.ConsoleConsumer',
  'kafka-console-producer': 'kafka.tools.ConsoleProducer',
  'kafka-producer-perf-test': 'org.apache.kafka.tools.ProducerPerformance',
  'kafka-storage': 'kafka.tools.StorageTool',
  'kafka-topics': 'kafka.admin.TopicCommand',
  'kafka-verifiable-producer': 'org.apache.kafka.tools.VerifiableProducer',
} as const;

export type Tool = keyof typeof tools;

/** What the test changes of the brokers, beside what all pods of these tests have: see ../README.md. */
export const environment: Readonly<Record<string, string>> = { KAFKA_HEAP_OPTS: '-Xms128m -Xmx256m' };

const archive = '/tmp/tools.jsa';
/** Its fifty tools start in two thirds of the time with the classes of the first one; `shareClasses` writes them. */
export const toolEnvironment: Readonly<Record<string, string>> = {
  KAFKA_OPTS: `-XX:SharedArchiveFile=${archive} -Xshare:auto -Xlog:cds=off -Xlog:cds+dynamic=off`,
};

/**
 * Files in place of the image's: its scripts as the folder `image` has them, the tools of Apache Kafka under their names, the
 * agent where the image has it.
 */
export function layOutImage(directory: string, agent: string): string {
  cpSync(join(import.meta.dirname, 'image'), directory, { recursive: true });
  for (const [name, main] of Object.entries(tools)) {
    const file = join(directory, 'opt/image/bin', name);
    writeFileSync(file, `#!/bin/bash\nexec kafka-run-class ${main} "$@"\n`);
    chmodSync(file, 0o755);
  }
  mkdirSync(join(directory, 'opt/jars'));
  intoImage(directory, `usr/share/java/cp-base-new/${agent.slice(agent.lastIndexOf('/') + 1)}`, agent);
  return directory;
}

// It takes the brokers' address from the settings alone.
const askedInSettings: ReadonlySet<Tool> = new Set(['kafka-producer-perf-test']);

export interface Outcome {
  readonly code: number;
  /** Standard output and error. */
  readonly output: string;
}

export const bootstrap = 'kafka-service:9092';

/** A way to reach the brokers: the settings of a client, in a file of the pod. */
export type Login = string;

const common = [
  `bootstrap.servers=${bootstrap}`,
  // A refusal that looks like silence must not take its default of a minute.
  'request.timeout.ms=5000',
  'default.api.timeout.ms=10000',
];

/** Kafka's tools in a pod that is no broker. */
export function kafkaClient(pod: Pod) {
  const directory = pod.volume('tmp');
  const settingsFile = (name: string, lines: readonly string[]): Login => {
    writeFileSync(
      join(directory, `${name}.properties`),
      [...common, ...lines].map((line) => `${line}\n`).join(''),
    );
    return `/tmp/${name}.properties`;
  };
  const tls = ['ssl.truststore.type=PEM', 'ssl.truststore.location=/etc/tls/ca.crt'];

  async function run(tool: Tool, parameters: readonly string[], input?: string): Promise<Outcome> {
    const { code, stdout, stderr } = await pod.exec(
      [tool, ...(askedInSettings.has(tool) ? [] : ['--bootstrap-server', bootstrap]), ...parameters],
      input === undefined ? {} : { input },
    );
    return { code, output: stdout + stderr };
  }
  return {
    run,
    /** @throws with what the tool says where it fails */
    async must(tool: Tool, ...parameters: string[]): Promise<string> {
      const { code, output } = await run(tool, parameters);
      if (code !== 0) throw new Error(`${tool} ${parameters.join(' ')} ended with ${code}: ${output}`);
      return output;
    },
    login: (user: string, password: string, ...more: string[]): Login =>
      settingsFile(user, [
        'security.protocol=SASL_SSL',
        'sasl.mechanism=SCRAM-SHA-512',
        `sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username="${user}" password="${password}";`,
        ...tls,
        ...more,
      ]),
    /** Writes what `toolEnvironment` speaks of. */
    async shareClasses(settings: Login): Promise<void> {
      const { code, stderr } = await pod.exec(
        ['kafka-topics', '--bootstrap-server', bootstrap, '--command-config', settings, '--describe'],
        {
          environment: {
            KAFKA_OPTS: `-XX:ArchiveClassesAtExit=${archive} -Xlog:cds=off -Xlog:cds+dynamic=off`,
          },
        },
      );
      if (code !== 0) throw new Error(`kafka-topics ended with ${code}: ${stderr}`);
    },
    /** TLS, and nobody: brokers hang up, and the client tries again until its time is over. */
    anonymous: (): Login =>
      settingsFile('anonymous', [
        'security.protocol=SSL',
        ...tls,
        'request.timeout.ms=2000',
        'default.api.timeout.ms=3000',
      ]),
    produce: (login: Login, topic: string, lines: readonly string[]): Promise<Outcome> =>
      run(
        'kafka-console-producer',
        [
          '--producer.config',
          login,
          '--topic',
          topic,
          '--producer-property',
          'acks=all',
          '--producer-property',
          'max.block.ms=20000',
        ],
        lines.map((line) => `${line}\n`).join(''),
      ),
    /** Everything from the beginning, until so many have come. */
    consume: (login: Login, topic: string, group: string, count: number): Promise<Outcome> =>
      run('kafka-console-consumer', [
        '--consumer.config',
        login,
        '--topic',
        topic,
        '--group',
        group,
        '--from-beginning',
        '--max-messages',
        String(count),
        '--timeout-ms',
        '20000',
      ]),
  };
}
