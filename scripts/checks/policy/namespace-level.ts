import { describe } from '../../finding.ts';
import { isKind, locate } from '../../render/object.ts';
import { at, textAt } from '../../yaml/node.ts';
import type { Rule } from '../rule.ts';
import { schemas } from '../schema/subject.ts';
import { checkPodSecurity } from './check-pod-security.ts';
import type { PolicySubject } from './subject.ts';

const label = 'pod-security.kubernetes.io/enforce';
const levels = ['restricted', 'baseline', 'privileged'] as const;

export const namespaceLevel: Rule<PolicySubject> = {
  id: 'policy/namespace-level',
  severity: 'error',
  scope: 'infometis',
  title: 'A namespace enforces the strictest Pod Security level that its pods keep to.',
  why: 'The pods of today run either way. A lower level is there for whatever comes tomorrow: a changed chart, a forgotten field, an intruder who may make pods.',
  fix: 'Write the level into the label `pod-security.kubernetes.io/enforce` of the Namespace.',
  docs: 'https://kubernetes.io/docs/concepts/security/pod-security-standards/',
  *check({ objects, incomplete }) {
    // The pod that needs the lower level may be the one that is missing.
    if (incomplete) return;
    for (const object of objects) {
      if (!isKind(object, '', 'Namespace')) continue;
      const own = objects.filter(({ namespace }) => namespace === object.name);
      // The pods of a chart are not seen here.
      const isOpaque = objects.some(
        ({ apiVersion, node }) =>
          apiVersion.startsWith('helm.toolkit.fluxcd.io/') &&
          textAt(node, ['spec', 'targetNamespace']) === object.name,
      );
      const pods = own.filter(({ node }) => hasPods(node));
      if (isOpaque || pods.length === 0) continue;
      const enforced = textAt(object.node, ['metadata', 'labels', label]) ?? 'privileged';
      const stricter = levels.slice(0, Math.max(0, (levels as readonly string[]).indexOf(enforced)));
      const kept = stricter.find(
        (level) =>
          checkPodSecurity({ schemas: schemas(), objects: pods, namespaces: [], level }).length === 0,
      );
      if (kept === undefined) continue;
      yield {
        message: `${describe(object)}: it enforces ${enforced}, and all its pods keep to ${kept}`,
        at: locate(object, ['metadata', 'labels', label]),
        object,
      };
    }
  },
};

const hasPods = (node: Parameters<typeof at>[0]): boolean =>
  at(node, ['spec', 'template', 'spec', 'containers']) !== undefined ||
  at(node, ['spec', 'jobTemplate', 'spec', 'template', 'spec', 'containers']) !== undefined ||
  at(node, ['spec', 'containers']) !== undefined;
