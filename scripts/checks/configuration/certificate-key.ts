import { describe } from '../../finding.ts';
import { containersOf, volumesOf } from '../../kubernetes/pod-template.ts';
import { locate } from '../../render/object.ts';
import { itemsAt, type Node, type Path, textAt } from '../../yaml/node.ts';
import type { Workload } from '../reference/index-objects.ts';
import type { Report, Rule } from '../rule.ts';
import { type Certificate, certificates } from './certificates.ts';
import type { ConfigurationSubject } from './subject.ts';

export const certificateKey: Rule<ConfigurationSubject> = {
  id: 'configuration/certificate-key',
  severity: 'error',
  title: 'A pod takes from the Secret of a Certificate only keys that cert-manager puts there',
  why: 'The kubelet cannot mount a key that the Secret lacks: the pod stays in ContainerCreating.',
  fix: 'Take tls.crt, tls.key or ca.crt; for others set `additionalOutputFormats` (tls-combined.pem) or `keystores` (keystore.p12, truststore.p12, keystore.jks, truststore.jks) on the Certificate.',
  docs: 'https://cert-manager.io/docs/usage/certificate/#additional-certificate-output-formats',
  scope: 'general',
  *check({ index }) {
    const all = certificates(index);
    if (all.length === 0) return;
    for (const workload of index.workloads) {
      const { template, object } = workload;
      for (const { node, path, name } of volumesOf(template)) {
        yield* checkItems(
          workload,
          all,
          node,
          textAt(node, ['secret', 'secretName']),
          [...path, 'secret'],
          name,
        );
        for (const [position, source] of itemsAt(node, ['projected', 'sources']).entries())
          yield* checkItems(
            workload,
            all,
            source,
            textAt(source, ['secret', 'name']),
            [...path, 'projected', 'sources', position, 'secret'],
            name,
          );
      }
      for (const container of containersOf(template))
        for (const [position, item] of itemsAt(container.node, ['env']).entries()) {
          const key = textAt(item, ['valueFrom', 'secretKeyRef', 'key']);
          const made = find(all, workload, textAt(item, ['valueFrom', 'secretKeyRef', 'name']));
          if (made && key !== undefined && !made.keys.has(key))
            yield {
              message: `${describe(object)}: env \`${textAt(item, ['name'])}\` of container \`${container.name}\` takes ${lacks(made, key)}: the container is not started`,
              at: locate(object, [...container.path, 'env', position, 'valueFrom', 'secretKeyRef', 'key']),
              object,
            };
        }
    }
  },
};

const find = (all: readonly Certificate[], { namespace }: Workload, secret: string | undefined) =>
  all.find((each) => each.namespace === namespace && each.secretName === secret);

const lacks = ({ object, secretName, keys }: Certificate, key: string): string =>
  `\`${key}\` from Secret ${secretName}, and ${describe(object)} makes ${[...keys].join(', ')}`;

function* checkItems(
  workload: Workload,
  all: readonly Certificate[],
  source: Node,
  secret: string | undefined,
  path: Path,
  volume: string,
): Generator<Report> {
  const made = find(all, workload, secret);
  if (!made) return;
  for (const [position, item] of itemsAt(source, ['secret', 'items']).entries()) {
    const key = textAt(item, ['key']);
    if (key === undefined || made.keys.has(key)) continue;
    yield {
      message: `${describe(workload.object)}: volume \`${volume}\` takes ${lacks(made, key)}: its pods stay in ContainerCreating`,
      at: locate(workload.object, [...path, 'items', position, 'key']),
      object: workload.object,
    };
  }
}
