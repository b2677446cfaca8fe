/** What the clients of Kafka in this platform are told: where it is, and how to log in. */

import { type Container, containersOf, volumesOf } from '../../kubernetes/pod-template.ts';
import { locate } from '../../render/object.ts';
import { at, itemsAt, textAt } from '../../yaml/node.ts';
import type { ReferenceSubject, Workload } from '../reference/index-objects.ts';
import { type ConfigFile, configFilesOf, mainContainers, placeIn } from './config-files.ts';
import { kafkaNodes } from './kafka-nodes.ts';
import { type Setting, settingsOf } from './setting.ts';
import { oncePerEnvironment } from './subject.ts';
import { settingOf, type Variables, variablesOf } from './variables.ts';

export interface KafkaClient {
  readonly workload: Workload;
  readonly bootstrap: Setting;
  /** `SASL_SSL`. */
  readonly protocol: string;
  /** What says so; the bootstrap servers where nothing does and Kafka's default holds. */
  readonly protocolSetting: Setting;
  readonly mechanism: Setting | undefined;
}

export const kafkaClients = oncePerEnvironment((index): readonly KafkaClient[] => {
  const brokers = new Set(kafkaNodes(index).map(({ workload }) => workload));
  return index.workloads
    .filter((workload) => !brokers.has(workload))
    .flatMap((workload) =>
      mainContainers(workload).flatMap((container) => clientsIn(index, workload, container)),
    );
});

/** Images whose variables become the properties of a Kafka client. */
const prefixes: readonly { readonly bootstrap: RegExp; readonly properties: (found: string) => string }[] = [
  {
    bootstrap: /^SCHEMA_REGISTRY_KAFKASTORE_BOOTSTRAP_SERVERS$/,
    properties: () => 'SCHEMA_REGISTRY_KAFKASTORE_',
  },
  { bootstrap: /^KSQL_BOOTSTRAP_SERVERS$/, properties: () => 'KSQL_' },
  {
    bootstrap: /^KAFKA_CLUSTERS_\d+_BOOTSTRAPSERVERS$/,
    properties: (found) => found.replace('BOOTSTRAPSERVERS', 'PROPERTIES_'),
  },
];

function clientsIn(
  index: ReferenceSubject,
  workload: Workload,
  container: Container,
): readonly KafkaClient[] {
  const variables = variablesOf(index, workload, container);
  const clients: KafkaClient[] = [];
  for (const name of variables.keys()) {
    const bootstrap = settingOf(variables.get(name));
    if (!bootstrap) continue;
    const prefix = prefixes.find((each) => each.bootstrap.test(name));
    if (prefix) clients.push(ofVariables(workload, variables, bootstrap, prefix.properties(name)));
    else if (/^(?:PRIMARY_)?BOOTSTRAP_SERVERS$/.test(name))
      clients.push(ofMounts(workload, container, bootstrap));
  }
  const exporter = ofArguments(workload, container);
  return exporter ? [...clients, exporter] : clients;
}

function ofVariables(
  workload: Workload,
  variables: Variables,
  bootstrap: Setting,
  prefix: string,
): KafkaClient {
  const protocol = settingOf(variables.get(`${prefix}SECURITY_PROTOCOL`));
  return {
    workload,
    bootstrap,
    protocol: protocol?.value ?? 'PLAINTEXT',
    protocolSetting: protocol ?? bootstrap,
    mechanism: settingOf(variables.get(`${prefix}SASL_MECHANISM`)),
  };
}

/** The platform's own scripts log in with what is mounted: /etc/kafka-user or /etc/kafka-users, and /etc/tls. */
function ofMounts(workload: Workload, { node }: Container, bootstrap: Setting): KafkaClient {
  const paths = new Set(itemsAt(node, ['volumeMounts']).map((mount) => textAt(mount, ['mountPath'])));
  const sasl = paths.has('/etc/kafka-user') || paths.has('/etc/kafka-users');
  const tls = paths.has('/etc/tls');
  return {
    workload,
    bootstrap,
    protocol: tls ? (sasl ? 'SASL_SSL' : 'SSL') : sasl ? 'SASL_PLAINTEXT' : 'PLAINTEXT',
    protocolSetting: bootstrap,
    mechanism: sasl ? { ...bootstrap, key: 'sasl.mechanism', value: 'SCRAM-SHA-512' } : undefined,
  };
}

/** kafka-exporter, which takes arguments alone. */
function ofArguments(workload: Workload, container: Container): KafkaClient | undefined {
  const found = settingsOf(argumentsOf(workload, container));
  const bootstrap = found.get('--kafka.server');
  if (!bootstrap) return undefined;
  const on = (flag: string): boolean => found.has(flag) && found.get(flag)!.value !== 'false';
  const mechanism = found.get('--sasl.mechanism');
  const sasl = on('--sasl.enabled');
  return {
    workload,
    bootstrap,
    protocol: `${sasl ? 'SASL_' : ''}${on('--tls.enabled') ? 'SSL' : sasl ? 'PLAINTEXT' : ''}` || 'PLAINTEXT',
    protocolSetting: found.get('--sasl.enabled') ?? found.get('--tls.enabled') ?? bootstrap,
    mechanism: mechanism && {
      ...mechanism,
      value: mechanism.value.replace(/^scram-sha(256|512)$/, 'SCRAM-SHA-$1').toUpperCase(),
    },
  };
}

/** The arguments `--name=value` and `--name` of a container. */
export function argumentsOf(workload: Workload, { node, path }: Container): readonly Setting[] {
  return ['command', 'args'].flatMap((field) =>
    itemsAt(node, [field]).flatMap((item, position): Setting[] => {
      const text = textAt(item, []);
      const match = text === undefined ? null : /^(--?[\w.-]+)(?:=([\s\S]*))?$/.exec(text);
      if (!match) return [];
      return [
        {
          key: match[1]!,
          value: match[2] ?? '',
          at: locate(workload.object, [...path, field, position]),
          object: workload.object,
          reader: `argument \`${match[1]}\``,
        },
      ];
    }),
  );
}

const jaas = /LoginModule\s+required\s+username="([^"$]+)"/g;

/** Every login at Kafka that a workload is given: in a JAAS line, an argument, or the password of a user. */
export const kafkaLogins = oncePerEnvironment(
  (index): readonly (Setting & { readonly workload: Workload })[] => {
    const logins: (Setting & { readonly workload: Workload })[] = [];
    for (const workload of index.workloads) {
      const found = [...loginsOf(index, workload)];
      // The line that names the user tells more than the Secret of its password.
      const users = new Set<string>();
      for (const login of found) {
        if (users.has(login.value)) continue;
        users.add(login.value);
        logins.push({ ...login, workload });
      }
    }
    return logins;
  },
);

function* loginsOf(index: ReferenceSubject, workload: Workload): Generator<Setting> {
  const { object, template } = workload;
  for (const container of containersOf(template)) {
    for (const variable of variablesOf(index, workload, container).values())
      for (const [, user] of variable.value?.matchAll(jaas) ?? [])
        yield { key: 'user', value: user!, at: variable.at, object, reader: `env \`${variable.name}\`` };
    for (const argument of argumentsOf(workload, container))
      if (argument.key === '--sasl.username') yield { ...argument, key: 'user' };
    for (const field of ['command', 'args'])
      for (const [position, item] of itemsAt(container.node, [field]).entries())
        for (const [, user] of textAt(item, [])?.matchAll(jaas) ?? [])
          yield {
            key: 'user',
            value: user!,
            at: locate(object, [...container.path, field, position]),
            object,
            reader: `${field} of container \`${container.name}\``,
          };
  }
  for (const file of configFilesOf(index, workload)) yield* loginsIn(file);
  for (const { node, path, name } of volumesOf(template)) {
    const sources: readonly (readonly [typeof node, readonly (string | number)[]])[] = [
      [node, ['secret', 'secretName']],
      ...itemsAt(node, ['projected', 'sources']).map(
        (source, position) => [source, ['projected', 'sources', position, 'secret', 'name']] as const,
      ),
    ];
    for (const [source, where] of sources) {
      const secret = textAt(source, ['secret', 'secretName']) ?? textAt(source, ['secret', 'name']);
      if (!secret?.startsWith(userSecret) || !at(source, ['secret'])) continue;
      yield {
        key: 'user',
        value: secret.slice(userSecret.length),
        at: locate(object, [...path, ...where]),
        object,
        reader: `volume \`${name}\``,
      };
    }
  }
}

export const userSecret = 'kafka-user-';

function* loginsIn(file: ConfigFile): Generator<Setting> {
  for (const match of file.text.matchAll(jaas))
    yield {
      key: 'user',
      value: match[1]!,
      at: placeIn(file, match.index),
      object: file.object,
      reader: `\`${file.key}\``,
    };
}
