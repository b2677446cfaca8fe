import { describe } from '../../finding.ts';
import { parseQuantity } from '../../kubernetes/quantity.ts';
import { at } from '../../yaml/node.ts';
import type { Report, Rule } from '../rule.ts';
import { type FlinkProcess, flinkClusters, memorySize } from './flink.ts';
import type { Setting, Settings } from './setting.ts';
import type { ConfigurationSubject } from './subject.ts';

const mebi = 2 ** 20;
/** Below it, tasks do little but collect garbage. */
const leastTaskHeap = 64 * mebi;

export const flinkMemory: Rule<ConfigurationSubject> = {
  id: 'configuration/flink-memory',
  severity: 'error',
  title: 'Flink’s processes fit below the memory limit, and their parts into the process',
  why: 'The kernel kills a process that grows beyond the limit. One whose parts (JVM, network, managed memory) leave no heap does not start, or collects garbage all day.',
  fix: 'Set {jobmanager,taskmanager}.memory.process.size some way below the limit; for more heap of tasks raise it, or lower taskmanager.memory.managed.fraction.',
  docs: 'https://nightlies.apache.org/flink/flink-docs-release-1.18/docs/deployment/memory/mem_setup_tm/',
  scope: 'infometis',
  *check({ index }) {
    for (const cluster of flinkClusters(index)) {
      for (const process of cluster.jobManagers) yield* checkProcess(process, 'jobmanager', jobManagerHeap);
      for (const process of cluster.taskManagers) yield* checkProcess(process, 'taskmanager', taskHeap);
    }
  },
};

export interface Heap {
  /** Of the whole process, with what the JVM needs beside the heap. */
  readonly process: number;
  /** What is left for the jobs, or for the coordinator. */
  readonly heap: number;
  readonly what: string;
  /** `1728m = 256m metaspace + …`. */
  readonly parts: string;
}

function* checkProcess(
  { workload, container, settings }: FlinkProcess,
  role: string,
  heapOf: (settings: Settings) => Heap | undefined,
): Generator<Report> {
  const key = [`${role}.memory.process.size`, `${role}.memory.flink.size`].find((each) => settings.has(each));
  const setting = key === undefined ? undefined : settings.get(key);
  const title = describe(workload.object);
  const report = (message: string, blamed: Setting | undefined, severity?: 'warning'): Report => ({
    message: `${title}: ${message}`,
    at: blamed?.at ?? workload.object.node.origin,
    object: blamed?.object ?? workload.object,
    ...(severity && { severity }),
  });
  if (!setting) {
    // Heap and managed memory may be given one by one.
    if (!settings.has(`${role}.memory.${role === 'taskmanager' ? 'task.' : ''}heap.size`))
      yield report(
        `neither \`${role}.memory.process.size\` nor \`${role}.memory.flink.size\` is set: it does not start`,
        [...settings.values()][0],
      );
    return;
  }
  if (memorySize(setting.value) === undefined) {
    yield report(
      `\`${setting.key}\` is \`${setting.value}\`, which is no size of memory such as 1728m: it does not start`,
      setting,
    );
    return;
  }
  const sizes = heapOf(settings);
  if (!sizes) return;
  const limit = at(container.node, ['resources', 'limits', 'memory']);
  const bytes = limit?.type === 'scalar' ? parseQuantity(String(limit.value)) : undefined;
  if (bytes !== undefined && sizes.process > bytes)
    yield report(
      `the process is ${print(sizes.process)} (\`${setting.key}\`), and the memory limit of container \`${container.name}\` is ${print(bytes)}: the kernel kills it when it fills up`,
      setting,
    );
  if (sizes.heap <= 0)
    yield report(`no memory is left for ${sizes.what}: ${sizes.parts}. It does not start`, setting);
  else if (sizes.heap < leastTaskHeap)
    yield report(`${print(sizes.heap)} are left for ${sizes.what}: ${sizes.parts}`, setting, 'warning');
}

const print = (bytes: number): string => `${Math.floor(bytes / mebi)}m`;

const reader =
  (settings: Settings, role: string) =>
  (option: string, otherwise: number): number =>
    memorySize(settings.get(`${role}.memory.${option}`)?.value ?? '') ?? otherwise;

const fraction = (settings: Settings, key: string, otherwise: number): number => {
  const value = Number(settings.get(key)?.value ?? otherwise);
  return Number.isFinite(value) ? value : otherwise;
};

const between = (value: number, least: number, most: number): number =>
  Math.min(Math.max(value, least), most);

/** What the JVM needs beside Flink's own memory, out of a process' size or on top of Flink's. Mirrors ProcessMemoryUtils. */
function outer(
  settings: Settings,
  role: string,
): { readonly process: number; readonly flink: number; readonly text: string } | undefined {
  const size = reader(settings, role);
  const metaspace = size('jvm-metaspace.size', 256 * mebi);
  const share = fraction(settings, `${role}.memory.jvm-overhead.fraction`, 0.1);
  const least = size('jvm-overhead.min', 192 * mebi);
  const most = size('jvm-overhead.max', 1024 * mebi);
  const whole = size('process.size', 0);
  if (whole > 0) {
    const overhead = between(whole * share, least, most);
    return {
      process: whole,
      flink: whole - metaspace - overhead,
      text: `${print(whole)} less ${print(metaspace)} metaspace, ${print(overhead)} overhead`,
    };
  }
  const flink = size('flink.size', 0);
  if (flink === 0) return undefined;
  const overhead = between(((flink + metaspace) * share) / (1 - share), least, most);
  return { process: flink + metaspace + overhead, flink, text: print(flink) };
}

/** Mirrors TaskExecutorProcessUtils. */
export function taskHeap(settings: Settings): Heap | undefined {
  const sizes = outer(settings, 'taskmanager');
  if (!sizes) return undefined;
  const { flink } = sizes;
  const size = reader(settings, 'taskmanager');
  const framework = size('framework.heap.size', 128 * mebi);
  const offHeap = size('framework.off-heap.size', 128 * mebi) + size('task.off-heap.size', 0);
  const managed = size(
    'managed.size',
    flink * fraction(settings, 'taskmanager.memory.managed.fraction', 0.4),
  );
  const network = between(
    flink * fraction(settings, 'taskmanager.memory.network.fraction', 0.1),
    size('network.min', 64 * mebi),
    size('network.max', Number.MAX_SAFE_INTEGER),
  );
  return {
    process: sizes.process,
    heap: settings.has('taskmanager.memory.task.heap.size')
      ? size('task.heap.size', 0)
      : flink - framework - offHeap - managed - network,
    what: 'the heap of tasks',
    parts: `${sizes.text}, ${print(managed)} managed, ${print(network)} network, ${print(framework + offHeap)} framework and off-heap`,
  };
}

/** Mirrors JobManagerProcessUtils. */
export function jobManagerHeap(settings: Settings): Heap | undefined {
  const sizes = outer(settings, 'jobmanager');
  if (!sizes) return undefined;
  const size = reader(settings, 'jobmanager');
  const offHeap = size('off-heap.size', 128 * mebi);
  return {
    process: sizes.process,
    heap: settings.has('jobmanager.memory.heap.size') ? size('heap.size', 0) : sizes.flink - offHeap,
    what: 'the heap',
    parts: `${sizes.text}, ${print(offHeap)} off-heap`,
  };
}
