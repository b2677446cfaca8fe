import type { Sources } from '../repository/sources.ts';
import { at, textAt } from '../yaml/node.ts';

/** What bootstrap wants to know of an environment's facts. */
export interface Facts {
  /** The name that a browser uses. */
  readonly publicHost: string;
  readonly nodeCount: number;
}

/** The facts of overlays/<environment>/environment/: they are read while rendering, so no rendered object has them. */
export function readFacts(sources: Sources, environment: string): Facts {
  const documents = sources.yaml(`overlays/${environment}/environment/environment.yaml`)?.documents ?? [];
  const data = at(documents[0]?.node, ['data']);
  const nodes = Number(textAt(data, ['nodeCount']) ?? 1);
  return {
    publicHost: textAt(data, ['publicHost']) ?? 'localhost',
    nodeCount: Number.isInteger(nodes) && nodes > 0 ? nodes : 1,
  };
}
