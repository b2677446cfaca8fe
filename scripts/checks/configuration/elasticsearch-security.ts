import { describe } from '../../finding.ts';
import { volumesOf } from '../../kubernetes/pod-template.ts';
import { itemsAt, textAt } from '../../yaml/node.ts';
import type { Report, Rule } from '../rule.ts';
import { certificates } from './certificates.ts';
import { volumeAt } from './config-files.ts';
import { blame, type ElasticsearchNodes, elasticsearchNodes, isOn } from './elasticsearch.ts';
import { enforcesTls } from './kafka-nodes.ts';
import { listOf } from './setting.ts';
import type { ConfigurationSubject } from './subject.ts';

const configuration = '/usr/share/elasticsearch/config';

export const elasticsearchSecurity: Rule<ConfigurationSubject> = {
  id: 'configuration/elasticsearch-security',
  severity: 'error',
  title: 'Elasticsearch asks who calls, over TLS, with certificates that are mounted',
  why: 'Several nodes with security on and no TLS between them do not start; nor does a node whose certificate is not there. With security off everyone who reaches port 9200 may read and delete everything.',
  fix: 'Set xpack.security.{transport,http}.ssl.{enabled,key,certificate,certificate_authorities} to files below the mount of the certificate’s Secret.',
  docs: 'https://www.elastic.co/guide/en/elasticsearch/reference/7.17/security-basic-setup.html',
  scope: 'infometis',
  *check({ index }) {
    for (const nodes of elasticsearchNodes(index)) yield* checkNodes(index, nodes);
  },
};

function* checkNodes(index: ConfigurationSubject['index'], nodes: ElasticsearchNodes): Generator<Report> {
  const { workload, settings, pods } = nodes;
  const report = (message: string, ...keys: readonly string[]): Report => ({
    message: `${describe(workload.object)}: ${message}`,
    ...blame(nodes, ...keys, 'xpack.security.enabled'),
  });
  const secured = isOn(nodes, 'xpack.security.enabled');
  const tls = enforcesTls(index);
  if (!secured) {
    if (tls)
      yield report(
        `\`xpack.security.enabled\` is ${settings.get('xpack.security.enabled')?.value ?? 'false (the default)'} in an environment that has certificates: whoever reaches it may delete every index`,
      );
    return;
  }
  const transport = 'xpack.security.transport.ssl.enabled';
  const http = 'xpack.security.http.ssl.enabled';
  if (!isOn(nodes, transport) && (pods.length > 1 || settings.get('discovery.type')?.value !== 'single-node'))
    yield report(`security is on without \`${transport}\`: Elasticsearch does not start`, transport);
  if (tls && !isOn(nodes, http))
    yield report(
      `\`${http}\` is not true in an environment that has certificates: passwords pass in clear text`,
      http,
    );
  for (const channel of ['transport', 'http'])
    if (isOn(nodes, `xpack.security.${channel}.ssl.enabled`))
      yield* checkFiles(index, nodes, channel, report);
}

function* checkFiles(
  index: ConfigurationSubject['index'],
  nodes: ElasticsearchNodes,
  channel: string,
  report: (message: string, ...keys: readonly string[]) => Report,
): Generator<Report> {
  const { workload, container, settings } = nodes;
  const key = (name: string): string => `xpack.security.${channel}.ssl.${name}`;
  if (settings.has(key('keystore.path'))) return;
  for (const name of ['key', 'certificate'])
    if (!settings.has(key(name)))
      yield report(
        `\`${key('enabled')}\` is true and \`${key(name)}\` is missing: Elasticsearch does not start`,
        key('enabled'),
      );
  for (const name of ['key', 'certificate', 'certificate_authorities']) {
    const setting = settings.get(key(name));
    for (const file of listOf(setting?.value)) {
      const path = file.startsWith('/') ? file : `${configuration}/${file}`;
      const place = volumeAt(container, path);
      const volume = place && volumesOf(workload.template).find((each) => each.name === place.volume);
      const secret = textAt(volume?.node, ['secret', 'secretName']);
      if (!place) {
        yield report(`\`${key(name)}\` is ${path}, where nothing is mounted`, key(name));
        continue;
      }
      if (secret === undefined) {
        if (volume && file.includes('tls'))
          yield report(
            `\`${key(name)}\` is ${path}, on volume \`${place.volume}\`, which is no Secret`,
            key(name),
          );
        continue;
      }
      const items = itemsAt(volume?.node, ['secret', 'items']).map((item) => textAt(item, ['path']));
      const made = certificates(index).find(
        (each) => each.secretName === secret && each.namespace === workload.namespace,
      );
      if (items.length > 0 ? !items.includes(place.inside) : made && !made.keys.has(place.inside))
        yield report(
          `\`${key(name)}\` is ${path}, and volume \`${place.volume}\` (Secret ${secret}) has ${items.join(', ') || 'no such key'}: Elasticsearch does not start`,
          key(name),
        );
    }
  }
}
