import { describe } from '../../finding.ts';
import { containersOf, numberAt } from '../../kubernetes/pod-template.ts';
import { locate, type RenderedObject } from '../../render/object.ts';
import { at, entriesAt, itemsAt, type Origin, originInText, textAt } from '../../yaml/node.ts';
import type { Rule } from '../rule.ts';
import type { ReferenceSubject } from './index-objects.ts';
import { servicePorts } from './service-ports.ts';

interface Text {
  readonly object: RenderedObject;
  readonly namespace: string;
  readonly reader: string;
  readonly text: string;
  /** What the container calls the port, where it is one of its own. */
  portName?(port: number): string | undefined;
  at(offset: number): Origin;
}

// An address of a Service, or one to listen on: `http://schema-registry-service:8081`, `http://0.0.0.0:8081`, `PLAINTEXT://:9092`.
const plain = /\b(https?|(?:SASL_)?PLAINTEXT):\/\/(?:[^@/\s"']+@)?([\w.-]*):(\d{2,5})\b/g;
const everyAddress: ReadonlySet<string> = new Set(['', '0.0.0.0']);

export const plainAddress: Rule<ReferenceSubject> = {
  id: 'reference/plain-address',
  severity: 'error',
  title: 'In a namespace with an authority of its own nobody listens, or calls another, without TLS',
  why: 'One plain listener is enough to read what passes it, passwords among it; and who calls a TLS listener in the clear gets no answer.',
  fix: 'Write https://, SSL:// or SASL_SSL://, and give both ends a certificate or the authority’s. Metrics that cannot be encrypted are on a port named metrics.',
  docs: 'https://cert-manager.io/docs/configuration/ca/',
  scope: 'infometis',
  *check(subject) {
    const closed = new Set(
      subject
        .all('cert-manager.io', 'Issuer')
        .filter(({ node }) => at(node, ['spec', 'ca']))
        .map((issuer) => subject.namespaceOf(issuer)),
    );
    if (closed.size === 0) return;
    for (const { object, namespace, reader, text, portName, at: place } of textsIn(subject)) {
      if (!closed.has(namespace) || !text.includes('://')) continue;
      for (const match of text.matchAll(plain)) {
        const [written = '', scheme, host = '', port] = match;
        const start = text.lastIndexOf('\n', match.index) + 1;
        if (scheme === 'https' || /^\s*(#|\/\/|--)/.test(text.slice(start, match.index))) continue;
        const listens = everyAddress.has(host);
        if (
          listens
            ? portName?.(Number(port)) === 'metrics'
            : !leadsInside(subject, namespace, host, Number(port))
        )
          continue;
        yield {
          message: `${describe(object)}: ${reader} ${listens ? 'listens on' : 'calls'} \`${written}\` in the clear, in a namespace whose components have certificates`,
          at: place(match.index),
          object,
        };
      }
    }
  },
};

/** Whether a host is a Service of the namespace, and the port not one that is for metrics. */
function leadsInside(subject: ReferenceSubject, namespace: string, host: string, port: number): boolean {
  const names = host.replace(/\.svc(\.cluster\.local)?$/, '').split('.');
  if (names.at(-1) === namespace) names.pop();
  const service = subject.find({ group: '', kind: 'Service', namespace, name: names.at(-1) ?? '' });
  return (
    service !== undefined &&
    !servicePorts(service).some(({ number, name }) => number === port && name === 'metrics')
  );
}

function* textsIn(subject: ReferenceSubject): Generator<Text> {
  for (const { object, namespace, template } of subject.workloads)
    for (const container of containersOf(template)) {
      const of = `of container \`${container.name}\``;
      const portName = (port: number): string | undefined =>
        textAt(
          itemsAt(container.node, ['ports']).find((item) => numberAt(item, ['containerPort']) === port),
          ['name'],
        );
      for (const [index, variable] of itemsAt(container.node, ['env']).entries())
        yield {
          object,
          namespace,
          reader: `env \`${textAt(variable, ['name']) ?? index}\` ${of}`,
          text: textAt(variable, ['value']) ?? '',
          portName,
          at: () => locate(object, [...container.path, 'env', index, 'value']),
        };
      for (const field of ['command', 'args'])
        for (const [index, item] of itemsAt(container.node, [field]).entries())
          yield {
            object,
            namespace,
            reader: `${field} ${of}`,
            text: textAt(item, []) ?? '',
            portName,
            at: () => locate(object, [...container.path, field, index]),
          };
    }
  for (const object of subject.all('', 'ConfigMap'))
    for (const [key, { value }] of entriesAt(object.node, ['data']))
      yield {
        object,
        namespace: subject.namespaceOf(object) ?? 'default',
        reader: `\`${key}\``,
        text: textAt(value, []) ?? '',
        at: (offset) => originInText(value, offset) ?? locate(object, ['data', key]),
      };
}
