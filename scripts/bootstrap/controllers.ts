import type { Sources } from '../repository/sources.ts';
import { at, itemsAt, type Json, type JsonObject, textAt, toJson } from '../yaml/node.ts';

/** What an environment changes in one of Flux's controllers, as JSON patch operations (RFC 6902). */
export interface ControllerPatch {
  readonly deployment: string;
  readonly operations: readonly JsonObject[];
}

/**
 * The patches of flux/<environment>/flux-system/. `flux bootstrap` applies them; where Flux was installed in another way nobody
 * does, and some decide whether the platform comes up.
 */
export function readControllerPatches(sources: Sources, environmentPath: string): readonly ControllerPatch[] {
  const directory = `${environmentPath}/flux-system`;
  const kustomization = sources.yaml(`${directory}/kustomization.yaml`)?.documents[0]?.node;
  return itemsAt(kustomization, ['patches']).flatMap((patch): ControllerPatch[] => {
    const deployment = textAt(patch, ['target', 'name']);
    const path = textAt(patch, ['path']);
    if (textAt(patch, ['target', 'kind']) !== 'Deployment' || !deployment || !path) return [];
    const operations = sources.yaml(`${directory}/${path}`)?.documents[0]?.node;
    if (operations?.type !== 'list') return [];
    return [{ deployment, operations: operations.items.map(toJson).filter(isObject) }];
  });
}

/** The operations that a Deployment still lacks: a value that its list already has is not appended again. */
export const missingOperations = (patch: ControllerPatch, deployment: Json): readonly JsonObject[] =>
  patch.operations.filter(({ op, path, value }) => {
    if (op !== 'add' || typeof path !== 'string' || !path.endsWith('/-')) return true;
    const list = pointed(deployment, path.slice(0, -2));
    return !(Array.isArray(list) && list.some((item) => JSON.stringify(item) === JSON.stringify(value)));
  });

const isObject = (value: Json): value is JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

function pointed(document: Json, pointer: string): Json | undefined {
  let current: Json | undefined = document;
  for (const segment of pointer.split('/').slice(1)) {
    const key = segment.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(current)) current = current[Number(key)];
    else if (current !== null && typeof current === 'object') current = current[key];
    else return undefined;
  }
  return current;
}

/** The version that versions.yaml names for a tool, such as `v2.9.5`. */
export const toolVersion = (sources: Sources, tool: string): string | undefined =>
  textAt(at(sources.yaml('versions.yaml')?.documents[0]?.node, [tool]), []);
