import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findFiles } from '../../../scripts/tools/find.ts';
import { type ApiServer, podCidr } from './api-server.ts';
import type { Client, KubernetesObject } from './client.ts';
import { type Component, defineComponent, type Place } from './component.ts';
import { conditionOf } from './condition.ts';
import { httpStatus } from './http.ts';
import { writeKubeconfig } from './pki.ts';
import { freePort } from './ports.ts';
import { done, notYet, waitFor } from './wait.ts';

/** What KWOK does: nodes get Ready and stay so, pods get Ready at once, jobs' pods complete, deleted pods go soon. */
const stages = [
  'node/fast/node-initialize.yaml',
  'node/heartbeat-with-lease/node-heartbeat-with-lease.yaml',
  'pod/fast/pod-ready.yaml',
  'pod/fast/pod-complete.yaml',
  'pod/fast/pod-delete.yaml',
];

/** KWOK plays the kubelets of all nodes. */
export async function defineKwok(
  place: Place,
  apiServer: ApiServer,
  parameters: readonly string[] = [],
): Promise<Component> {
  const files = findFiles('kwok');
  if (files === undefined) throw new Error('KWOK’s stages are not there: run `npm run tools:build`');
  const port = await freePort();
  const kubeconfig = join(place.directory, 'kwok.kubeconfig');
  const config = join(place.directory, 'kwok.yaml');
  writeFileSync(
    config,
    stages.map((stage) => unhurried(stage, readFileSync(join(files, stage), 'utf8'))).join('\n---\n'),
  );
  return defineComponent(place, {
    name: 'kwok',
    program: 'kwok',
    parameters: () => [
      `--kubeconfig=${writeKubeconfig(kubeconfig, {
        server: apiServer.url,
        caFile: apiServer.caFile,
        token: apiServer.admin.token,
      })}`,
      `--config=${config}`,
      '--manage-all-nodes=true',
      '--node-lease-duration-seconds=40',
      '--node-ip=10.0.0.1',
      `--cidr=${podCidr}`,
      `--server-address=127.0.0.1:${port}`,
      ...parameters,
    ],
    ready: async () => {
      const status = await httpStatus(`http://127.0.0.1:${port}/healthz`);
      return status === 200 ? done(undefined) : notYet(`/healthz answers ${status}`);
    },
  });
}

/**
 * A pod takes a second to end. Gone at once, the disruption controller might never see a pod of a StatefulSet on its way out, and
 * would take the next one of that name for the evicted one, which it waits two minutes for.
 */
function unhurried(stage: string, text: string): string {
  if (!stage.endsWith('pod-delete.yaml')) return text;
  const changed = text.replace(/^ {2}next:$/m, '  delay:\n    durationMilliseconds: 1000\n  next:');
  if (changed === text) throw new Error(`${stage} does not say what comes next`);
  return changed;
}

/** What a simulated node has for pods. */
export interface NodeSpec {
  readonly name: string;
  /** Quantities, as `4` and `16Gi`. */
  readonly cpu: string;
  readonly memory: string;
  readonly pods?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly { readonly key: string; readonly effect: string; readonly value?: string }[];
}

/** Makes a node and waits until KWOK has made it Ready. */
export async function addNode(client: Client, node: NodeSpec): Promise<void> {
  const { name, cpu, memory, pods = '110' } = node;
  const resources = { cpu, memory, pods, 'ephemeral-storage': '100Gi' };
  const object: KubernetesObject = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        ...node.labels,
      },
      annotations: { 'kwok.x-k8s.io/node': 'fake' },
    },
    spec: node.taints ? { taints: node.taints } : {},
    status: { capacity: resources, allocatable: resources },
  };
  const created = await client.create(object);
  if (!created.ok) throw new Error(`Node ${name}: ${created.message}`);
  await waitFor(`Node ${name} to be Ready`, async () => {
    const seen = await client.get({ apiVersion: 'v1', kind: 'Node', name });
    const ready = conditionOf(seen, 'Ready');
    const taints = (seen?.['spec'] as { taints?: { key: string }[] } | undefined)?.taints ?? [];
    if (ready?.status !== 'True') return notYet(`Ready is ${ready?.status ?? 'not said'}`);
    // The node controller takes this taint off a little later than the node gets Ready.
    return taints.some(({ key }) => key === 'node.kubernetes.io/not-ready')
      ? notYet('it has the taint not-ready')
      : done(undefined);
  });
}
