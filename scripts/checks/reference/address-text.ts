/** Finds `host:port` in environment variables, arguments and configuration files. */

import { containersOf } from '../../kubernetes/pod-template.ts';
import { locate, type RenderedObject } from '../../render/object.ts';
import type { Sources } from '../../repository/sources.ts';
import { entriesAt, itemsAt, type Node, type Origin, type Path, textAt } from '../../yaml/node.ts';
import type { ReferenceSubject } from './index-objects.ts';

export interface Address {
  readonly object: RenderedObject;
  /** Whose DNS search list the host is looked up with. */
  readonly namespace: string;
  /** As written: `kafka-0.kafka-headless.infometis.svc.cluster.local`. */
  readonly host: string;
  readonly port: number | undefined;
  /** ``env `X` of container `y` ``, ``file `prometheus.yml` ``. */
  readonly reader: string;
  readonly at: Origin;
}

const label = '[a-z0-9](?:[a-z0-9-]*[a-z0-9])?';
// A variable may stand for the pod's name: `$(POD_NAME).kafka-headless`.
const pattern = new RegExp(
  `(?<![\\w.@$%-])(?:\\w+://|(?:\\d+|\\w+:\\w+)@)?(?:\\$[({]?[A-Z_]+[)}]?\\.)?(${label}(?:\\.${label})*):(\\d{2,5})(?![\\w.:-])`,
  'g',
);
const hasPort = /[a-z0-9]:\d{2}/;
const comment = /^\s*(#|\/\/|--)/;

export function* addressesIn(subject: ReferenceSubject): Generator<Address> {
  for (const { object, namespace, template } of subject.workloads)
    for (const container of containersOf(template)) {
      const of = `of container \`${container.name}\``;
      for (const [index, env] of itemsAt(container.node, ['env']).entries())
        yield* inScalar(
          object,
          namespace,
          textAt(env, ['value']),
          [...container.path, 'env', index, 'value'],
          `env \`${textAt(env, ['name']) ?? index}\` ${of}`,
        );
      for (const field of ['command', 'args'])
        for (const [index, item] of itemsAt(container.node, [field]).entries())
          yield* inScalar(
            object,
            namespace,
            textAt(item, []),
            [...container.path, field, index],
            `${field} ${of}`,
          );
    }
  for (const configMap of subject.all('', 'ConfigMap'))
    for (const [key, { value }] of entriesAt(configMap.node, ['data'])) {
      const text = textAt(value, []);
      if (text === undefined || !hasPort.test(text)) continue;
      for (const [line, content] of text.split('\n').entries()) {
        if (comment.test(content)) continue;
        for (const { host, port } of addresses(content))
          yield {
            object: configMap,
            namespace: subject.namespaceOf(configMap) ?? 'default',
            host,
            port,
            reader: `\`${key}\``,
            at: originOfLine(subject.sources, configMap, key, value, line),
          };
      }
    }
}

function* inScalar(
  object: RenderedObject,
  namespace: string,
  text: string | undefined,
  path: Path,
  reader: string,
): Generator<Address> {
  for (const line of text?.split('\n') ?? [])
    for (const { host, port } of addresses(line))
      yield { object, namespace, host, port, reader, at: locate(object, path) };
}

const addresses = (line: string): { host: string; port: number }[] =>
  hasPort.test(line)
    ? [...line.matchAll(pattern)].map((match) => ({ host: match[1]!, port: Number(match[2]) }))
    : [];

/** Where a line of a ConfigMap's text stands: in the file that a generator read, or in the block that a manifest holds. */
function originOfLine(
  sources: Sources,
  configMap: RenderedObject,
  key: string,
  value: Node,
  line: number,
): Origin {
  const { origin } = value;
  const file = sources.files.read(origin.file);
  if (value.type === 'scalar' && file.ok && file.text === value.value)
    return { file: origin.file, line: line + 1, column: 1 };
  if (value.type === 'scalar' && value.style === 'block')
    return { file: origin.file, line: origin.line + 1 + line, column: 1 };
  return locate(configMap, ['data', key]);
}
