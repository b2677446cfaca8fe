import { describe } from '../../finding.ts';
import { numberAt, portsOf, volumesOf } from '../../kubernetes/pod-template.ts';
import { at, textAt } from '../../yaml/node.ts';
import type { Report, Rule } from '../rule.ts';
import { volumeAt } from './config-files.ts';
import { type FlinkCluster, type FlinkProcess, flinkClusters } from './flink.ts';
import type { Setting } from './setting.ts';
import type { ConfigurationSubject } from './subject.ts';

export const flinkHighAvailability: Rule<ConfigurationSubject> = {
  id: 'configuration/flink-high-availability',
  severity: 'error',
  title:
    'Several JobManagers elect a leader at an address of its own, and what a job needs to go on is on storage that all share',
  why: 'Without an election each JobManager has jobs of its own behind one Service. What lies on the disk of one pod is gone with its node: no job starts again from its checkpoint.',
  fix: 'Set high-availability.type, .zookeeper.quorum, .cluster-id, .storageDir, a fixed .jobmanager.port, and the pod’s address as an argument of the JobManager; checkpoints and savepoints on s3:// or a shared volume.',
  docs: 'https://nightlies.apache.org/flink/flink-docs-release-1.18/docs/deployment/ha/zookeeper_ha/',
  scope: 'infometis',
  *check({ index }) {
    for (const cluster of flinkClusters(index)) {
      yield* checkElection(cluster);
      yield* checkStorage(index, cluster);
    }
  },
};

const replicasOf = ({ workload }: FlinkProcess): number =>
  numberAt(workload.object.node, ['spec', 'replicas']) ?? 1;

/** `high-availability` is the option's former name. */
const typeOf = ({ settings }: FlinkCluster): Setting | undefined =>
  settings.get('high-availability.type') ?? settings.get('high-availability');

const isOff = (type: Setting | undefined): boolean => type === undefined || /^none$/i.test(type.value);

function* checkElection(cluster: FlinkCluster): Generator<Report> {
  const { jobManagers, settings } = cluster;
  const type = typeOf(cluster);
  for (const process of jobManagers) {
    const { workload, container } = process;
    const report = (message: string, blamed: Setting | undefined = type): Report => ({
      message: `${describe(workload.object)}: ${message}`,
      at: blamed?.at ?? workload.object.node.origin,
      object: blamed?.object ?? workload.object,
    });
    if (isOff(type)) {
      if (replicasOf(process) > 1)
        yield report(
          `${replicasOf(process)} JobManagers without \`high-availability.type\`: each has jobs of its own`,
        );
      continue;
    }
    const zookeeper = /^zookeeper$/i.test(type!.value);
    if (zookeeper && !settings.get('high-availability.zookeeper.quorum')?.value)
      yield report(
        '`high-availability.type` is zookeeper and `high-availability.zookeeper.quorum` is missing: it does not start',
      );
    if (!settings.get('high-availability.storageDir')?.value)
      yield report('`high-availability.storageDir` is missing: it does not start');
    const port = settings.get('high-availability.jobmanager.port');
    const open = portsOf(workload.template).filter((each) => each.container === container.name);
    if (zookeeper && (!port || !/^[1-9]\d*$/.test(port.value)))
      yield report(
        `\`high-availability.jobmanager.port\` is ${port?.value ?? '0 (the default)'}: with an election the port comes from here and is any free one, which no probe, Service or network policy knows`,
        port,
      );
    else if (
      zookeeper &&
      port &&
      open.length > 0 &&
      !open.some(({ number }) => String(number) === port.value)
    )
      yield report(
        `\`high-availability.jobmanager.port\` is ${port.value}, and container \`${container.name}\` declares ${open.map(({ number }) => number).join(', ')}`,
        port,
      );
    if (replicasOf(process) > 1 && process.arguments.length < 2)
      yield report(
        'the argument `jobmanager` stands alone: every JobManager is then known by the name of the Service, and TaskManagers reach any of them',
      );
  }
}

function* checkStorage(index: ConfigurationSubject['index'], cluster: FlinkCluster): Generator<Report> {
  const { jobManagers, taskManagers, settings } = cluster;
  const first = jobManagers[0]!;
  const title = describe(first.workload.object);
  const several =
    !isOff(typeOf(cluster)) || [...jobManagers, ...taskManagers].some((each) => replicasOf(each) > 1);
  const report = (message: string, blamed: Setting | undefined): Report => ({
    message: `${title}: ${message}`,
    at: blamed?.at ?? first.workload.object.node.origin,
    object: blamed?.object ?? first.workload.object,
  });
  const interval = settings.get('execution.checkpointing.interval');
  if (interval && !settings.has('state.checkpoints.dir'))
    yield report(
      'checkpoints are made and `state.checkpoints.dir` is missing: they lie in the heap of the JobManager and are gone with it',
      interval,
    );
  for (const key of ['state.checkpoints.dir', 'state.savepoints.dir', 'high-availability.storageDir']) {
    const setting = settings.get(key);
    if (!setting || (key.startsWith('high') && isOff(typeOf(cluster)))) continue;
    const path = /^(?:file:(?:\/\/)?)?(\/.*)$/.exec(setting.value)?.[1];
    if (path === undefined) {
      if (!/^[a-z][a-z0-9+.-]*:\/\//.test(setting.value))
        yield report(
          `\`${key}\` is \`${setting.value}\`, which is neither a path nor a URI such as s3://bucket/path`,
          setting,
        );
      continue;
    }
    // Where a cluster has one of each, a claim that both mount is shared enough.
    const claims = [...jobManagers, ...taskManagers].map((process) => claimAt(process, path));
    if (claims.some((claim) => claim === undefined))
      yield report(
        `\`${key}\` is ${setting.value}, which is on no persistent volume of ${claims[0] === undefined ? 'the JobManager' : 'the TaskManager'}: what is there is gone with the pod`,
        setting,
      );
    else if (new Set(claims).size > 1)
      yield report(
        `\`${key}\` is ${setting.value}, on different volumes of JobManager and TaskManager`,
        setting,
      );
    else if (several && !isShared(index, first.workload.namespace, claims[0]!))
      yield report(
        `\`${key}\` is ${setting.value}, on the claim \`${claims[0]}\`, which one node alone can mount: a pod elsewhere finds nothing there`,
        setting,
      );
  }
}

/** The claim that a path lies on. */
function claimAt({ workload, container }: FlinkProcess, path: string): string | undefined {
  const place = volumeAt(container, path);
  const volume = place && volumesOf(workload.template).find(({ name }) => name === place.volume);
  return textAt(volume?.node, ['persistentVolumeClaim', 'claimName']);
}

function isShared(index: ConfigurationSubject['index'], namespace: string, name: string): boolean {
  const claim = index.find({ group: '', kind: 'PersistentVolumeClaim', namespace, name });
  const modes = at(claim?.node, ['spec', 'accessModes']);
  return (
    claim === undefined ||
    (modes?.type === 'list' &&
      modes.items.some((mode) => mode.type === 'scalar' && mode.value === 'ReadWriteMany'))
  );
}
