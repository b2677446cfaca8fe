import { describe } from '../../finding.ts';
import type { Report, Rule } from '../rule.ts';
import { backendOf, isPodOf, leadsElsewhere, podPortsBehind } from './addresses.ts';
import { isBroker, type KafkaNodes, kafkaNodes } from './kafka-nodes.ts';
import { hostPort, listOf, type Setting } from './setting.ts';
import type { ConfigurationSubject } from './subject.ts';
import { forPod } from './variables.ts';

export const kafkaAdvertisedAddress: Rule<ConfigurationSubject> = {
  id: 'configuration/kafka-advertised-address',
  severity: 'error',
  title: 'The address that a broker advertises leads to that broker alone, and to the listener of that name',
  why: 'A client asks any broker once, and then talks to each one by the address that it advertises. Where that is wrong the first answer comes and everything after it fails.',
  fix: 'Advertise `$(POD_NAME).<headless Service>.<namespace>.svc.cluster.local:<port of the listener>`.',
  docs: 'https://kafka.apache.org/36/documentation.html#brokerconfigs_advertised.listeners',
  scope: 'infometis',
  // A name that does not resolve is told by the reference stage too.
  consequence: true,
  *check({ index }) {
    for (const nodes of kafkaNodes(index)) {
      const setting = nodes.properties.get('advertised.listeners');
      if (!setting || !isBroker(nodes)) continue;
      for (const written of listOf(setting.value)) yield* checkOne(index, nodes, setting, written);
    }
  },
};

function* checkOne(
  index: ConfigurationSubject['index'],
  nodes: KafkaNodes,
  setting: Setting,
  written: string,
): Generator<Report> {
  const { workload, listeners, variables, pods } = nodes;
  const [name = ''] = written.split('://');
  const listener = listeners.find((each) => each.name === name);
  const pod = pods[0];
  const address = hostPort(pod ? forPod(written, variables, pod) : written);
  if (!listener || !address || !pod) return;
  const report = (message: string): Report => ({
    message: `${describe(workload.object)}: \`${name}\` is advertised as \`${written.split('://')[1] ?? written}\`, ${message}`,
    at: setting.at,
    object: workload.object,
  });
  const { host, port } = address;
  // Without a host Kafka takes the pod's own name, whatever that resolves to.
  if (host === '') return;
  if (host === '0.0.0.0') {
    yield report('which is no address that a client could use: Kafka does not start');
    return;
  }
  const backend = backendOf(index, host, workload.namespace);
  if (!backend) {
    // Outside names are the site's own; a name of a pod that nothing resolves is not.
    if (host.startsWith(`${pod.name}.`))
      yield report('and no headless Service of that name exists: clients cannot resolve it');
    return;
  }
  if (leadsElsewhere(backend, workload))
    yield report(`and ${describe(backend.service)} does not lead to its pods`);
  else if (pods.length > 1 && (!backend.headless || backend.pod === undefined))
    yield report(
      `the same for each of its ${pods.length} brokers: a client that asks for one reaches any of them`,
    );
  else if (!isPodOf(backend)) yield report(`and there is no pod \`${backend.pod}\``);
  else if (pods.length > 1 && backend.pod !== undefined && !/\$\(/.test(written))
    yield report(`the same for each of its ${pods.length} brokers: all lead to ${backend.pod}`);
  else if (
    port !== undefined &&
    listener.port !== undefined &&
    !podPortsBehind(backend, port).includes(listener.port)
  )
    yield report(
      `and the listener is on port ${listener.port}: clients find another listener there, or none`,
    );
}
