import { describe } from '../../finding.ts';
import { isUnknown } from '../reference/known-cluster.ts';
import type { Report, Rule } from '../rule.ts';
import { backendOf, isPodOf, podPortsBehind } from './addresses.ts';
import type { ConfigurationSubject } from './subject.ts';
import {
  portOf,
  serversIn,
  type ZooKeeper,
  type ZooKeeperClient,
  zooKeeperClients,
  zooKeepers,
} from './zookeeper.ts';

export const zookeeperClient: Rule<ConfigurationSubject> = {
  id: 'configuration/zookeeper-client',
  severity: 'error',
  title: 'NiFi and Flink call ZooKeeper servers that exist, at the port that speaks as they do',
  why: 'Without ZooKeeper no NiFi node joins its cluster and no JobManager becomes the leader; a client without TLS at a TLS port is cut off without a reason.',
  fix: 'Write `<pod>.<headless Service>.<namespace>.svc.cluster.local:<port>` for each server.',
  docs: 'https://zookeeper.apache.org/doc/r3.8.4/zookeeperAdmin.html#sc_configuration',
  scope: 'infometis',
  // A name that does not resolve is told by the reference stage too.
  consequence: true,
  *check({ index }) {
    const all = zooKeepers(index);
    for (const client of zooKeeperClients(index)) yield* checkClient(index, client, all);
  },
};

function* checkClient(
  index: ConfigurationSubject['index'],
  { workload, connect, tls }: ZooKeeperClient,
  all: readonly ZooKeeper[],
): Generator<Report> {
  const seen = new Set<string>();
  for (const { host, port } of serversIn(connect)) {
    const written = port === undefined ? host : `${host}:${port}`;
    const report = (message: string): Report => ({
      message: `${describe(workload.object)}: ${connect.reader} names \`${written}\`, ${message}`,
      at: connect.at,
      object: connect.object,
    });
    if (seen.has(written)) yield report('twice');
    seen.add(written);
    const backend = backendOf(index, host, workload.namespace);
    if (!backend) {
      // What a build that failed would have yielded is not known.
      if (index.environment.builds.some(isUnknown)) continue;
      // What ends like the cluster's own names is meant to be one.
      if (/\.svc(\.cluster\.local)?$/.test(host) || all.length > 0)
        yield report('and no Service of the environment has that name: it does not resolve');
      continue;
    }
    // A Service without pods is told elsewhere.
    if (backend.workloads.length === 0) continue;
    const server = all.find((each) => backend.workloads.includes(each.workload));
    if (!server) yield report(`and ${describe(backend.service)} does not lead to a ZooKeeper`);
    else if (!isPodOf(backend)) yield report(`and there is no pod \`${backend.pod}\`: it does not resolve`);
    else {
      const plain = portOf(server, 'clientPort') ?? 2181;
      const secure = portOf(server, 'secureClientPort');
      const ports = podPortsBehind(backend, port ?? 2181);
      const wanted = tls ? secure : plain;
      const local = server.settings.get('clientPortAddress')?.value;
      if (wanted === undefined) yield report('with TLS, and ZooKeeper has no `secureClientPort`');
      else if (!ports.includes(wanted))
        yield report(
          `and speaks ${tls ? 'TLS, for which ZooKeeper listens on' : 'without TLS, for which ZooKeeper listens on'} ${wanted}`,
        );
      else if (!tls && local !== undefined && /^(127\.|localhost$|::1$)/.test(local))
        yield report(`where ZooKeeper listens on ${local} alone: nothing answers`);
    }
  }
}
