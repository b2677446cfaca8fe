import { describe } from '../../finding.ts';
import { builtInNamespaces } from '../../kubernetes/cluster-builtins.ts';
import type { NetworkPolicy, PolicyPeer, PolicyRule } from '../../kubernetes/network-policy.ts';
import { type Labels, printRequirement, type Requirement, unmet } from '../../kubernetes/selectors.ts';
import { locate } from '../../render/object.ts';
import { nearestName, slipOf } from '../../text/nearest.ts';
import type { Report, Rule } from '../rule.ts';
import { type NetworkSubject, nameLabel } from './subject.ts';

export const unmatchedPeer: Rule<NetworkSubject> = {
  id: 'network/unmatched-peer',
  severity: 'warning',
  title: 'The peers of a NetworkPolicy match namespaces and pods',
  why: 'A rule whose peers are nobody opens nothing: who was meant stays shut out.',
  fix: 'Write labels that the namespace and the pods have; every namespace has `kubernetes.io/metadata.name`.',
  docs: 'https://kubernetes.io/docs/concepts/services-networking/network-policies/#targeting-a-namespace-by-its-name',
  scope: 'general',
  *check(subject) {
    for (const policy of subject.ownPolicies)
      for (const rule of policy.rules)
        for (const peer of rule.peers)
          if (peer.addresses === undefined) yield* checkPeer(subject, policy, rule, peer);
  },
};

function* checkPeer(
  subject: NetworkSubject,
  policy: NetworkPolicy,
  rule: PolicyRule,
  peer: PolicyPeer,
): Generator<Report> {
  const side = rule.direction === 'ingress' ? 'from' : 'to';
  const judged =
    subject.plan?.closed.has(policy.namespace) && !subject.broken ? { severity: 'error' as const } : {};
  const namespaces =
    peer.namespaces === undefined
      ? [policy.namespace]
      : [...subject.namespaces]
          .filter(([, labels]) => unmet(labels, peer.namespaces ?? []).length === 0)
          .map(([name]) => name);
  if (namespaces.length === 0) {
    const wanted = peer.namespaces ?? [];
    const hint = namespaceHint(subject, wanted);
    if (hint === undefined && !judged.severity) return;
    yield {
      message: `${describe(policy.object)}: no namespace has ${wanted.map(printRequirement).join(', ')}: the rule opens nothing ${side} it${hint ?? ''}`,
      at: locate(policy.object, [...peer.path, 'namespaceSelector']),
      object: policy.object,
      ...judged,
    };
    return;
  }
  const { pods } = peer;
  if (pods === undefined || pods.length === 0) return;
  const inside = subject.pods.filter((group) => namespaces.includes(group.namespace));
  if (inside.some((group) => !group.stranger && group.fulfils(pods))) return;
  const isUnseen = namespaces.some((namespace) => subject.index.isOpaque(namespace));
  if (isUnseen && !judged.severity) return;
  const near = inside.find((group) => !group.stranger && isSlip(group.labels, pods));
  const elsewhere = subject.pods.find((group) => !group.stranger && group.fulfils(pods));
  const hint = near
    ? `; ${near.title} has ${pods.map(({ key }) => `${key}=${near.labels[key] ?? '(none)'}`).join(', ')}`
    : elsewhere
      ? `; ${elsewhere.title} has, and is in namespace ${elsewhere.namespace}: a podSelector without a namespaceSelector looks in the policy's own namespace`
      : '';
  yield {
    message: `${describe(policy.object)}: no pod of namespace ${namespaces.join(', ')} has ${pods.map(printRequirement).join(', ')}: the rule opens nothing ${side} it${hint}`,
    at: locate(policy.object, [...peer.path, 'podSelector']),
    object: policy.object,
    ...judged,
  };
}

/** How a selector of namespaces is wrong; undefined where a namespace that Git does not make may have the labels. */
function namespaceHint(subject: NetworkSubject, wanted: readonly Requirement[]): string | undefined {
  const { index } = subject;
  const names = [...subject.namespaces.keys()];
  for (const { key, values } of wanted)
    if (key === nameLabel && values.length === 1) {
      const slip = slipOf(values[0] ?? '', names);
      return slip === undefined ? undefined : `; did you mean \`${slip}\`?`;
    }
  const declared = new Set(index.everywhere('', 'Namespace').map(({ name }) => name));
  const isWhole =
    declared.size > 0 &&
    names.every((name) => declared.has(name) || builtInNamespaces.has(name) || name === 'flux-system');
  // The name is one that no namespace has: opaque means that something may make any namespace.
  if (!isWhole || index.isOpaque(nobody)) return undefined;
  const key = wanted[0]?.key ?? '';
  const values = wanted[0]?.values ?? [];
  const byName = names.find((name) => values.includes(name));
  if (byName !== undefined) return `; write \`${nameLabel}: ${byName}\`, which Kubernetes sets itself`;
  const carried = new Set([...subject.namespaces.values()].flatMap((labels) => Object.keys(labels)));
  const nearest = nearestName(key, carried);
  return nearest === undefined ? '' : `; did you mean \`${nearest}\`?`;
}

const nobody = '(no namespace)';

/** Whether all but one condition hold, or its value is mistyped. */
const isSlip = (labels: Labels, wanted: readonly Requirement[]): boolean => {
  const failed = unmet(labels, wanted);
  const [only] = failed;
  if (failed.length !== 1 || !only) return false;
  return wanted.length > 1 || slipOf(only.values[0] ?? '', [labels[only.key] ?? '']) !== undefined;
};
