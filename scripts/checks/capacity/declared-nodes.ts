/** The nodes that an environment declares in its facts. */

import { parseQuantity } from '../../kubernetes/quantity.ts';
import type { Sources } from '../../repository/sources.ts';
import { at, entriesAt, type Origin, textAt } from '../../yaml/node.ts';

/** What the nodes have of a resource, and where that is said. */
export interface NodeAmount {
  /** As it is written: `32Gi`. */
  readonly text: string;
  /** Of one node, in cores, bytes or pods. */
  readonly amount: number;
  readonly at: Origin;
}

export type NodeResource = 'cpu' | 'memory' | 'ephemeral-storage' | 'pods';

export interface DeclaredNodes {
  readonly count: number;
  /** Where the number of nodes is said. */
  readonly at: Origin;
  /** Only what the facts say. */
  readonly each: ReadonlyMap<NodeResource, NodeAmount>;
}

/** The fact that says how much of a resource each node has. */
export const factOf: Readonly<Record<NodeResource, string>> = {
  cpu: 'nodeCpu',
  memory: 'nodeMemory',
  'ephemeral-storage': 'nodeEphemeralStorage',
  pods: 'nodePods',
};

export const nodeResources = Object.keys(factOf) as readonly NodeResource[];

/** Undefined where the environment says nothing of its nodes, or nothing that could be counted: the yaml stage tells of that. */
export function declaredNodes(sources: Sources, environment: string): DeclaredNodes | undefined {
  const file = `overlays/${environment}/environment/environment.yaml`;
  const data = at(sources.yaml(file)?.documents[0]?.node, ['data']);
  const facts = entriesAt(data, []);
  const count = facts.get('nodeCount');
  const nodes = Number(textAt(data, ['nodeCount']));
  if (!count || !Number.isInteger(nodes) || nodes < 1) return undefined;
  const each = new Map<NodeResource, NodeAmount>();
  for (const resource of nodeResources) {
    const text = textAt(data, [factOf[resource]]);
    const amount = text === undefined ? undefined : parseQuantity(text);
    if (text !== undefined && amount !== undefined)
      each.set(resource, { text, amount, at: facts.get(factOf[resource])!.origin });
  }
  return { count: nodes, at: count.origin, each };
}
