import { type NamespacePolicy, podSecurityLevels, policyOf } from '../../kubernetes/pod-security/index.ts';
import type { RenderedObject } from '../../render/object.ts';
import { mapIn } from '../json.ts';
import { keptObjects, report } from './report.ts';
import type { DangerRule } from './rule.ts';

export const podSecurityLowered: DangerRule = {
  id: 'pod-security-lowered',
  severity: 'danger',
  title: 'A Namespace enforces a lower Pod Security level',
  why: 'Pods that could not run there before now can: with the rights of root, or with the node’s files and network.',
  fix: 'Keep the level and mend the pod that it refuses; what needs more rights gets a namespace of its own.',
  *check(change) {
    for (const kept of keptObjects(change, '/Namespace')) {
      const [before, after] = [kept.before, kept.after].map(
        (namespace) => levels(namespace).enforce.level,
      ) as [Level, Level];
      if (podSecurityLevels.indexOf(after) < podSecurityLevels.indexOf(before))
        yield report(
          kept,
          ['metadata', 'labels', 'pod-security.kubernetes.io/enforce'],
          `it enforces ${after} instead of ${before}`,
        );
    }
  },
};

type Level = NamespacePolicy['modes']['enforce']['level'];

const levels = ({ value }: RenderedObject): NamespacePolicy['modes'] =>
  policyOf(mapIn(value, ['metadata', 'labels'])).modes;
