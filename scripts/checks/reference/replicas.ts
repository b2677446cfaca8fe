import { numberAt } from '../../kubernetes/pod-template.ts';
import { isKind, type RenderedObject } from '../../render/object.ts';
import { textAt } from '../../yaml/node.ts';
import type { ReferenceSubject } from './index-objects.ts';

/** How many pods a workload keeps; undefined where an autoscaler says it, or where there is one on each node. */
export function replicasOf(subject: ReferenceSubject, object: RenderedObject): number | undefined {
  if (!['Deployment', 'StatefulSet', 'ReplicaSet'].some((kind) => isKind(object, 'apps', kind)))
    return undefined;
  const isScaled = subject
    .everywhere('autoscaling', 'HorizontalPodAutoscaler', subject.namespaceOf(object))
    .some(
      (scaler) =>
        textAt(scaler.node, ['spec', 'scaleTargetRef', 'kind']) === object.kind &&
        textAt(scaler.node, ['spec', 'scaleTargetRef', 'name']) === object.name,
    );
  return isScaled ? undefined : (numberAt(object.node, ['spec', 'replicas']) ?? 1);
}
