/** Elasticsearch's nodes and their settings. */

import type { Container } from '../../kubernetes/pod-template.ts';
import type { Workload } from '../reference/index-objects.ts';
import { configFilesOf, dottedIn, imageName, mainContainers } from './config-files.ts';
import { type Setting, type Settings, settingsOf } from './setting.ts';
import { oncePerEnvironment } from './subject.ts';
import { type Pod, podsOf, settingOf, type Variables, variablesOf } from './variables.ts';

export interface ElasticsearchNodes {
  readonly workload: Workload;
  readonly container: Container;
  readonly variables: Variables;
  /** Those of elasticsearch.yml, over which variables with a dot in their name win. */
  readonly settings: Settings;
  readonly pods: readonly Pod[];
}

export const elasticsearchNodes = oncePerEnvironment((index): readonly ElasticsearchNodes[] =>
  index.workloads
    .filter(({ object }) => object.kind === 'StatefulSet')
    .flatMap((workload) =>
      mainContainers(workload)
        .filter((container) => imageName(container) === 'elasticsearch')
        .map((container) => {
          const variables = variablesOf(index, workload, container);
          const written = [...variables.values()].flatMap((variable): Setting[] => {
            const setting = settingOf(variable);
            return /^[a-z0-9_]+(\.[a-z0-9_]+)+$/.test(variable.name) && setting ? [setting] : [];
          });
          const files = configFilesOf(index, workload).filter(({ path }) =>
            /(^|\/)elasticsearch\.yml$/.test(path),
          );
          return {
            workload,
            container,
            variables,
            settings: settingsOf([...files.flatMap((file) => [...dottedIn(file)]), ...written]),
            pods: podsOf(workload),
          };
        }),
    ),
);

export const isOn = ({ settings }: ElasticsearchNodes, key: string): boolean =>
  settings.get(key)?.value === 'true';

/** Where a setting stands, or the workload. */
export function blame({ settings, workload }: ElasticsearchNodes, ...keys: readonly string[]) {
  const setting = keys.map((key) => settings.get(key)).find((each) => each);
  return { at: setting?.at ?? workload.object.node.origin, object: setting?.object ?? workload.object };
}
