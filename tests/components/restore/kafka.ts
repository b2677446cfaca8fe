import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { findProgram, runProcess } from '../../../scripts/cluster/process.ts';
import { freePort } from '../../cluster/harness/ports.ts';
import { logTail, type RunningProcess, startProcess } from '../../cluster/harness/processes.ts';
import { done, notYet, waitFor } from '../../cluster/harness/wait.ts';

const quickJvm = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];

const loggers = `log4j.rootLogger=WARN, out
log4j.appender.out=org.apache.log4j.ConsoleAppender
log4j.appender.out.target=System.err
log4j.appender.out.layout=org.apache.log4j.PatternLayout
log4j.appender.out.layout.ConversionPattern=%d %p %m (%c)%n
`;

export interface Broker {
  readonly bootstrap: string;
  /** As the loss of the machine: no goodbye. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

export interface Record {
  readonly key: string;
  readonly value: string;
}

/** Kafka's programs, on loopback, with everything they write below one directory. */
export function kafkaPrograms(jars: string, directory: string) {
  const logging = join(directory, 'log4j.properties');
  mkdirSync(directory, { recursive: true });
  writeFileSync(logging, loggers);
  const java = (heap: string, main: string, ...parameters: string[]): string[] => [
    findProgram('java')!,
    ...quickJvm,
    `-Xmx${heap}`,
    `-Dlog4j.configuration=file:${logging}`,
    '-cp',
    join(jars, '*'),
    main,
    ...parameters,
  ];

  /** A tool's standard output. */
  async function tool(main: string, parameters: readonly string[], input?: string): Promise<string> {
    const { code, stdout, stderr } = await runProcess(
      java('128m', main, ...parameters),
      input === undefined ? {} : { input },
    );
    if (code !== 0)
      throw new Error(`${main} ${parameters.join(' ')} ended with ${code}: ${stderr || stdout}`);
    return stdout;
  }

  /** A cluster of one broker, which is its own controller, with an empty disk. */
  async function startCluster(name: string): Promise<Broker> {
    const port = await freePort();
    const controller = await freePort();
    const home = join(directory, name);
    mkdirSync(home, { recursive: true });
    const settings = join(home, 'server.properties');
    writeFileSync(
      settings,
      `process.roles=broker,controller
node.id=0
controller.quorum.voters=0@127.0.0.1:${controller}
controller.listener.names=CONTROLLER
listeners=INTERNAL://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}
advertised.listeners=INTERNAL://127.0.0.1:${port}
inter.broker.listener.name=INTERNAL
listener.security.protocol.map=INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=${home}/data
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=3
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
log.retention.hours=168
`,
    );
    const id = (await tool('kafka.tools.StorageTool', ['random-uuid'])).trim();
    await tool('kafka.tools.StorageTool', ['format', '-t', id, '-c', settings]);
    const process = await startProcess({
      name,
      command: java('384m', 'kafka.Kafka', settings),
      environment: {},
      logFile: join(home, 'broker.log'),
    });
    await waitFor(
      `the broker of ${name}`,
      async () => ((await listens(port)) ? done(true) : notYet('nobody listens')),
      {
        giveUp: ended(process),
      },
    );
    return { bootstrap: `127.0.0.1:${port}`, kill: () => process.kill(), stop: () => process.stop() };
  }

  /** @param settings what MirrorMaker is to do; the addresses are in there */
  async function startMirror(name: string, settings: string, target: string): Promise<RunningProcess> {
    const file = join(directory, name, 'mirror.properties');
    mkdirSync(join(directory, name), { recursive: true });
    writeFileSync(file, settings);
    return startProcess({
      name,
      command: java('384m', 'org.apache.kafka.connect.mirror.MirrorMaker', file, '--clusters', target),
      environment: {},
      logFile: join(directory, name, 'mirror.log'),
    });
  }

  return {
    startCluster,
    startMirror,
    createTopic: (bootstrap: string, topic: string, ...settings: string[]) =>
      tool('kafka.admin.TopicCommand', [
        '--bootstrap-server',
        bootstrap,
        '--create',
        '--topic',
        topic,
        ...settings,
      ]),
    produce: (bootstrap: string, topic: string, records: readonly Record[]) =>
      tool(
        'kafka.tools.ConsoleProducer',
        [
          '--bootstrap-server',
          bootstrap,
          '--topic',
          topic,
          '--request-required-acks',
          'all',
          '--property',
          'parse.key=true',
        ],
        records.map(({ key, value }) => `${key}\t${value}\n`).join(''),
      ),
    /** Exactly so many records, in the order in which they come; with a group, its positions are committed. */
    async consume(bootstrap: string, topic: string, count: number, group?: string): Promise<Record[]> {
      const output = await tool('kafka.tools.ConsoleConsumer', [
        '--bootstrap-server',
        bootstrap,
        '--topic',
        topic,
        '--property',
        'print.key=true',
        '--max-messages',
        String(count),
        '--timeout-ms',
        '30000',
        '--from-beginning',
        ...(group === undefined ? [] : ['--group', group]),
      ]);
      return output
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => {
          const [key = '', value = ''] = line.split('\t');
          return { key, value };
        });
    },
    /** The end of each partition of all topics that are no program's own. */
    async ends(bootstrap: string): Promise<ReadonlyMap<string, number>> {
      const output = await tool('kafka.tools.GetOffsetShell', [
        '--bootstrap-server',
        bootstrap,
        '--exclude-internal-topics',
      ]).catch((error: unknown) => {
        // An empty cluster.
        if (String(error).includes('Could not match any')) return '';
        throw error;
      });
      return new Map(
        output
          .split('\n')
          .map((line) => line.split(':'))
          .filter(([topic = '']) => topic !== '' && !/^(mm2-|(.*\.)?heartbeats$|.*\.internal$)/.test(topic))
          .map(([topic, partition, end]) => [`${topic}-${partition}`, Number(end)]),
      );
    },
    /** The position of a group in each partition in which it has one. */
    async positions(bootstrap: string, group: string): Promise<ReadonlyMap<string, number>> {
      const output = await tool('kafka.admin.ConsumerGroupCommand', [
        '--bootstrap-server',
        bootstrap,
        '--describe',
        '--group',
        group,
      ]).catch(() => '');
      return new Map(
        output
          .split('\n')
          .map((line) => line.trim().split(/\s+/))
          .filter(([name, , , position]) => name === group && /^\d+$/.test(position ?? ''))
          .map(([, topic, partition, position]) => [`${topic}-${partition}`, Number(position)]),
      );
    },
  };
}

export const sum = (numbers: ReadonlyMap<string, number>): number =>
  [...numbers.values()].reduce((total, next) => total + next, 0);

const ended = (process: RunningProcess) => (): string | undefined =>
  process.exit() === undefined ? undefined : `it has ended:\n${logTail(process.logFile)}`;

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: 2_000 });
    const answer = (yes: boolean) => () => {
      socket.destroy();
      resolve(yes);
    };
    socket.once('connect', answer(true)).once('error', answer(false)).once('timeout', answer(false));
  });
