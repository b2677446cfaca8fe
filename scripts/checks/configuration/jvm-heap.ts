import { describe } from '../../finding.ts';
import { type Container, containersOf } from '../../kubernetes/pod-template.ts';
import { parseQuantity } from '../../kubernetes/quantity.ts';
import { at, type Origin } from '../../yaml/node.ts';
import type { Workload } from '../reference/index-objects.ts';
import type { Report, Rule } from '../rule.ts';
import { imageName } from './config-files.ts';
import type { ConfigurationSubject } from './subject.ts';
import { type Variables, variablesOf } from './variables.ts';

const mebi = 2 ** 20;
/** Beside the heap a JVM needs room for classes, threads, code and buffers. */
const mostOfLimit = 0.75;

export const jvmHeap: Rule<ConfigurationSubject> = {
  id: 'configuration/jvm-heap',
  severity: 'error',
  title:
    'The heap of a JVM fits below the memory limit of its container, with room for the rest of the process',
  why: 'The heap fills up to what it may take before it is cleaned. Where that is more than the limit the kernel kills the process (OOMKilled), often weeks after the change.',
  fix: 'Set -Xmx to about half of the memory limit, and -Xms to no more than -Xmx.',
  docs: 'https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/',
  scope: 'general',
  *check({ index }) {
    for (const workload of index.workloads)
      for (const container of containersOf(workload.template)) {
        const limit = at(container.node, ['resources', 'limits', 'memory']);
        const bytes = limit?.type === 'scalar' ? parseQuantity(String(limit.value)) : undefined;
        const variables = variablesOf(index, workload, container);
        for (const heap of heapsIn(variables)) yield* checkHeap(workload, container, heap, bytes);
        yield* checkDefault(workload, container, variables, bytes);
      }
  },
};

interface Heap {
  readonly reader: string;
  readonly most: number | undefined;
  readonly least: number | undefined;
  readonly at: Origin;
  readonly leastAt: Origin;
}

const sized = /^(\d+)([kKmMgGtT]?)$/;
const powers = ['', 'k', 'm', 'g', 't'];

/** Bytes of a JVM size: `512m`, `2g`. */
function bytesOf(text: string, unit = ''): number | undefined {
  const match = sized.exec(text.trim());
  if (!match) return undefined;
  return Number(match[1]) * 1024 ** powers.indexOf((match[2] || unit).toLowerCase());
}

// The last one of an option wins.
const optionOf = (text: string, option: string): number | undefined => {
  const found = [...text.matchAll(new RegExp(`(?:^|\\s)${option}(\\d+[kKmMgGtT]?)(?=\\s|$)`, 'g'))].at(
    -1,
  )?.[1];
  return found === undefined ? undefined : bytesOf(found);
};

function heapsIn(variables: Variables): readonly Heap[] {
  const heaps: Heap[] = [];
  for (const { name, value, at: place } of variables.values()) {
    if (value === undefined || !/-Xm[sx]\d/.test(value)) continue;
    const most = optionOf(value, '-Xmx');
    const least = optionOf(value, '-Xms');
    heaps.push({ reader: `env \`${name}\``, most, least, at: place, leastAt: place });
  }
  // NiFi writes these two into its bootstrap.conf, ZooKeeper's script counts in megabytes.
  for (const [mostName, leastName, unit] of [
    ['NIFI_JVM_HEAP_MAX', 'NIFI_JVM_HEAP_INIT', ''],
    ['ZK_SERVER_HEAP', undefined, 'm'],
  ] as const) {
    const most = variables.get(mostName);
    const least = leastName === undefined ? undefined : variables.get(leastName);
    if (most?.value === undefined && least?.value === undefined) continue;
    heaps.push({
      reader: `env \`${(most ?? least)!.name}\``,
      most: most?.value === undefined ? undefined : bytesOf(most.value, unit),
      least: least?.value === undefined ? undefined : bytesOf(least.value, unit),
      at: (most ?? least)!.at,
      leastAt: (least ?? most)!.at,
    });
  }
  return heaps;
}

function* checkHeap(
  { object }: Workload,
  { name }: Container,
  { reader, most, least, at: place, leastAt }: Heap,
  limit: number | undefined,
): Generator<Report> {
  if (most !== undefined && least !== undefined && least > most)
    yield {
      message: `${describe(object)}: ${reader} of container \`${name}\` lets the heap begin with ${print(least)} and end at ${print(most)}: the JVM does not start`,
      at: leastAt,
      object,
    };
  const size = most ?? least;
  if (size === undefined || limit === undefined) return;
  if (size > limit)
    yield {
      message: `${describe(object)}: ${reader} lets the heap grow to ${print(size)}, and the memory limit of container \`${name}\` is ${print(limit)}: the kernel kills it before the heap is full`,
      at: place,
      object,
    };
  else if (size > limit * mostOfLimit)
    yield {
      message: `${describe(object)}: ${reader} lets the heap grow to ${print(size)}, ${Math.round((size / limit) * 100)} % of the memory limit of container \`${name}\` (${print(limit)}): what the JVM needs beside it may not fit`,
      at: place,
      object,
      severity: 'warning',
    };
}

/** What the start scripts of images take where nobody says anything. */
const defaults: ReadonlyMap<string, readonly [variable: string, bytes: number]> = new Map([
  ['ksqldb-server', ['KSQL_HEAP_OPTS', 3072 * mebi]],
  ['cp-ksqldb-server', ['KSQL_HEAP_OPTS', 3072 * mebi]],
  ['cp-kafka', ['KAFKA_HEAP_OPTS', 1024 * mebi]],
  ['cp-schema-registry', ['SCHEMA_REGISTRY_HEAP_OPTS', 512 * mebi]],
]);

function* checkDefault(
  { object }: Workload,
  container: Container,
  variables: Variables,
  limit: number | undefined,
): Generator<Report> {
  const found = container.list === 'containers' ? defaults.get(imageName(container)) : undefined;
  // Where the command is the container's own, it may start something small.
  if (!found || limit === undefined || variables.has(found[0])) return;
  const starts = [...variables.keys()].some((name) =>
    /^(?:KSQL_LISTENERS|KAFKA_LISTENERS|SCHEMA_REGISTRY_LISTENERS)$/.test(name),
  );
  if (starts && found[1] > limit)
    yield {
      message: `${describe(object)}: container \`${container.name}\` has no \`${found[0]}\`, for which its image takes -Xmx${print(found[1])}, and its memory limit is ${print(limit)}: the kernel kills it before the heap is full`,
      fix: `Set \`${found[0]}\` to about half of the memory limit.`,
      at: container.node.origin,
      object,
    };
}

const print = (bytes: number): string =>
  bytes % 2 ** 30 === 0 ? `${bytes / 2 ** 30}g` : `${Math.floor(bytes / mebi)}m`;
