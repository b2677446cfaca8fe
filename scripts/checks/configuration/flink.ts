/** Flink's JobManagers and TaskManagers, and the configuration that they read. */

import type { Container } from '../../kubernetes/pod-template.ts';
import { itemsAt, textAt } from '../../yaml/node.ts';
import type { ReferenceSubject, Workload } from '../reference/index-objects.ts';
import { configFilesOf, flinkSettingsIn, imageName, mainContainers } from './config-files.ts';
import { type Setting, type Settings, settingsOf } from './setting.ts';
import { oncePerEnvironment } from './subject.ts';
import { variablesOf } from './variables.ts';

export interface FlinkProcess {
  readonly workload: Workload;
  readonly container: Container;
  /** The arguments of the image's entry point, the role first. */
  readonly arguments: readonly string[];
  /** Its own: the files are shared, FLINK_PROPERTIES is not. */
  readonly settings: Settings;
  /** What was written more than once too, in the order of reading. */
  readonly written: readonly Setting[];
}

/** The pods of one namespace that share a configuration. */
export interface FlinkCluster {
  readonly jobManagers: readonly FlinkProcess[];
  readonly taskManagers: readonly FlinkProcess[];
  readonly settings: Settings;
  /** What was written more than once too, in the order of reading. */
  readonly written: readonly Setting[];
}

const jobManagerRoles: ReadonlySet<string> = new Set(['jobmanager', 'standalone-job']);

export const flinkClusters = oncePerEnvironment((index): readonly FlinkCluster[] => {
  const processes = index.workloads.flatMap((workload) =>
    mainContainers(workload)
      .filter((container) => imageName(container) === 'flink')
      .map((container): FlinkProcess => {
        const written = settingsFor(index, workload, container);
        return {
          workload,
          container,
          arguments: argumentsOf(container),
          settings: settingsOf(written),
          written,
        };
      }),
  );
  const roleOf = (process: FlinkProcess): string => process.arguments[0] ?? '';
  const clusters: FlinkCluster[] = [];
  for (const namespace of new Set(processes.map(({ workload }) => workload.namespace))) {
    const own = processes.filter(({ workload }) => workload.namespace === namespace);
    const jobManagers = own.filter((process) => jobManagerRoles.has(roleOf(process)));
    const taskManagers = own.filter((process) => roleOf(process) === 'taskmanager');
    const [first] = jobManagers;
    if (!first) continue;
    const { settings, written } = first;
    clusters.push({ jobManagers, taskManagers, settings, written });
  }
  return clusters;
});

const argumentsOf = ({ node }: Container): readonly string[] =>
  itemsAt(node, ['args']).flatMap((item) => textAt(item, []) ?? []);

/** The files beside flink-conf.yaml in the order of their names, as an init container joins them; then FLINK_PROPERTIES. */
function settingsFor(index: ReferenceSubject, workload: Workload, container: Container): readonly Setting[] {
  const files = configFilesOf(index, workload);
  const volumes = new Set(files.filter(({ path }) => path === 'flink-conf.yaml').map(({ volume }) => volume));
  const joined = files.filter(({ path, volume }) => volumes.has(volume) && path.endsWith('.yaml'));
  const properties = variablesOf(index, workload, container).get('FLINK_PROPERTIES');
  const lines = (properties?.value ?? '').split('\n').flatMap((line): Setting[] => {
    const match = /^\s*([^\s#:][^:#]*?): +([^#]*)/.exec(line);
    return match && properties
      ? [
          {
            key: match[1]!,
            value: match[2]!.trim(),
            at: properties.at,
            object: workload.object,
            reader: 'env `FLINK_PROPERTIES`',
          },
        ]
      : [];
  });
  return [...joined.flatMap(flinkSettingsIn), ...lines];
}

const units: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  bytes: 1,
  k: 2 ** 10,
  kb: 2 ** 10,
  kibibytes: 2 ** 10,
  m: 2 ** 20,
  mb: 2 ** 20,
  mebibytes: 2 ** 20,
  g: 2 ** 30,
  gb: 2 ** 30,
  gibibytes: 2 ** 30,
  t: 2 ** 40,
  tb: 2 ** 40,
  tebibytes: 2 ** 40,
};

/** Bytes of Flink's MemorySize: `1728m`, `1 gb`; undefined where it is none. */
export function memorySize(text: string): number | undefined {
  const match = /^(\d+)\s*([a-z]*)$/.exec(text.trim().toLowerCase());
  const unit = match ? units[match[2]!] : undefined;
  return match && unit !== undefined ? Number(match[1]) * unit : undefined;
}
