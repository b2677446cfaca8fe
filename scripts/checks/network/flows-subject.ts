/** network/flows.yaml with all that it is about. */

import { directions, type NetworkPolicy } from '../../kubernetes/network-policy.ts';
import type { RenderedObject } from '../../render/object.ts';
import type { Origin } from '../../yaml/node.ts';
import type { FlowsFile } from './flows-file.ts';
import { type K0sNetwork, k0sNetwork } from './k0s-network.ts';
import type { Plan } from './plan.ts';
import type { NetworkSubject } from './subject.ts';

export interface PlannedEnvironment {
  readonly name: string;
  readonly plan: Plan;
  readonly broken: boolean;
  /** The components whose pods are there, with the workloads of each. */
  readonly components: ReadonlyMap<string, ReadonlySet<string>>;
  readonly namespaces: readonly string[];
  readonly k0s: K0sNetwork | undefined;
  /** Those that Git or the cluster itself makes. */
  readonly declaredNamespaces: ReadonlySet<string>;
}

export interface FlowsSubject {
  readonly file: FlowsFile;
  /** Whether there is a file at all. */
  readonly exists: boolean;
  /** All environments of the repository, and where each begins. */
  readonly environments: readonly {
    readonly name: string;
    readonly hasPolicies: boolean;
    readonly at: Origin;
    /** Namespaces in which policies close every pod in both directions, and a policy that does. */
    readonly shut: ReadonlyMap<string, RenderedObject>;
  }[];
  /** Those whose network is closed. */
  readonly plans: readonly PlannedEnvironment[];
}

export const plannedEnvironment = (subject: NetworkSubject): readonly PlannedEnvironment[] => {
  if (!subject.plan) return [];
  const components = new Map<string, Set<string>>();
  for (const { workload, labels } of subject.pods) {
    const name = labels['app.kubernetes.io/name'];
    if (!workload || name === undefined) continue;
    const workloads = components.get(name) ?? new Set();
    const part = labels['app.kubernetes.io/component'];
    if (part !== undefined) workloads.add(part);
    components.set(name, workloads);
  }
  return [
    {
      name: subject.environment,
      plan: subject.plan,
      broken: subject.broken,
      components,
      namespaces: [...subject.namespaces.keys()],
      k0s: k0sNetwork(subject.index.sources, subject.environment),
      declaredNamespaces: new Set(subject.index.everywhere('', 'Namespace').map(({ name }) => name)),
    },
  ];
};

/** The namespaces that policies close for every pod, in both directions. */
export function shutNamespaces(policies: readonly NetworkPolicy[]): ReadonlyMap<string, RenderedObject> {
  const forAll = policies.filter(({ pods }) => pods.length === 0);
  return new Map(
    forAll
      .filter(({ namespace }) =>
        directions.every((direction) =>
          forAll.some((policy) => policy.namespace === namespace && policy.closes.has(direction)),
        ),
      )
      .map(({ namespace, object }) => [namespace, object]),
  );
}
