import {
  directions,
  type NetworkPolicy,
  type PolicyPeer,
  type PolicyRule,
  portsOpened,
  readNetworkPolicy,
} from '../../kubernetes/network-policy.ts';
import {
  addressRange,
  covers as coversSet,
  printAddresses,
  union,
} from '../../kubernetes/network-policy-sets.ts';
import { podTemplateOf } from '../../kubernetes/pod-template.ts';
import { printRequirement, type Requirement, unmet } from '../../kubernetes/selectors.ts';
import type { RenderedObject } from '../../render/object.ts';
import type { Json } from '../../yaml/node.ts';
import { isEqual } from '../json.ts';
import { addedObjects, isOneOf, keptObjects, removedObjects, report } from './report.ts';
import type { DangerRule } from './rule.ts';

const kind = 'networking.k8s.io/NetworkPolicy';

export const networkOpened: DangerRule = {
  id: 'network-opened',
  severity: 'danger',
  title: 'A NetworkPolicy lets more through than before',
  why: 'Pods become reachable, or may reach out, where they could not: what protects them then is their own login alone, and some have none.',
  fix: 'Name the pods and the ports that need it, in network/flows.yaml, too; say in the pull request who needs the way.',
  *check(change) {
    const before = policiesOf(change.before);
    const after = policiesOf(change.after);
    for (const kept of keptObjects(change, kind)) {
      const [old, now] = [read(kept.before), read(kept.after)];
      for (const direction of directions)
        if (old.closes.has(direction) && !now.closes.has(direction) && !isClosed(after, now, direction))
          yield report(
            kept,
            ['spec', 'policyTypes'],
            `it no longer closes ${direction}: everything gets through`,
          );
      if (
        !isSame(old.pods, now.pods) &&
        old.closes.size > 0 &&
        now.pods.length > 0 &&
        ![...old.closes].every((direction) => isClosed(after, old, direction))
      )
        yield report(kept, ['spec', 'podSelector'], `it no longer guards the pods with ${print(old.pods)}`);
      const isOther = !isSame(old.pods, now.pods);
      for (const rule of widerRules(now, before))
        if (!isOther || isClosed(before, now, rule.direction)) yield report(kept, rule.path, opens(rule));
    }
    for (const added of addedObjects(change, kind)) {
      const policy = read(added.after);
      for (const rule of widerRules(policy, before)) {
        // The first policy of its pods closes more than it opens.
        if (!isClosed(before, policy, rule.direction)) continue;
        yield report(
          added,
          rule.path,
          opens(rule),
          isForAll(rule) ? {} : { severity: 'notice', fix: 'See that it is no wider than needed.' },
        );
      }
    }
    for (const removed of removedObjects(change, kind)) {
      const policy = read(removed.before);
      if (!removed.fate.deleted) continue;
      for (const direction of policy.closes)
        if (!isClosed(after, policy, direction) && isInUse(policy, change.after))
          yield report(
            removed,
            [],
            `it is gone, and nothing else closes ${direction} of the pods with ${print(policy.pods)}: everything gets through`,
          );
    }
  },
};

const read = (object: RenderedObject): NetworkPolicy =>
  readNetworkPolicy(object, object.namespace ?? 'default');

const policiesOf = (objects: readonly RenderedObject[]): readonly NetworkPolicy[] =>
  objects.filter((object) => isOneOf(object, [kind])).map(read);

const isSame = (a: readonly Requirement[], b: readonly Requirement[]): boolean =>
  isEqual(a as unknown as Json, b as unknown as Json);

/** Whether another policy, of all pods of the namespace or of the same ones, closes a direction. */
const isClosed = (
  policies: readonly NetworkPolicy[],
  policy: NetworkPolicy,
  direction: 'ingress' | 'egress',
): boolean =>
  policies.some(
    (other) =>
      other.namespace === policy.namespace &&
      other.closes.has(direction) &&
      (other.pods.length === 0 || isSame(other.pods, policy.pods)),
  );

/** Whether pods that it selects are still there. */
const isInUse = ({ namespace, pods }: NetworkPolicy, objects: readonly RenderedObject[]): boolean =>
  objects.some((object) => {
    const template = (object.namespace ?? 'default') === namespace ? podTemplateOf(object) : undefined;
    return template !== undefined && unmet(template.labels, pods).length === 0;
  });

const everyAddress = addressRange('0.0.0.0/0') ?? [];

/** The rules of a policy that let through what no policy of the same pods did. */
function widerRules(policy: NetworkPolicy, before: readonly NetworkPolicy[]): readonly PolicyRule[] {
  const known = before
    .filter(
      ({ namespace, pods }) =>
        namespace === policy.namespace && (pods.length === 0 || isSame(pods, policy.pods)),
    )
    .flatMap(({ rules }) => rules);
  return policy.rules.filter((rule) =>
    (rule.peers.length === 0 ? [undefined] : rule.peers).some((peer) => {
      const from = known.filter(
        (old) =>
          old.direction === rule.direction &&
          (old.peers.length === 0 ||
            (peer !== undefined && old.peers.some((other) => coversPeer(other, peer)))),
      );
      return !coversPorts(from, rule);
    }),
  );
}

function coversPeer(wide: PolicyPeer, narrow: PolicyPeer): boolean {
  if (wide.addresses || narrow.addresses)
    return (
      wide.addresses !== undefined &&
      narrow.addresses !== undefined &&
      coversSet(wide.addresses, narrow.addresses)
    );
  const within = (
    outer: readonly Requirement[] | undefined,
    inner: readonly Requirement[] | undefined,
    all: boolean,
  ): boolean =>
    outer === undefined
      ? inner === undefined || all
      : inner !== undefined && outer.every((need) => inner.some((other) => isSame([need], [other])));
  return within(wide.pods, narrow.pods, true) && within(wide.namespaces, narrow.namespaces, false);
}

// Names of ports mean what the pods call so: equal names are equal ports.
function coversPorts(wide: readonly PolicyRule[], narrow: PolicyRule): boolean {
  if (wide.some(({ ports }) => ports.length === 0)) return true;
  if (narrow.ports.length === 0) return false;
  const names = new Set(
    wide.flatMap(({ ports }) => ports.filter(({ port }) => typeof port === 'string').map(nameOf)),
  );
  const numbers = union(...wide.map((rule) => portsOpened(rule, undefined)));
  return narrow.ports.every((port) =>
    typeof port.port === 'string'
      ? names.has(nameOf(port))
      : coversSet(numbers, portsOpened({ ...narrow, ports: [port] }, undefined)),
  );
}

const nameOf = ({ protocol, port }: PolicyRule['ports'][number]): string => `${protocol}/${port}`;

const isForAll = ({ peers }: PolicyRule): boolean =>
  peers.length === 0 ||
  peers.some(({ addresses, namespaces, pods }) =>
    addresses ? coversSet(addresses, everyAddress) : namespaces?.length === 0 && (pods?.length ?? 0) === 0,
  );

function opens({ direction, peers, ports }: PolicyRule): string {
  const who = peers.length === 0 ? 'everyone' : peers.map(printPeer).join(', ');
  const where =
    ports.length === 0
      ? 'every port'
      : ports
          .map(
            ({ protocol, port, endPort }) =>
              `${protocol} ${port ?? 'all'}${endPort === undefined ? '' : `-${endPort}`}`,
          )
          .join(', ');
  return direction === 'ingress' ? `it lets ${who} in on ${where}` : `it lets out to ${who} on ${where}`;
}

function printPeer({ pods, namespaces, addresses }: PolicyPeer): string {
  if (addresses) return coversSet(addresses, everyAddress) ? 'every address' : printAddresses(addresses);
  const of =
    namespaces === undefined
      ? ''
      : ` of ${namespaces.length === 0 ? 'every namespace' : `namespaces with ${print(namespaces)}`}`;
  return `${pods === undefined || pods.length === 0 ? 'all pods' : `pods with ${print(pods)}`}${of}`;
}

const print = (requirements: readonly Requirement[]): string =>
  requirements.length === 0 ? 'any labels' : requirements.map(printRequirement).join(', ');
