import { describe } from '../../finding.ts';
import { numberAt, volumesOf } from '../../kubernetes/pod-template.ts';
import { isKind, locate } from '../../render/object.ts';
import { textAt } from '../../yaml/node.ts';
import type { Rule } from '../rule.ts';
import type { ReferenceSubject } from './index-objects.ts';
import { modesOf } from './storage-claims.ts';

export const sharedClaim: Rule<ReferenceSubject> = {
  id: 'reference/shared-claim',
  severity: 'warning',
  title: 'Several replicas do not share a claim that one node, or one pod, may mount',
  why: 'A ReadWriteOnce volume is mounted on one node: replicas that are scheduled elsewhere stay in ContainerCreating. ReadWriteOncePod admits a single pod.',
  fix: 'Use a StatefulSet with volumeClaimTemplates, an access mode of ReadWriteMany, or one replica.',
  docs: 'https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes',
  scope: 'general',
  *check(subject) {
    for (const { object, namespace, template } of subject.workloads) {
      if (!['Deployment', 'StatefulSet', 'ReplicaSet'].some((kind) => isKind(object, 'apps', kind))) continue;
      const replicas = numberAt(object.node, ['spec', 'replicas']) ?? 1;
      if (replicas < 2) continue;
      for (const volume of volumesOf(template)) {
        const name = textAt(volume.node, ['persistentVolumeClaim', 'claimName']);
        const claim = name && subject.find({ group: '', kind: 'PersistentVolumeClaim', namespace, name });
        if (!claim) continue;
        const modes = modesOf(claim.node);
        const single = modes.length === 1 && modes[0] === 'ReadWriteOncePod';
        if (!single && !(modes.length === 1 && modes[0] === 'ReadWriteOnce')) continue;
        yield {
          message: `${describe(object)}: its ${replicas} replicas share ${describe(claim)}, which is ${modes[0]}: ${single ? 'only one of them ever starts' : 'those on another node than the first stay in ContainerCreating'}`,
          at: locate(object, [...volume.path, 'persistentVolumeClaim', 'claimName']),
          object,
          ...(single && { severity: 'error' as const }),
        };
      }
    }
  },
};
