import type { Workload } from '../reference/index-objects.ts';
import { configFilesOf, imageName, mainContainers } from './config-files.ts';
import { type ParsedFile, parsed } from './prometheus.ts';
import { oncePerEnvironment } from './subject.ts';

export interface TraefikFile extends ParsedFile {
  readonly workload: Workload;
}

/** The YAML files that Traefik mounts: its static configuration and what its file provider reads. */
export const traefikFiles = oncePerEnvironment((index): readonly TraefikFile[] =>
  index.workloads
    .filter((workload) => mainContainers(workload).some((container) => imageName(container) === 'traefik'))
    .flatMap((workload) =>
      configFilesOf(index, workload)
        .filter(({ path }) => /\.ya?ml$/.test(path))
        .map((file) => ({ workload, ...parsed(file) })),
    ),
);
