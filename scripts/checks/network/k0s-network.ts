/** What the k0s configuration of an environment says about its network. */

import type { Sources } from '../../repository/sources.ts';
import { at, itemsAt, type Node, type Origin, textAt } from '../../yaml/node.ts';

export interface Written {
  readonly text: string;
  readonly origin: Origin;
}

export interface K0sNetwork {
  readonly podNetwork: Written | undefined;
  /** The addresses that the nodes have among each other, where they are told by k0sctl's configuration. */
  readonly nodes: readonly Written[];
}

/** Undefined where the environment has no k0s configuration. */
export function k0sNetwork(sources: Sources, environment: string): K0sNetwork | undefined {
  const path = `k0s/${environment}.yaml`;
  if (sources.files.kind(path) === undefined) return undefined;
  const root = sources.yaml(path)?.documents[0]?.node;
  // k0sctl has k0s' own configuration within its own.
  const pods =
    at(root, ['spec', 'k0s', 'config', 'spec', 'network', 'podCIDR']) ??
    at(root, ['spec', 'network', 'podCIDR']);
  return {
    podNetwork: written(pods),
    nodes: itemsAt(root, ['spec', 'hosts']).flatMap(
      (host) => written(at(host, ['privateAddress']) ?? at(host, ['ssh', 'address'])) ?? [],
    ),
  };
}

function written(node: Node | undefined): Written | undefined {
  const text = textAt(node, []);
  return node && text !== undefined ? { text, origin: node.origin } : undefined;
}
