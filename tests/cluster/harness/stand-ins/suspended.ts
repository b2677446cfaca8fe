import type { Client, Kind } from '../client.ts';
import { condition, mustWrite, type Round } from './stand-in.ts';

const kinds: readonly Kind[] = [
  { apiVersion: 'helm.toolkit.fluxcd.io/v2', kind: 'HelmRelease' },
  { apiVersion: 'source.toolkit.fluxcd.io/v1', kind: 'HelmRepository' },
  { apiVersion: 'source.toolkit.fluxcd.io/v1', kind: 'GitRepository' },
  { apiVersion: 'kustomize.toolkit.fluxcd.io/v1', kind: 'Kustomization' },
];

/** Says of what Flux was told to leave alone that it is Ready: what is applied together with it is waited for as a whole. */
export const vouchForSuspended: Round = async (client) => {
  for (const { apiVersion, kind, name, namespace, generation, observed } of await suspended(client)) {
    if (observed === generation) continue;
    mustWrite(
      `the status of ${kind} ${name}`,
      await client.mergePatch(
        { apiVersion, kind, name, namespace },
        {
          status: {
            observedGeneration: generation,
            conditions: [condition('Ready', 'Succeeded', generation)],
          },
        },
        { subresource: 'status' },
      ),
    );
  }
};

/** Flux's objects that are suspended: nothing of what they would bring is there. */
export async function suspended(client: Client) {
  const objects = await Promise.all(kinds.map((kind) => client.list(kind)));
  return objects
    .flat()
    .filter((object) => (object['spec'] as { suspend?: boolean }).suspend === true)
    .map(({ apiVersion, kind, metadata, status }) => ({
      apiVersion,
      kind,
      name: metadata.name ?? '',
      namespace: metadata.namespace,
      generation: metadata.generation,
      observed: (status as { observedGeneration?: number } | undefined)?.observedGeneration,
    }));
}
