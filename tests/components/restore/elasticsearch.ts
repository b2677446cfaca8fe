import { chownSync, copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { findProgram } from '../../../scripts/cluster/process.ts';
import { freePort } from '../../cluster/harness/ports.ts';
import { logTail, type RunningProcess, startProcess } from '../../cluster/harness/processes.ts';
import { done, notYet, waitFor } from '../../cluster/harness/wait.ts';

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export interface Elasticsearch {
  request(method: string, path: string, body?: unknown): Promise<Answer>;
  bulk(index: string, documents: readonly { readonly id: string; readonly source: unknown }[]): Promise<void>;
  kill(): Promise<void>;
  stop(): Promise<void>;
}

const descriptor = (version: string): string => `description=HTTP and transport
version=${version}
name=transport-netty4
classname=org.elasticsearch.transport.Netty4Plugin
java.version=1.8
elasticsearch.version=${version}
`;

// What the distribution grants to these jars.
const policy = ['netty-common', 'netty-transport']
  .map(
    (jar) => `grant codeBase "\${codebase.${jar}}" {
  permission java.net.SocketPermission "*", "accept,connect";
  permission java.io.FilePermission "/proc/sys/net/core/somaxconn", "read";
  permission java.util.PropertyPermission "sun.nio.ch.bugLevel", "write";
  permission java.lang.RuntimePermission "setContextClassLoader";
};
`,
  )
  .join('');

const logging = `status=error
appender.out.type=Console
appender.out.name=out
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d{ISO8601} %p %c{1}: %m%n
rootLogger.level=info
rootLogger.appenderRef.out.ref=out
`;

// Elasticsearch does not run as root: nobody, then.
const nobody = 65534;
const asRoot = process.getuid?.() === 0;

/** The distribution, as far as it can be put together from Maven. */
export function layOut(jars: readonly string[], home: string): void {
  const module = join(home, 'modules', 'transport-netty4');
  mkdirSync(join(home, 'lib'), { recursive: true });
  mkdirSync(module, { recursive: true });
  // Elasticsearch would make these itself, but may not write here.
  for (const part of ['bin', 'plugins']) mkdirSync(join(home, part));
  for (const jar of jars) {
    const name = basename(jar);
    copyFileSync(jar, join(/^(netty-|transport-netty4-)/.test(name) ? module : join(home, 'lib'), name));
  }
  const version = /^elasticsearch-(\d+\.\d+\.\d+)\.jar$/;
  const core = readdirSync(join(home, 'lib')).find((name) => version.test(name)) ?? '';
  writeFileSync(
    join(module, 'plugin-descriptor.properties'),
    descriptor(version.exec(core)?.[1] ?? 'unknown'),
  );
  writeFileSync(join(module, 'plugin-security.policy'), policy);
}

/** One node with an empty disk, which may use the directory `repository` for snapshots. */
export async function startNode(
  home: string,
  name: string,
  directory: string,
  repository: string,
): Promise<Elasticsearch> {
  const port = await freePort();
  const at = (part: string): string => join(directory, name, part);
  for (const part of ['config', 'data', 'logs', 'tmp']) mkdirSync(at(part), { recursive: true });
  mkdirSync(repository, { recursive: true });
  writeFileSync(at('config/log4j2.properties'), logging);
  writeFileSync(
    at('config/elasticsearch.yml'),
    `cluster.name: ${name}
node.name: ${name}
discovery.type: single-node
network.host: 127.0.0.1
http.port: ${port}
transport.port: ${await freePort()}
path.data: ${at('data')}
path.logs: ${at('logs')}
path.repo: ${repository}
# How full this machine's disk is, is not what is tried here.
cluster.routing.allocation.disk.threshold_enabled: false
`,
  );
  if (asRoot)
    for (const path of [
      at('config'),
      at('config/elasticsearch.yml'),
      at('data'),
      at('logs'),
      at('tmp'),
      repository,
    ])
      chownSync(path, nobody, nobody);
  const node: RunningProcess = await startProcess({
    name,
    command: [
      ...(asRoot
        ? [
            findProgram('setpriv') ?? 'setpriv',
            `--reuid=${nobody}`,
            `--regid=${nobody}`,
            '--clear-groups',
            '--pdeathsig=KILL',
            '--',
          ]
        : []),
      findProgram('java')!,
      '-Xms256m',
      '-Xmx256m',
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1',
      '-Djava.security.manager=allow',
      `-Djava.io.tmpdir=${at('tmp')}`,
      `-Des.path.home=${home}`,
      `-Des.path.conf=${at('config')}`,
      '-Des.distribution.flavor=oss',
      '-Des.distribution.type=tar',
      '-cp',
      join(home, 'lib', '*'),
      'org.elasticsearch.bootstrap.Elasticsearch',
    ],
    environment: { LIBFFI_TMPDIR: at('tmp') },
    directory: at('tmp'),
    logFile: join(directory, `${name}.log`),
  });
  const call = async (method: string, path: string, body?: string): Promise<Answer> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      ...(body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } }),
    });
    return { status: response.status, body: await response.json() };
  };
  await waitFor(
    `Elasticsearch ${name}`,
    async () => {
      const status = await call('GET', '/_cluster/health').then(
        (answer) => answer.status,
        () => 0,
      );
      return status === 200 ? done(status) : notYet(`/_cluster/health answers ${status}`);
    },
    { giveUp: () => (node.exit() === undefined ? undefined : `it has ended:\n${logTail(node.logFile)}`) },
  );
  return {
    request: (method, path, body) =>
      call(method, path, body === undefined ? undefined : JSON.stringify(body)),
    async bulk(index, documents) {
      const lines = documents.flatMap(({ id, source }) => [
        JSON.stringify({ index: { _id: id } }),
        JSON.stringify(source),
      ]);
      const answer = await call('POST', `/${index}/_bulk?refresh=true`, `${lines.join('\n')}\n`);
      if (answer.status !== 200 || (answer.body as { errors?: boolean }).errors !== false)
        throw new Error(`the documents were not taken: ${JSON.stringify(answer.body).slice(0, 500)}`);
    },
    kill: () => node.kill(),
    stop: () => node.stop(),
  };
}
