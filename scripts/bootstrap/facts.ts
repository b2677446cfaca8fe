import type { Environment } from '../render/environment.ts';
import type { Sources } from '../repository/sources.ts';
import { at, entriesAt, itemsAt, textAt } from '../yaml/node.ts';

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

// Names of RFC 2606 and addresses of RFC 5737: they are nobody's.
const example = /(?:^|[^a-z0-9-])example\.(?:com|net|org)\b|\b(?:192\.0\.2|198\.51\.100|203\.0\.113)\.\d/;

/** What an environment still has as an example: facts, with their place, and images of a registry that does not exist. */
export function placeholders(sources: Sources, environment: Environment): readonly string[] {
  const file = `overlays/${environment.name}/environment/environment.yaml`;
  const facts = [...entriesAt(sources.yaml(file)?.documents[0]?.node, ['data'])].flatMap(
    ([name, { value, origin }]) =>
      value.type === 'scalar' && example.test(String(value.value))
        ? [`${origin.file}:${origin.line}: ${name} is ${value.value}`]
        : [],
  );
  const images = new Set(
    environment.objects.flatMap(({ node }) =>
      ['containers', 'initContainers'].flatMap((field) =>
        itemsAt(node, ['spec', 'template', 'spec', field]).flatMap((container) => {
          const image = textAt(container, ['image']) ?? '';
          return example.test(image) ? [`the image ${image}`] : [];
        }),
      ),
    ),
  );
  return [...facts, ...images];
}
