import { closing, type Direction, directions } from '../../kubernetes/network-policy.ts';
import { locate } from '../../render/object.ts';
import { isUnknown } from '../reference/known-cluster.ts';
import type { Rule } from '../rule.ts';
import { type NetworkSubject, printPods } from './subject.ts';

export const defaultDeny: Rule<NetworkSubject> = {
  id: 'network/default-deny',
  severity: 'error',
  title: 'In a closed namespace a policy closes every pod in both directions',
  why: 'Without one, a pod that no policy selects reaches everything and is reached by everyone, and so is each pod that is added later.',
  fix: 'Add a NetworkPolicy with `podSelector: {}` and `policyTypes: [Ingress, Egress]` to the namespace.',
  docs: 'https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-policies',
  scope: 'infometis',
  *check(subject) {
    const { plan } = subject;
    // Policies of a build that failed are not known.
    if (!plan || subject.index.environment.builds.some(isUnknown)) return;
    for (const namespace of plan.closed) {
      const inside = subject.pods.filter((pods) => pods.namespace === namespace && !pods.hostNetwork);
      const isOpen = (direction: Direction): boolean =>
        inside.some((pods) => pods.stranger && closing(subject.policies, pods, direction).length === 0);
      const open = directions.filter(isOpen);
      if (open.length === 0) continue;
      const unguarded = inside.filter(
        (pods) =>
          !pods.stranger && open.some((direction) => closing(subject.policies, pods, direction).length === 0),
      );
      const object = subject.index.find({ group: '', kind: 'Namespace', name: namespace });
      const listed = plan.file.environments
        .find(({ name }) => name === subject.environment)
        ?.closed.find((entry) => entry.namespace === namespace);
      yield {
        message: `namespace ${namespace}: no NetworkPolicy closes ${open.join(' and ')} for every pod${
          unguarded.length > 0
            ? `; quite open are ${printPods(
                unguarded.map(({ title }) => title),
                5,
              )}`
            : ''
        }`,
        at: object ? locate(object, ['kind']) : listed!.origin,
        ...(object && { object }),
      };
    }
  },
};
