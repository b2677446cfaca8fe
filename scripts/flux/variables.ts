import type { BuildFailure } from '../render/environment.ts';
import { locate, type RenderedObject } from '../render/object.ts';
import { at, entriesAt, itemsAt, type MapNode, textAt } from '../yaml/node.ts';
import type { Variables } from './substitute.ts';

/** The ConfigMaps and Secrets of an environment that are in Git, by kind, namespace and name. */
export interface VariableStore {
  find(kind: string, namespace: string | undefined, name: string): MapNode | undefined;
}

export interface CollectedVariables {
  readonly variables: Variables;
  readonly failures: readonly BuildFailure[];
  /** ConfigMaps and Secrets that were not found, as `Kind/name`: whether they must exist is for the Flux stage to say. */
  readonly absent: readonly string[];
}

const validName = /^[_A-Za-z][_A-Za-z0-9]*$/;

/** Whether the Kustomization substitutes at all: without variables Flux leaves `$$` and `${…}` as they are. */
export const substitutes = (
  kustomization: RenderedObject,
  { values, opaque, complete }: Variables,
): boolean =>
  at(kustomization.node, ['spec', 'postBuild']) !== undefined &&
  (values.size > 0 ||
    opaque.size > 0 ||
    !complete ||
    textAt(kustomization.node, ['spec', 'postBuild', 'substituteStrategy']) === 'Always');

/** Removing line breaks is the controller's own doing. */
const oneLine = (text: string): string => text.replaceAll('\n', '');

/**
 * The variables of a Flux Kustomization: `postBuild.substitute` over `substituteFrom`, whose later entries win over the
 * earlier ones. Values of Secrets are known only by name. Mirrors `LoadVariables` of fluxcd/pkg/kustomize 1.35.
 */
export function collectVariables(kustomization: RenderedObject, store: VariableStore): CollectedVariables {
  const values = new Map<string, string>();
  const opaque = new Set<string>();
  const failures: BuildFailure[] = [];
  const absent: string[] = [];
  let complete = true;

  for (const [index, reference] of itemsAt(kustomization.node, [
    'spec',
    'postBuild',
    'substituteFrom',
  ]).entries()) {
    const kind = textAt(reference, ['kind']);
    const name = textAt(reference, ['name']);
    if (name === undefined || (kind !== 'ConfigMap' && kind !== 'Secret')) continue;
    const origin = locate(kustomization, ['spec', 'postBuild', 'substituteFrom', index]);
    const found = store.find(kind, kustomization.namespace, name);
    if (!found) {
      // Whatever made it may set any variable.
      complete = false;
      absent.push(`${kind}/${name}`);
      continue;
    }
    const invalid = (key: string): void => {
      failures.push(invalidName(key, `${kind} \`${name}\``, origin));
    };
    if (kind === 'ConfigMap') {
      for (const [key, entry] of entriesAt(found, ['data'])) {
        if (!validName.test(key)) invalid(key);
        opaque.delete(key);
        values.set(key, oneLine(entry.value.type === 'scalar' ? String(entry.value.value ?? '') : ''));
      }
    } else {
      for (const field of ['data', 'stringData'])
        for (const key of entriesAt(found, [field]).keys()) {
          if (!validName.test(key)) invalid(key);
          values.delete(key);
          opaque.add(key);
        }
    }
  }
  for (const [key, entry] of entriesAt(kustomization.node, ['spec', 'postBuild', 'substitute'])) {
    if (!validName.test(key)) failures.push(invalidName(key, '`postBuild.substitute`', entry.origin));
    opaque.delete(key);
    values.set(key, oneLine(entry.value.type === 'scalar' ? String(entry.value.value ?? '') : ''));
  }
  return { variables: { values, opaque, complete }, failures, absent };
}

const invalidName = (key: string, where: string, origin: BuildFailure['origin']): BuildFailure => ({
  stage: 'substitution',
  code: 'invalid-name',
  message: `${where} sets a variable \`${key}\`, and Flux fails the build of a name that is not made of letters, digits and underscores or that starts with a digit`,
  fix: `rename it, for example to \`${key.replaceAll(/[^A-Za-z0-9_]/g, '_').replace(/^(?=\d)/, '_')}\``,
  origin,
});

/** Whether the Flux object asks for any substitution, as far as it says itself. */
export const hasVariables = (kustomization: RenderedObject): boolean =>
  entriesAt(kustomization.node, ['spec', 'postBuild', 'substitute']).size > 0 ||
  itemsAt(kustomization.node, ['spec', 'postBuild', 'substituteFrom']).length > 0 ||
  textAt(kustomization.node, ['spec', 'postBuild', 'substituteStrategy']) === 'Always';
