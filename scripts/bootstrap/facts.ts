import type { Sources } from '../repository/sources.ts';
import { at, textAt } from '../yaml/node.ts';

/** What bootstrap wants to know of an environment's facts. */
export interface Facts {
  /** The name that a browser uses. */
  readonly publicHost: string;
  readonly nodeCount: number;
  /** The address of the node on which the ports listen; undefined where a load balancer has them. */
  readonly bindAddress: string | undefined;
  /** Where the facts stand. */
  readonly file: string;
}

/** The facts of overlays/<environment>/environment/: they are read while rendering, so no rendered object has them. */
export function readFacts(sources: Sources, environment: string): Facts {
  const file = `overlays/${environment}/environment/environment.yaml`;
  const data = at(sources.yaml(file)?.documents[0]?.node, ['data']);
  const nodes = Number(textAt(data, ['nodeCount']) ?? 1);
  return {
    publicHost: textAt(data, ['publicHost']) ?? 'localhost',
    nodeCount: Number.isInteger(nodes) && nodes > 0 ? nodes : 1,
    bindAddress: textAt(data, ['bindAddress']),
    file,
  };
}
