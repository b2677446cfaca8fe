import { describe } from '../../finding.ts';
import { portsOf } from '../../kubernetes/pod-template.ts';
import type { Report, Rule } from '../rule.ts';
import { backendOf, leadsElsewhere } from './addresses.ts';
import type { ConfigurationSubject } from './subject.ts';
import { podsOf } from './variables.ts';
import { type ZooKeeper, type ZooKeeperServer, zooKeepers } from './zookeeper.ts';

export const zookeeperServers: Rule<ConfigurationSubject> = {
  id: 'configuration/zookeeper-servers',
  severity: 'error',
  title:
    'The servers that ZooKeeper lists are its pods, each under its own number, and an odd number of them',
  why: 'A pod that is not listed refuses to start or joins as a stranger; a listed server that does not exist counts toward the majority that must be there.',
  fix: 'One line a pod, in the same change as the replicas: `server.<index + 1>=<pod>.<headless Service>.<namespace>.svc.cluster.local:2888:3888`.',
  docs: 'https://zookeeper.apache.org/doc/r3.8.4/zookeeperAdmin.html#sc_zkMulitServerSetup',
  scope: 'infometis',
  // A name that does not resolve is told by the reference stage too.
  consequence: true,
  *check({ index }) {
    for (const zooKeeper of zooKeepers(index)) yield* checkEnsemble(index, zooKeeper);
  },
};

function* checkEnsemble(index: ConfigurationSubject['index'], zooKeeper: ZooKeeper): Generator<Report> {
  const { workload, servers } = zooKeeper;
  const { object } = workload;
  const pods = podsOf(workload);
  const title = describe(object);
  const seen = new Map<number, ZooKeeperServer>();
  for (const server of servers) {
    const report = (message: string): Report => ({
      message: `${title}: \`${server.setting.key}\` ${message}`,
      at: server.setting.at,
      object: server.setting.object,
    });
    if (seen.has(server.id)) yield report('is there twice');
    seen.set(server.id, server);
    yield* checkServer(index, zooKeeper, server, report);
  }
  const first = servers[0]?.setting;
  const place = { at: first?.at ?? object.node.origin, object: first?.object ?? object };
  if (pods.length > 1 && servers.length === 0)
    yield {
      message: `${title}: ${pods.length} replicas and no server listed: each is a ZooKeeper of its own`,
      ...place,
    };
  else if (servers.length > 0 && servers.length < pods.length)
    yield {
      message: `${title}: ${pods.length} replicas and ${servers.length} servers listed: the others do not start`,
      ...place,
    };
  if (servers.length > 0 && servers.length % 2 === 0)
    yield {
      message: `${title}: ${servers.length} servers: an even number tolerates no more losses than one server fewer`,
      ...place,
    };
}

function* checkServer(
  index: ConfigurationSubject['index'],
  { workload, container }: ZooKeeper,
  { id, host, ports }: ZooKeeperServer,
  report: (message: string) => Report,
): Generator<Report> {
  const pods = podsOf(workload);
  // Numbers from 1: those below are not promised to work.
  const pod = pods.find(({ ordinal }) => ordinal + 1 === id);
  if (!pod) {
    yield report(`is no pod: there are ${pods.length}, so the numbers go from 1 to ${pods.length}`);
    return;
  }
  const backend = backendOf(index, host, workload.namespace);
  if (!backend) yield report(`has the name \`${host}\`, which nothing in the cluster resolves`);
  else if (leadsElsewhere(backend, workload))
    yield report(
      `has the name \`${host}\`, which leads to other pods: those of ${describe(backend.service)}`,
    );
  else if (pods.length > 1 && backend.pod !== pod.name)
    yield report(
      `has the name of ${backend.pod ?? describe(backend.service)}, and the number of ${pod.name}`,
    );
  const open = portsOf(workload.template).filter((each) => each.container === container.name);
  if (ports.length !== 2) yield report('needs two ports: one for the quorum and one for elections');
  else if (open.length > 0)
    for (const port of ports)
      if (!open.some(({ number }) => number === port))
        yield report(
          `uses port ${port}, and container \`${container.name}\` declares ${open.map(({ number }) => number).join(', ')}: network policies do not open it`,
        );
}
