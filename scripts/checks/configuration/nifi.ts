/** NiFi's nodes, and what their nifi.properties will hold. */

import type { Container } from '../../kubernetes/pod-template.ts';
import type { Workload } from '../reference/index-objects.ts';
import { configFilesOf, imageName, mainContainers, propertiesIn } from './config-files.ts';
import { type Setting, type Settings, settingsOf } from './setting.ts';
import { oncePerEnvironment } from './subject.ts';
import { type Pod, podsOf, settingOf, type Variables, variablesOf } from './variables.ts';

export interface NifiNodes {
  readonly workload: Workload;
  readonly container: Container;
  readonly variables: Variables;
  /** The image's start script writes variables over what the files say. */
  readonly settings: Settings;
  readonly pods: readonly Pod[];
}

const properties: ReadonlyMap<string, string> = new Map([
  ['NIFI_CLUSTER_ADDRESS', 'nifi.cluster.node.address'],
  ['NIFI_CLUSTER_IS_NODE', 'nifi.cluster.is.node'],
  ['NIFI_CLUSTER_NODE_PROTOCOL_PORT', 'nifi.cluster.node.protocol.port'],
  ['NIFI_ELECTION_MAX_CANDIDATES', 'nifi.cluster.flow.election.max.candidates'],
  ['NIFI_SENSITIVE_PROPS_KEY', 'nifi.sensitive.props.key'],
  ['NIFI_WEB_HTTPS_HOST', 'nifi.web.https.host'],
  ['NIFI_WEB_HTTPS_PORT', 'nifi.web.https.port'],
  ['NIFI_WEB_HTTP_PORT', 'nifi.web.http.port'],
  ['NIFI_ZK_CONNECT_STRING', 'nifi.zookeeper.connect.string'],
  ['NIFI_ZK_ROOT_NODE', 'nifi.zookeeper.root.node'],
]);

export const nifiNodes = oncePerEnvironment((index): readonly NifiNodes[] =>
  index.workloads
    .filter(({ object }) => object.kind === 'StatefulSet')
    .flatMap((workload) =>
      mainContainers(workload)
        .filter((container) => imageName(container) === 'nifi')
        .map((container) => {
          const variables = variablesOf(index, workload, container);
          const written = [...variables.values()].flatMap((variable): Setting[] => {
            const setting = settingOf(variable, properties.get(variable.name));
            return properties.has(variable.name) && setting ? [setting] : [];
          });
          const files = configFilesOf(index, workload).filter(({ path }) =>
            /(^|\/)nifi[\w-]*\.properties$/.test(path),
          );
          return {
            workload,
            container,
            variables,
            settings: settingsOf([...files.flatMap(propertiesIn), ...written]),
            pods: podsOf(workload),
          };
        }),
    ),
);
