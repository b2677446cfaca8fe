import { describe } from '../../finding.ts';
import { booleanAt } from '../../kubernetes/pod-template.ts';
import { locate } from '../../render/object.ts';
import { textAt } from '../../yaml/node.ts';
import type { Workload } from '../reference/index-objects.ts';
import type { Report, Rule } from '../rule.ts';
import { elasticsearchNodes } from './elasticsearch.ts';
import { kafkaNodes } from './kafka-nodes.ts';
import { nifiNodes } from './nifi.ts';
import type { ConfigurationSubject } from './subject.ts';
import { podsOf } from './variables.ts';
import { zooKeepers } from './zookeeper.ts';

export const quorumStart: Rule<ConfigurationSubject> = {
  id: 'configuration/quorum-start',
  severity: 'error',
  title:
    'Pods that become ready only together are started together, and find each other before they are ready',
  why: 'The first pod waits for a majority, Kubernetes waits for the first pod: nothing ever starts. The same happens where DNS hides the names of pods that are not ready yet.',
  fix: 'Set `podManagementPolicy: Parallel` on the StatefulSet and `publishNotReadyAddresses: true` on its headless Service.',
  docs: 'https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#parallel-pod-management',
  scope: 'infometis',
  *check({ index }) {
    const all = [kafkaNodes(index), zooKeepers(index), nifiNodes(index), elasticsearchNodes(index)];
    for (const { workload } of all.flat())
      if (podsOf(workload).length > 1) yield* checkWorkload(index, workload);
  },
};

function* checkWorkload(
  index: ConfigurationSubject['index'],
  { object, namespace }: Workload,
): Generator<Report> {
  if (object.kind !== 'StatefulSet') return;
  const policy = textAt(object.node, ['spec', 'podManagementPolicy']);
  if (policy !== 'Parallel')
    yield {
      message: `${describe(object)}: \`podManagementPolicy\` is ${policy ?? 'OrderedReady (the default)'}, and its first pod is ready only when others are there: nothing starts after all of them were stopped`,
      at: locate(object, ['spec', 'podManagementPolicy']),
      object,
    };
  const name = textAt(object.node, ['spec', 'serviceName']);
  const service = name && index.find({ group: '', kind: 'Service', namespace, name });
  if (service && booleanAt(service.node, ['spec', 'publishNotReadyAddresses']) !== true)
    yield {
      message: `${describe(service)}: \`publishNotReadyAddresses\` is not true, and the pods of ${describe(object)} look for each other by its names before they are ready`,
      at: locate(service, ['spec', 'publishNotReadyAddresses']),
      object: service,
    };
}
