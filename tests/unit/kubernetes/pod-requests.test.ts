import { describe, expect, test } from 'vitest';
import { podAmounts, printAmount } from '../../../scripts/kubernetes/pod-requests.ts';
import { podTemplateOf } from '../../../scripts/kubernetes/pod-template.ts';
import { demandOf, rollingUpdateOf } from '../../../scripts/kubernetes/workload-demand.ts';
import { renderedObject } from '../../../scripts/render/object.ts';
import type { MapNode } from '../../../scripts/yaml/node.ts';
import { parseYaml } from '../../../scripts/yaml/parse.ts';

const objectsOf = (yaml: string) =>
  parseYaml('all.yaml', yaml).documents.map(({ node }) =>
    renderedObject(node as MapNode, { environment: 'test', component: 'test' }),
  );

const amounts = (spec: string, bound: 'requests' | 'limits' = 'requests') => {
  const [object] = objectsOf(`apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: ${spec}\n`);
  const { cpu, memory } = podAmounts(podTemplateOf(object!)!, bound);
  return { cpu, memory };
};

describe('what a pod asks for', () => {
  test('is what its containers ask for together; a limit stands for a request that is not there', () => {
    expect(
      amounts(
        '{containers: [{name: a, resources: {requests: {cpu: 1}, limits: {cpu: 2, memory: 8}}}, {name: b, resources: {limits: {cpu: 3}}}]}',
      ),
    ).toEqual({ cpu: 4, memory: 8 });
  });

  test('is what an init container asks for, beside the sidecars started before it, where that is more', () => {
    const pod = (first: string, second: string) =>
      amounts(
        `{initContainers: [${first}, ${second}], containers: [{name: main, resources: {requests: {memory: 4}}}]}`,
      ).memory;
    const sidecar = '{name: side, restartPolicy: Always, resources: {requests: {memory: 3}}}';
    const init = '{name: init, resources: {requests: {memory: 6}}}';
    expect(pod(sidecar, init)).toBe(9);
    // 6 alone, then 3 and 4.
    expect(pod(init, sidecar)).toBe(7);
  });

  test('is what the pod itself states, and its limit where no container asks for anything', () => {
    const containers = 'containers: [{name: main, resources: {requests: {cpu: 1}}}]';
    expect(amounts(`{resources: {requests: {cpu: 3}, limits: {memory: 7}}, ${containers}}`)).toEqual({
      cpu: 3,
      memory: 7,
    });
    expect(amounts(`{resources: {limits: {cpu: 5}}, ${containers}}`).cpu).toBe(1);
    expect(amounts(`{resources: {limits: {cpu: 5}}, ${containers}}`, 'limits').cpu).toBe(5);
  });

  test('has what its runtime needs on top', () => {
    const [workload] = demandOf(
      objectsOf(`apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template: {spec: {runtimeClassName: kata, containers: [{name: main, resources: {requests: {memory: 1Gi}}}]}}
---
apiVersion: node.k8s.io/v1
kind: RuntimeClass
metadata: {name: kata}
handler: kata
overhead: {podFixed: {memory: 256Mi, cpu: 250m}}
`),
      1,
    );
    expect(workload?.requests).toEqual({ cpu: 0.25, memory: 1.25 * 2 ** 30, 'ephemeral-storage': 0 });
  });
});

describe('a rolling update', () => {
  const update = (strategy: string, replicas: number) =>
    rollingUpdateOf(
      objectsOf(
        `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {strategy: ${strategy}}\n`,
      )[0]!,
      replicas,
    );

  test.each([
    ['{}', 1, { surge: 1, unavailable: 0 }],
    ['{}', 4, { surge: 1, unavailable: 1 }],
    ['{}', 5, { surge: 2, unavailable: 1 }],
    ['{type: Recreate}', 2, { surge: 0, unavailable: 2 }],
    ['{rollingUpdate: {maxSurge: 0, maxUnavailable: 1}}', 1, { surge: 0, unavailable: 1 }],
    // The API server takes both as percentages that come to nothing; the controller then lets one go.
    ['{rollingUpdate: {maxSurge: 0, maxUnavailable: 10%}}', 2, { surge: 0, unavailable: 1 }],
  ])('%s of %i', (strategy, replicas, expected) => {
    expect(update(strategy, replicas)).toEqual(expected);
  });
});

test('the pods that run with one node down', () => {
  const left = (nodes: number, replicas: number, spread: string) =>
    demandOf(
      objectsOf(`apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: ${replicas}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: main}]
      topologySpreadConstraints: [{topologyKey: kubernetes.io/hostname, ${spread}, labelSelector: {matchLabels: {app: web}}}]
`),
      nodes,
    )[0]?.oneNodeDown;
  // The node that is down still counts as one without pods.
  expect(left(3, 3, 'maxSkew: 1, whenUnsatisfiable: DoNotSchedule')).toBe(2);
  expect(left(3, 6, 'maxSkew: 1, whenUnsatisfiable: DoNotSchedule')).toBe(4);
  expect(left(3, 6, 'maxSkew: 3, whenUnsatisfiable: DoNotSchedule')).toBe(6);
  expect(left(3, 3, 'maxSkew: 1, whenUnsatisfiable: DoNotSchedule, nodeTaintsPolicy: Honor')).toBe(3);
  expect(left(3, 3, 'maxSkew: 1, whenUnsatisfiable: ScheduleAnyway')).toBe(3);
  expect(left(1, 3, 'maxSkew: 1, whenUnsatisfiable: DoNotSchedule')).toBeUndefined();
});

test('amounts are printed as people write them', () => {
  expect(printAmount('memory', 63.125 * 2 ** 30)).toBe('63.13Gi');
  expect(printAmount('memory', 512 * 2 ** 20)).toBe('512Mi');
  expect(printAmount('cpu', 31.999999999)).toBe('32');
});
