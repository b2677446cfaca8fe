import { describe, expect, test } from 'vitest';
import { jobManagerHeap, taskHeap } from '../../../scripts/checks/configuration/flink-memory.ts';
import { configurationStage } from '../../../scripts/checks/configuration/index.ts';
import { type Setting, settingsOf } from '../../../scripts/checks/configuration/setting.ts';
import { runStage } from '../../../scripts/checks/stage.ts';
import { fixtureRepository } from '../../rules/harness.ts';

const workload = (role: string): string => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${role}
  namespace: shop
spec:
  template:
    spec:
      containers:
        - name: ${role}
          image: flink:1.18.1
          args: [${role}]
          resources:
            limits:
              memory: 2Gi
      volumes:
        - name: config
          configMap:
            name: flink
---
`;

/** What is said of the memory of a TaskManager of this size. */
async function told(size: string): Promise<readonly string[]> {
  const repository = await fixtureRepository({
    'flink.yaml': `${workload('jobmanager')}${workload('taskmanager')}apiVersion: v1
kind: ConfigMap
metadata:
  name: flink
  namespace: shop
data:
  flink-conf.yaml: |
    jobmanager.memory.process.size: 1600m
    taskmanager.memory.process.size: ${size}
`,
  });
  const only = ({ id }: { readonly id: string }): boolean => id === 'configuration/flink-memory';
  return [...runStage(configurationStage, repository, only)].map(
    ({ severity, message }) => `${severity}: ${message}`,
  );
}

const settings = (values: Readonly<Record<string, string>>) =>
  settingsOf(Object.entries(values).map(([key, value]) => ({ key, value }) as Setting));

const mebi = 2 ** 20;

// Asked of TaskExecutorProcessUtils and JobManagerProcessUtils themselves, of flink-dist 1.18.1.
describe('the parts of a process add up as in Flink 1.18.1', () => {
  test.each([
    ['1g', '0.4', 25.6],
    ['1728m', '0.25', 576],
    ['1728m', '0.4', 384],
    ['2048m', '0.4', 537.6],
    ['8g', '0.4', 3302.4],
    ['20g', '0.1', 15104],
  ])('a TaskManager of %s with %s managed', (size, fraction, heap) => {
    const sizes = taskHeap(
      settings({ 'taskmanager.memory.process.size': size, 'taskmanager.memory.managed.fraction': fraction }),
    );
    expect(sizes!.heap / mebi).toBeCloseTo(heap, 1);
  });

  test.each([
    ['1600m', 1024],
    ['800m', 224],
  ])('a JobManager of %s', (size, heap) => {
    expect(jobManagerHeap(settings({ 'jobmanager.memory.process.size': size }))!.heap / mebi).toBe(heap);
  });

  test('what Flink refuses has no heap left', () => {
    const task = (size: string, fraction: string) =>
      taskHeap(
        settings({
          'taskmanager.memory.process.size': size,
          'taskmanager.memory.managed.fraction': fraction,
        }),
      )!.heap;
    expect(task('900m', '0.4')).toBeLessThanOrEqual(0);
    expect(task('800m', '0.25')).toBeLessThanOrEqual(0);
    expect(jobManagerHeap(settings({ 'jobmanager.memory.process.size': '500m' }))!.heap).toBeLessThanOrEqual(
      0,
    );
  });
});

test('what is said of a TaskManager', async () => {
  expect(await told('1g')).toEqual([
    expect.stringContaining(
      '25m are left for the heap of tasks: 1024m less 256m metaspace, 192m overhead, 230m managed, 64m network, 256m',
    ),
  ]);
  expect(await told('1728m')).toEqual([]);
  expect(await told('2048m')).toEqual([]);
  expect(await told('2049m')).toEqual([expect.stringMatching(/^error: .* the process is 2049m/)]);
  expect(await told('900m')).toEqual([
    expect.stringMatching(/^error: .* no memory is left for the heap of tasks/),
  ]);
});
