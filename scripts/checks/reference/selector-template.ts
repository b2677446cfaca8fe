import { describe } from '../../finding.ts';
import { podTemplateOf } from '../../kubernetes/pod-template.ts';
import { printRequirement, requirementsOf, unmet } from '../../kubernetes/selectors.ts';
import { isKind, locate } from '../../render/object.ts';
import { at } from '../../yaml/node.ts';
import type { Rule } from '../rule.ts';
import type { ReferenceSubject } from './index-objects.ts';

const kinds: readonly (readonly [string, string])[] = [
  ['apps', 'Deployment'],
  ['apps', 'StatefulSet'],
  ['apps', 'DaemonSet'],
  ['apps', 'ReplicaSet'],
];

export const selectorTemplate: Rule<ReferenceSubject> = {
  id: 'reference/selector-template',
  severity: 'error',
  title: 'The selector of a workload matches the labels of its own pod template',
  why: 'The API server refuses a workload that would not find its own pods.',
  fix: 'Give the pod template every label that the selector asks for.',
  docs: 'https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#selector',
  scope: 'general',
  *check(subject) {
    for (const { object } of subject.workloads) {
      if (!kinds.some(([group, kind]) => isKind(object, group, kind))) continue;
      const template = podTemplateOf(object);
      const selector = at(object.node, ['spec', 'selector']);
      if (!template || !selector) continue;
      const failed = unmet(template.labels, requirementsOf(selector));
      if (failed.length === 0) continue;
      const first = failed[0]!;
      const has = template.labels[first.key];
      yield {
        message: `${describe(object)}: its selector asks for ${failed.map(printRequirement).join(', ')}, ${has === undefined ? `and its pod template has no label \`${first.key}\`` : `and its pod template has ${first.key}=${has}`}: the API server refuses it`,
        fix: `Make the labels of the pod template and the selector agree on ${failed.map(({ key }) => `\`${key}\``).join(', ')}; the selector of an existing workload cannot be changed.`,
        at: locate(object, ['spec', 'selector', 'matchLabels', first.key]),
        object,
      };
    }
  },
};
