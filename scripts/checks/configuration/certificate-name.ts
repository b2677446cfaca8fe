import { describe } from '../../finding.ts';
import { containersOf } from '../../kubernetes/pod-template.ts';
import { locate, type RenderedObject } from '../../render/object.ts';
import { nearestName } from '../../text/nearest.ts';
import { entriesAt, itemsAt, type Node, type Origin, originInText, textAt } from '../../yaml/node.ts';
import type { ReferenceSubject, Workload } from '../reference/index-objects.ts';
import type { Report, Rule } from '../rule.ts';
import { backendOf } from './addresses.ts';
import { certificates, certificatesOf, covers } from './certificates.ts';
import { flinkClusters } from './flink.ts';
import { kafkaClients } from './kafka-clients.ts';
import { kafkaNodes, usesTls } from './kafka-nodes.ts';
import { prometheuses } from './prometheus.ts';
import { hostPort, listOf } from './setting.ts';
import type { ConfigurationSubject } from './subject.ts';
import { traefikFiles } from './traefik.ts';
import { forPod, podsOf, variablesOf } from './variables.ts';
import { serversIn, zooKeeperClients } from './zookeeper.ts';

/** Somebody calls a server and checks its certificate. */
interface Call {
  readonly object: RenderedObject;
  readonly at: Origin;
  readonly reader: string;
  readonly namespace: string;
  /** Whom the name in the address leads to. */
  readonly host: string;
  /** The name that the certificate is asked for; undefined for an address of a pod. */
  readonly expected: string | undefined;
}

export const certificateName: Rule<ConfigurationSubject> = {
  id: 'configuration/certificate-name',
  severity: 'error',
  title: 'The certificate of a server has the name by which each client calls it',
  why: 'The client refuses the connection (“no subject alternative name matching …”, “certificate is valid for …, not …”), although both run and everything else fits.',
  fix: 'Add the name to `dnsNames` of the Certificate, or call the server by a name that it has.',
  docs: 'https://cert-manager.io/docs/usage/certificate/',
  scope: 'general',
  *check({ index }) {
    if (certificates(index).length === 0) return;
    const told = new Set<string>();
    for (const call of callsIn(index)) {
      const report = checkCall(index, call);
      const key = report && `${report.at.file}:${report.at.line}:${report.message}`;
      if (!report || told.has(key!)) continue;
      told.add(key!);
      yield report;
    }
  },
};

function checkCall(index: ReferenceSubject, call: Call): Report | undefined {
  const backend = backendOf(index, call.host, call.namespace);
  if (!backend) return undefined;
  const served = backend.workloads.flatMap((workload) => certificatesOf(certificates(index), workload));
  const usable = served.filter(({ forServers }) => forServers);
  // Who mounts no certificate serves one that nobody here knows, or leaves TLS to somebody else.
  if (usable.length === 0) return undefined;
  const names = usable.map(({ object }) => describe(object)).join(', ');
  if (call.expected === undefined)
    return {
      message: `${describe(call.object)}: ${call.reader} calls the pods of \`${call.host}\` by their addresses and names no server: ${names} has no addresses, so each connection is refused`,
      fix: `Name the server that the certificate is for, such as \`${usable[0]!.names.at(-1) ?? call.host}\`.`,
      at: call.at,
      object: call.object,
    };
  const { expected } = call;
  if (usable.some((certificate) => covers(certificate, expected))) return undefined;
  const all = usable.flatMap((certificate) => certificate.names);
  const nearest = nearestName(expected, all);
  return {
    message: `${describe(call.object)}: ${call.reader} calls \`${call.host}\`${expected === call.host ? '' : ` and expects \`${expected}\``}, a name that ${names} does not have: the connection is refused${nearest === undefined ? '' : `; the nearest that it has is \`${nearest}\``}`,
    fix: `Add \`${expected}\` to the \`dnsNames\` of ${names}, or call a name that it has.`,
    at: call.at,
    object: call.object,
  };
}

function* callsIn(index: ReferenceSubject): Generator<Call> {
  yield* ofUrls(index);
  yield* ofKafka(index);
  for (const { workload, connect, tls } of zooKeeperClients(index))
    if (tls)
      for (const { host } of serversIn(connect))
        yield {
          object: connect.object,
          at: connect.at,
          reader: connect.reader,
          namespace: workload.namespace,
          host,
          expected: host,
        };
  yield* ofFlink(index);
  yield* ofPrometheus(index);
  yield* ofTraefik(index);
}

const secureUrl = /\bhttps:\/\/((?:\$\([A-Z_]+\)\.)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::(\d+))?(?![\w$({])/g;
const comment = /^\s*(#|\/\/|--)/;

// Who does not look at the certificate may call any name.
const unverified =
  /(?:insecure|skip[-_]?(?:tls[-_]?)?verif|no[-_]?verif)\w*['"]?\s*(?:[:=]\s*['"]?(?:true|1|yes|on)\b|$)|verif\w*['"]?\s*[:=]\s*['"]?(?:false|none|0|no|off)\b|curl\s(?:[^|;\n]*\s)?-k\b/im;

function* ofUrls(index: ReferenceSubject): Generator<Call> {
  for (const workload of index.workloads) {
    const { object, namespace, template } = workload;
    for (const container of containersOf(template)) {
      const variables = variablesOf(index, workload, container);
      const told = [
        ...[...variables.values()].map(({ name, value }) => `${name}=${value}`),
        ...['command', 'args'].flatMap((field) =>
          itemsAt(container.node, [field]).map((item) => textAt(item, []) ?? ''),
        ),
      ].join('\n');
      if (unverified.test(told)) continue;
      for (const { name, value, at } of variables.values())
        if (value?.includes('https://'))
          for (const host of hostsOf(value))
            yield call(object, at, `env \`${name}\``, namespace, ownHost(host, workload, variables));
      for (const field of ['command', 'args'])
        for (const [position, item] of itemsAt(container.node, [field]).entries())
          for (const host of hostsOf(textAt(item, []) ?? ''))
            yield call(
              object,
              locate(object, [...container.path, field, position]),
              `${field} of container \`${container.name}\``,
              namespace,
              ownHost(host, workload, variables),
            );
    }
  }
  for (const object of index.all('', 'ConfigMap')) {
    const namespace = index.namespaceOf(object) ?? 'default';
    for (const [key, { value }] of entriesAt(object.node, ['data']))
      yield* inText(object, namespace, key, value);
  }
}

function* inText(object: RenderedObject, namespace: string, key: string, value: Node): Generator<Call> {
  const text = textAt(value, []);
  if (!text?.includes('https://') && !text?.includes('tls_client_config:')) return;
  if (unverified.test(text)) return;
  let offset = 0;
  for (const line of text.split('\n')) {
    if (!comment.test(line))
      for (const host of hostsOf(line))
        yield call(
          object,
          originInText(value, offset) ?? locate(object, ['data', key]),
          `\`${key}\``,
          namespace,
          host,
        );
    // Between the replicas of Alertmanager, which find each other by address.
    const expected = text.includes('tls_client_config:')
      ? /^\s+server_name:\s*(\S+)/.exec(line)?.[1]
      : undefined;
    if (expected !== undefined)
      yield call(
        object,
        originInText(value, offset) ?? locate(object, ['data', key]),
        `\`${key}\``,
        namespace,
        expected,
      );
    offset += line.length + 1;
  }
}

const hostsOf = (text: string): readonly string[] => [...text.matchAll(secureUrl)].map((match) => match[1]!);

const call = (object: RenderedObject, at: Origin, reader: string, namespace: string, host: string): Call => ({
  object,
  at,
  reader,
  namespace,
  host,
  expected: host,
});

const ownHost = (host: string, workload: Workload, variables: Parameters<typeof forPod>[1]): string => {
  const [pod] = podsOf(workload);
  return pod ? forPod(host, variables, pod) : host;
};

function* ofKafka(index: ReferenceSubject): Generator<Call> {
  for (const { workload, bootstrap, protocol } of kafkaClients(index))
    if (usesTls(protocol))
      for (const server of listOf(bootstrap.value)) {
        const host = hostPort(server)?.host;
        if (host) yield call(bootstrap.object, bootstrap.at, bootstrap.reader, workload.namespace, host);
      }
  for (const nodes of kafkaNodes(index)) {
    const { workload, listeners, properties, variables } = nodes;
    const [pod] = nodes.pods;
    const advertised = properties.get('advertised.listeners');
    for (const written of listOf(advertised?.value)) {
      const listener = listeners.find(({ name }) => written.startsWith(`${name}://`));
      const host = hostPort(pod ? forPod(written, variables, pod) : written)?.host;
      if (advertised && host && usesTls(listener?.protocol))
        yield call(
          advertised.object,
          advertised.at,
          `${advertised.reader} of brokers`,
          workload.namespace,
          host,
        );
    }
    const voters = properties.get('controller.quorum.voters');
    if (!voters || !listeners.some(({ controller, protocol }) => controller && usesTls(protocol))) continue;
    for (const voter of listOf(voters.value)) {
      const host = /@([^:]+):/.exec(voter)?.[1];
      if (host)
        yield call(voters.object, voters.at, `${voters.reader} of controllers`, workload.namespace, host);
    }
  }
}

/** The clients of Flink's REST interface, when it speaks TLS. */
function* ofFlink(index: ReferenceSubject): Generator<Call> {
  for (const { settings, jobManagers } of flinkClusters(index)) {
    const address = settings.get('rest.address');
    if (address && settings.get('security.ssl.rest.enabled')?.value === 'true')
      yield call(
        address.object,
        address.at,
        address.reader,
        jobManagers[0]!.workload.namespace,
        address.value,
      );
  }
}

function* ofPrometheus(index: ReferenceSubject): Generator<Call> {
  for (const { workload, jobs, alertmanagers } of prometheuses(index))
    for (const job of [...jobs, ...alertmanagers]) {
      if (!job.https || !job.verifies) continue;
      for (const target of job.targets)
        yield {
          object: job.file.object,
          at: job.serverName?.at ?? target.at,
          reader: `job \`${job.name}\` of \`${job.file.key}\``,
          namespace: workload.namespace,
          host: target.host,
          expected: job.serverName?.value ?? (target.lookedUp ? undefined : target.host),
        };
    }
}

const annotation = (name: string): readonly string[] => [
  'metadata',
  'annotations',
  `traefik.ingress.kubernetes.io/service.${name}`,
];

/** Traefik calls the pods of a Service by their addresses, and expects the name that the transport of the Service says. */
function* ofTraefik(index: ReferenceSubject): Generator<Call> {
  const files = traefikFiles(index);
  if (files.length === 0) return;
  for (const service of index.all('', 'Service')) {
    const name = textAt(service.node, annotation('serverstransport'));
    if (!name?.endsWith('@file') || textAt(service.node, annotation('serversscheme')) !== 'https') continue;
    for (const { root, file } of files) {
      const transport = entriesAt(root, ['http', 'serversTransports']).get(name.replace(/@file$/, ''));
      if (!transport) continue;
      const skip = entriesAt(transport.value, []).get('insecureSkipVerify')?.value;
      if (skip?.type === 'scalar' && skip.value === true) continue;
      const server = entriesAt(transport.value, []).get('serverName');
      yield {
        object: file.object,
        at: server?.origin ?? transport.origin,
        reader: `the transport \`${name}\` of \`${file.key}\``,
        namespace: index.namespaceOf(service) ?? 'default',
        host: service.name,
        expected: server && textAt(server.value, []),
      };
    }
  }
}
