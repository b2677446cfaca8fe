/** Prometheus' configuration, as far as its files are in Git. */

import { numberAt } from '../../kubernetes/pod-template.ts';
import { at, itemsAt, type MapNode, type Node, type Origin, textAt } from '../../yaml/node.ts';
import type { YamlProblem } from '../../yaml/parse.ts';
import type { Workload } from '../reference/index-objects.ts';
import { type ConfigFile, configFilesOf, imageName, mainContainers, yamlOf } from './config-files.ts';
import { argumentsOf } from './kafka-clients.ts';
import { hostPort } from './setting.ts';
import { oncePerEnvironment } from './subject.ts';

export interface ParsedFile {
  readonly file: ConfigFile;
  readonly root: MapNode | undefined;
  readonly problems: readonly YamlProblem[];
}

export interface ScrapeTarget {
  readonly host: string;
  readonly port: number | undefined;
  readonly at: Origin;
  /** Whether the name is looked up and each address that it has is called by itself. */
  readonly lookedUp: boolean;
}

/** A job, or the list of Alertmanagers: what Prometheus calls in one way. */
export interface ScrapeJob {
  readonly name: string;
  readonly node: Node;
  readonly file: ConfigFile;
  readonly https: boolean;
  readonly serverName: { readonly value: string; readonly at: Origin } | undefined;
  readonly verifies: boolean;
  readonly targets: readonly ScrapeTarget[];
}

export interface Prometheus {
  readonly workload: Workload;
  readonly main: ParsedFile | undefined;
  /** Files of jobs that the main one includes. */
  readonly scrapes: readonly ParsedFile[];
  readonly rules: readonly ParsedFile[];
  readonly jobs: readonly ScrapeJob[];
  readonly alertmanagers: readonly ScrapeJob[];
}

export const parsed = (file: ConfigFile): ParsedFile => {
  const { documents, problems } = yamlOf(file);
  const node = documents[0]?.node;
  return { file, root: node?.type === 'map' ? node : undefined, problems };
};

const isYaml = ({ path }: ConfigFile): boolean => /\.ya?ml$/.test(path);

export const prometheuses = oncePerEnvironment((index): readonly Prometheus[] =>
  index.workloads.flatMap((workload) =>
    mainContainers(workload)
      .filter((container) => imageName(container) === 'prometheus')
      .map((container): Prometheus => {
        const named = argumentsOf(workload, container).find(({ key }) => key === '--config.file')?.value;
        const name = (named ?? '/etc/prometheus/prometheus.yml').replace(/^.*\//, '');
        const files = configFilesOf(index, workload).filter(isYaml);
        const mainFile = files.find(({ path }) => path.replace(/^.*\//, '') === name);
        const main = mainFile && parsed(mainFile);
        const others = files.filter((file) => file !== mainFile);
        const scrapes = others.filter(({ text }) => /^scrape_configs:/m.test(text)).map(parsed);
        const rules = others.filter(({ text }) => /^groups:/m.test(text)).map(parsed);
        const configured = main ? [main, ...scrapes] : scrapes;
        return {
          workload,
          main,
          scrapes,
          rules,
          jobs: configured.flatMap(({ file, root }) =>
            itemsAt(root, ['scrape_configs']).map((node) => jobOf(node, file)),
          ),
          alertmanagers: main
            ? itemsAt(main.root, ['alerting', 'alertmanagers']).map((node) => jobOf(node, main.file))
            : [],
        };
      }),
  ),
);

function jobOf(node: Node, file: ConfigFile): ScrapeJob {
  const server = at(node, ['tls_config', 'server_name']);
  const skip = at(node, ['tls_config', 'insecure_skip_verify']);
  const fixed = itemsAt(node, ['static_configs'])
    .flatMap((group) => itemsAt(group, ['targets']))
    .flatMap((item): ScrapeTarget[] => {
      const address = hostPort(textAt(item, []) ?? '');
      return address && address.host !== '' ? [{ ...address, at: item.origin, lookedUp: false }] : [];
    });
  const looked = itemsAt(node, ['dns_sd_configs']).flatMap((group) =>
    itemsAt(group, ['names']).flatMap((item): ScrapeTarget[] => {
      const host = textAt(item, []);
      return host === undefined
        ? []
        : [{ host, port: numberAt(group, ['port']), at: item.origin, lookedUp: true }];
    }),
  );
  return {
    name: textAt(node, ['job_name']) ?? 'alertmanagers',
    node,
    file,
    https: textAt(node, ['scheme']) === 'https',
    serverName:
      server?.type === 'scalar' && typeof server.value === 'string'
        ? { value: server.value, at: server.origin }
        : undefined,
    verifies: !(skip?.type === 'scalar' && skip.value === true),
    targets: [...fixed, ...looked],
  };
}
