/** The certificates that cert-manager makes in an environment, and who serves them. */

import { volumesOf } from '../../kubernetes/pod-template.ts';
import type { RenderedObject } from '../../render/object.ts';
import { at, itemsAt, textAt } from '../../yaml/node.ts';
import type { Workload } from '../reference/index-objects.ts';
import { oncePerEnvironment } from './subject.ts';

export interface Certificate {
  readonly object: RenderedObject;
  readonly namespace: string;
  readonly secretName: string;
  readonly names: readonly string[];
  /** Whether servers may use it: by default they may. */
  readonly forServers: boolean;
  /** `CN=nifi, O=infometis`, as Java prints the subject; undefined where there is more to it. */
  readonly subject: string | undefined;
  /** The keys of its Secret. */
  readonly keys: ReadonlySet<string>;
}

export const certificates = oncePerEnvironment((index): readonly Certificate[] =>
  index.all('cert-manager.io', 'Certificate').map((object) => {
    const { node } = object;
    const texts = (path: readonly string[]): readonly string[] =>
      itemsAt(node, ['spec', ...path]).flatMap((item) => textAt(item, []) ?? []);
    const usages = texts(['usages']);
    const commonName = textAt(node, ['spec', 'commonName']);
    const organizations = texts(['subject', 'organizations']);
    return {
      object,
      namespace: index.namespaceOf(object) ?? 'default',
      secretName: textAt(node, ['spec', 'secretName']) ?? '',
      names: texts(['dnsNames']),
      forServers: usages.length === 0 || usages.includes('server auth'),
      subject:
        commonName === undefined
          ? undefined
          : [`CN=${commonName}`, ...organizations.map((name) => `O=${name}`)].join(', '),
      keys: keysOf(object),
    };
  }),
);

function keysOf({ node }: RenderedObject): ReadonlySet<string> {
  const keys = new Set(['tls.crt', 'tls.key', 'ca.crt']);
  for (const format of itemsAt(node, ['spec', 'additionalOutputFormats'])) {
    if (textAt(format, ['type']) === 'CombinedPEM') keys.add('tls-combined.pem');
    if (textAt(format, ['type']) === 'DER') keys.add('key.der');
  }
  for (const [store, extension] of [
    ['pkcs12', 'p12'],
    ['jks', 'jks'],
  ]) {
    const create = at(node, ['spec', 'keystores', store!, 'create']);
    if (create?.type === 'scalar' && create.value === true)
      for (const name of ['keystore', 'truststore']) keys.add(`${name}.${extension}`);
  }
  return keys;
}

/** The certificates whose Secrets a workload mounts. */
export const certificatesOf = (
  all: readonly Certificate[],
  { template, namespace }: Workload,
): readonly Certificate[] => {
  const secrets = new Set(
    volumesOf(template).flatMap(({ node }) => [
      textAt(node, ['secret', 'secretName']),
      ...itemsAt(node, ['projected', 'sources']).map((source) => textAt(source, ['secret', 'name'])),
    ]),
  );
  return all.filter((each) => each.namespace === namespace && secrets.has(each.secretName));
};

/** Whether a certificate has a name, its wildcards included: `*.a.b` stands for one label before `.a.b`. */
export const covers = ({ names }: Certificate, host: string): boolean =>
  names.some(
    (name) =>
      name.toLowerCase() === host.toLowerCase() ||
      (name.startsWith('*.') && host.toLowerCase().replace(/^[^.]+/, '*') === name.toLowerCase()),
  );
