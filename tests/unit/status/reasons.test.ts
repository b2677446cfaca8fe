import { describe, expect, it } from 'vitest';
import {
  isHealthy,
  reasonsOfClaim,
  reasonsOfPod,
  reasonsOfWorkload,
} from '../../../scripts/status/reasons.ts';
import type { JsonObject } from '../../../scripts/yaml/node.ts';
import { container, event, now, pod, running, snapshot, statefulSet } from './objects.ts';

const why = (status: JsonObject, warnings: readonly JsonObject[] = [], metadata: JsonObject = {}): string =>
  reasonsOfPod(pod('kafka', status, metadata), snapshot({ warnings }), now)
    .map(({ object, message }) => `${object}: ${message}`)
    .join('\n');

describe('reasonsOfPod', () => {
  it('says nothing of a pod that is Ready, done, or on its way out', () => {
    expect(why(running)).toBe('');
    expect(why({ phase: 'Succeeded' })).toBe('');
    expect(
      why(container({ waiting: { reason: 'X' } }), [], { deletionTimestamp: '2030-01-01T11:59:00Z' }),
    ).toBe('');
  });

  it.each<[string, JsonObject, string]>([
    [
      'an image that cannot be pulled',
      container({ waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image "r/kafka:9"' } }),
      'container main: ImagePullBackOff: Back-off pulling image "r/kafka:9"',
    ],
    [
      'a crash loop, with the last exit code',
      container(
        { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 5m0s restarting' } },
        { restartCount: 12, lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } } },
      ),
      'container main: CrashLoopBackOff, exit code 137 (OOMKilled), 12 restarts',
    ],
    [
      'a Secret that is missing',
      container({
        waiting: { reason: 'CreateContainerConfigError', message: 'secret "nifi-credentials" not found' },
      }),
      'container main: CreateContainerConfigError: secret "nifi-credentials" not found',
    ],
    [
      'the words of the scheduler',
      {
        phase: 'Pending',
        conditions: [
          {
            type: 'PodScheduled',
            status: 'False',
            reason: 'Unschedulable',
            message: '0/1 nodes: Insufficient cpu.',
          },
        ],
      },
      'no node takes it: 0/1 nodes: Insufficient cpu.',
    ],
    [
      'a container that has ended',
      container({ terminated: { exitCode: 3, reason: 'Error', message: 'no such file\nmore' } }),
      'container main: ended, exit code 3: no such file',
    ],
    [
      'an eviction',
      { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' },
      'Evicted: The node was low on resource: memory.',
    ],
    ['a container that starts', container({ running: {} }), 'starting: main'],
  ])('tells %s', (_, status, message) => {
    expect(why(status)).toBe(`Pod infometis/kafka-0: ${message}`);
  });

  it('tells from its events why a volume is not mounted and which probe fails', () => {
    const mount = event('Pod', 'kafka-0', 'FailedMount', 'MountVolume.SetUp failed: secret "x" not found');
    expect(why(container({ waiting: { reason: 'ContainerCreating' } }), [mount])).toMatch(
      /secret "x" not found$/,
    );
    const probe = event('Pod', 'kafka-0', 'Unhealthy', 'Readiness probe failed: connection refused');
    expect(why(container({ running: {} }), [probe])).toMatch(/not ready yet: Readiness probe failed/);
    // What was said of the pod that had this name before is no reason of this one.
    const old = event('Pod', 'kafka-0', 'Unhealthy', 'Readiness probe failed', 'pod-before');
    expect(why(container({ running: {} }), [old])).toMatch(/starting: main$/);
  });

  it('tells of a pod that does not go away', () => {
    expect(why(running, [], { deletionTimestamp: '2030-01-01T11:00:00Z' })).toMatch(/is being deleted since/);
  });
});

describe('reasonsOfClaim', () => {
  const claim = (phase: string): JsonObject => ({
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data-kafka-0', namespace: 'infometis' },
    spec: { storageClassName: 'local-storage', volumeName: 'kafka-data' },
    status: { phase },
  });
  const volume = (phase: string): JsonObject => ({
    kind: 'PersistentVolume',
    metadata: { name: 'kafka-data' },
    spec: { claimRef: { namespace: 'infometis', name: 'data-kafka-0' } },
    status: { phase },
  });
  const told = (phase: string, ...objects: readonly JsonObject[]): string =>
    reasonsOfClaim(claim(phase), snapshot({ running: objects }))
      .map(({ message }) => message)
      .join('\n');

  it('tells a Released volume from one that is missing, and both from a lost one', () => {
    expect(told('Bound', volume('Bound'))).toBe('');
    expect(told('Pending', volume('Released'))).toMatch(/volume kafka-data is Released.*npm run reset/);
    expect(told('Pending')).toBe('unbound: there is no volume for it in class local-storage');
    expect(told('Lost')).toBe('its volume kafka-data is gone');
  });
});

describe('reasonsOfWorkload', () => {
  it('is silent about a healthy workload, whatever its pods say', () => {
    const bad = pod('kafka', container({ waiting: { reason: 'ImagePullBackOff' } }));
    expect(reasonsOfWorkload(statefulSet('kafka'), [bad], snapshot(), now)).toEqual([]);
  });

  it('asks who wanted to make pods that are nowhere to be seen', () => {
    const refused = event('StatefulSet', 'kafka', 'FailedCreate', 'denied: runs as root', 'set-kafka');
    expect(reasonsOfWorkload(statefulSet('kafka', 0), [], snapshot({ warnings: [refused] }), now)).toEqual([
      { object: 'StatefulSet infometis/kafka', message: 'its pods are not let in: denied: runs as root' },
    ]);
    expect(reasonsOfWorkload(statefulSet('kafka', 0), [], snapshot(), now)).toMatchObject([
      { message: 'not all of its pods are ready' },
    ]);
  });
});

describe('isHealthy', () => {
  const deployment = (status: JsonObject): JsonObject => ({
    kind: 'Deployment',
    metadata: { generation: 3 },
    spec: { replicas: 1 },
    status: { observedGeneration: 3, replicas: 1, updatedReplicas: 1, availableReplicas: 1, ...status },
  });

  it('does not take the old pods of a Deployment for the new ones', () => {
    expect(isHealthy(deployment({}))).toBe(true);
    expect(isHealthy(deployment({ replicas: 2 }))).toBe(false);
    expect(isHealthy(deployment({ updatedReplicas: 0 }))).toBe(false);
    expect(isHealthy(deployment({ observedGeneration: 2 }))).toBe(false);
  });

  it('waits for a Job to be complete', () => {
    const job = (...conditions: JsonObject[]): JsonObject => ({
      kind: 'Job',
      status: { conditions },
    });
    expect(isHealthy(job({ type: 'Complete', status: 'True' }))).toBe(true);
    expect(isHealthy(job())).toBe(false);
  });
});
