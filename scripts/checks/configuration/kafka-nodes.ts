/** The brokers and controllers of Kafka, as the image confluentinc/cp-kafka configures them from their environment. */

import type { Container } from '../../kubernetes/pod-template.ts';
import type { ReferenceSubject, Workload } from '../reference/index-objects.ts';
import { mainContainers } from './config-files.ts';
import { hostPort, listOf, type Setting } from './setting.ts';
import { oncePerEnvironment } from './subject.ts';
import {
  fieldOf,
  forPod,
  type Pod,
  podsOf,
  settingOf,
  type Variable,
  type Variables,
  variablesOf,
} from './variables.ts';

export interface Listener {
  /** `INTERNAL`. */
  readonly name: string;
  /** Empty for every address. */
  readonly host: string;
  readonly port: number | undefined;
  /** Whether controllers talk through it. */
  readonly controller: boolean;
  /** `PLAINTEXT`, `SSL`, `SASL_PLAINTEXT` or `SASL_SSL`; undefined where the map lacks it. */
  readonly protocol: string | undefined;
}

/** A workload whose pods are Kafka nodes of the same configuration. */
export interface KafkaNodes {
  readonly workload: Workload;
  readonly container: Container;
  readonly variables: Variables;
  /** The properties that Git tells, by name. */
  readonly properties: ReadonlyMap<string, Setting>;
  /** Those that exist, told or not. */
  readonly set: ReadonlyMap<string, Variable>;
  readonly roles: readonly string[];
  readonly pods: readonly Pod[];
  readonly listeners: readonly Listener[];
}

/** What the image's scripts and Kafka's own read themselves. */
const noProperties: ReadonlySet<string> = new Set([
  'KAFKA_CLUSTER_ID',
  'KAFKA_GC_LOG_OPTS',
  'KAFKA_HEAP_OPTS',
  'KAFKA_JMX_HOSTNAME',
  'KAFKA_JMX_OPTS',
  'KAFKA_JMX_PORT',
  'KAFKA_JVM_PERFORMANCE_OPTS',
  'KAFKA_LOG4J_LOGGERS',
  'KAFKA_LOG4J_OPTS',
  'KAFKA_LOG4J_ROOT_LOGLEVEL',
  'KAFKA_OPTS',
  'KAFKA_TOOLS_LOG4J_LOGLEVEL',
  'KAFKA_VERSION',
  'KAFKA_ZOOKEEPER_CLIENT_CNXN_SOCKET',
]);

/** `listener.name.internal.scram-sha-512.sasl.jaas.config` of `KAFKA_LISTENER_NAME_INTERNAL_SCRAM___SHA___512_SASL_JAAS_CONFIG`. */
export const propertyOfVariable = (name: string, prefix: string): string =>
  name
    .slice(prefix.length)
    .toLowerCase()
    .replaceAll(/_+/g, (run) =>
      run.length === 3 ? '-' : run.length === 2 ? '_' : run.length === 1 ? '.' : run,
    );

/** The variables that become properties, by the property's name. */
export function propertyVariables(
  variables: Variables,
  prefix: string,
  except: ReadonlySet<string> = new Set(),
): ReadonlyMap<string, Variable> {
  return new Map(
    [...variables.values()]
      .filter(({ name }) => name.startsWith(prefix) && !except.has(name))
      .map((variable) => [propertyOfVariable(variable.name, prefix), variable]),
  );
}

/** All Kafka nodes of an environment; none where Kafka is not run here, or not by this image's rules. */
export const kafkaNodes = oncePerEnvironment((index): readonly KafkaNodes[] =>
  index.workloads.flatMap((workload) =>
    mainContainers(workload).flatMap((container) => nodesOf(index, workload, container) ?? []),
  ),
);

function nodesOf(index: ReferenceSubject, workload: Workload, container: Container): KafkaNodes | undefined {
  const variables = variablesOf(index, workload, container);
  if (!variables.has('KAFKA_PROCESS_ROLES') || !variables.has('KAFKA_LISTENERS')) return undefined;
  const set = propertyVariables(variables, 'KAFKA_', noProperties);
  const properties = new Map(
    [...set].flatMap(([key, variable]) => {
      const setting = settingOf(variable, key);
      return setting ? [[key, setting] as const] : [];
    }),
  );
  const controllers = listOf(properties.get('controller.listener.names')?.value);
  const protocols = protocolMap(properties.get('listener.security.protocol.map')?.value);
  const listeners = listOf(properties.get('listeners')?.value).flatMap((written): Listener[] => {
    const [name = ''] = written.split('://');
    const address = hostPort(written);
    return address
      ? [{ name, ...address, controller: controllers.includes(name), protocol: protocols.get(name) }]
      : [];
  });
  return {
    workload,
    container,
    variables,
    properties,
    set,
    roles: listOf(properties.get('process.roles')?.value),
    pods: podsOf(workload),
    listeners,
  };
}

const defaultProtocols = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'];

/** `listener.security.protocol.map` as Kafka reads it: its default names each protocol after itself. */
export function protocolMap(value: string | undefined): ReadonlyMap<string, string> {
  if (value === undefined) return new Map(defaultProtocols.map((name) => [name, name]));
  return new Map(
    listOf(value).map((entry) => {
      const [name = '', protocol = ''] = entry.split(':');
      return [name.trim(), protocol.trim()];
    }),
  );
}

export const isBroker = ({ roles }: KafkaNodes): boolean => roles.includes('broker');

/** How many brokers an environment has: so many copies of a partition there can be. */
export const brokerCount = (index: ReferenceSubject): number =>
  kafkaNodes(index)
    .filter(isBroker)
    .reduce((sum, { pods }) => sum + pods.length, 0);

/** A property as one listener sees it: its own, or the one for all. */
export const listenerProperty = (
  { set }: KafkaNodes,
  { name }: Pick<Listener, 'name'>,
  property: string,
): Variable | undefined => set.get(`listener.name.${name.toLowerCase()}.${property}`) ?? set.get(property);

/** The value of a property for one pod. */
export function valueFor(nodes: KafkaNodes, property: string, pod: Pod): string | undefined {
  const variable = nodes.set.get(property);
  if (!variable) return undefined;
  return variable.value === undefined ? fieldOf(variable, pod) : forPod(variable.value, nodes.variables, pod);
}

/** A property's setting, or the place where the environment of the container begins. */
export const blame = ({ properties, set, workload }: KafkaNodes, ...names: readonly string[]) => {
  for (const name of names) {
    const found = properties.get(name) ?? set.get(name);
    if (found) return { at: found.at, object: found.object };
  }
  return { at: workload.object.node.origin, object: workload.object };
};

/** The number that a property holds; undefined where it is unset or none. */
export function numberOf({ properties }: KafkaNodes, property: string): number | undefined {
  const value = properties.get(property)?.value;
  return value !== undefined && /^-?\d+$/.test(value.trim()) ? Number(value) : undefined;
}

export const usesTls = (protocol: string | undefined): boolean => protocol?.endsWith('SSL') ?? false;
export const usesSasl = (protocol: string | undefined): boolean => protocol?.startsWith('SASL_') ?? false;

/** Whether the environment encrypts: it has certificates of its own authority. */
export const enforcesTls = (index: ReferenceSubject): boolean =>
  index.all('cert-manager.io', 'Certificate').length > 0;
