/** ConfigMaps and Secrets that trust-manager writes into namespaces: one of each Bundle, under its name. */

import { requirementsOf, satisfies } from '../../kubernetes/selectors.ts';
import { isKind, type RenderedObject } from '../../render/object.ts';
import { at, entriesAt, textAt } from '../../yaml/node.ts';

export interface TrustBundles {
  readonly bundles: readonly RenderedObject[];
  readonly namespaces: ReadonlyMap<string, RenderedObject>;
}

export type TargetKind = 'configMap' | 'secret';

export const bundlesOf = (objects: readonly RenderedObject[]): TrustBundles => ({
  bundles: objects.filter((object) => isKind(object, 'trust.cert-manager.io', 'Bundle')),
  namespaces: new Map(
    objects.filter((object) => isKind(object, '', 'Namespace')).map((object) => [object.name, object]),
  ),
});

/** The keys of the ConfigMap or Secret of a Bundle in a namespace: the PEM file, and one for each further format. */
export function keysOfBundle(
  { bundles, namespaces }: TrustBundles,
  kind: TargetKind,
  namespace: string,
  name: string,
): ReadonlySet<string> | undefined {
  const bundle = bundles.find((each) => each.name === name);
  if (!bundle || !isWrittenTo(bundle, namespace, namespaces.get(namespace))) return undefined;
  const key = textAt(bundle.node, ['spec', 'target', kind, 'key']);
  if (key === undefined) return undefined;
  const others = [...entriesAt(bundle.node, ['spec', 'target', 'additionalFormats'])].flatMap(
    ([, { value }]) => textAt(value, ['key']) ?? [],
  );
  return new Set([key, ...others]);
}

export const namesOfBundles = (
  { bundles, namespaces }: TrustBundles,
  kind: TargetKind,
  namespace: string,
): readonly string[] =>
  bundles
    .filter(
      (bundle) =>
        at(bundle.node, ['spec', 'target', kind]) !== undefined &&
        isWrittenTo(bundle, namespace, namespaces.get(namespace)),
    )
    .map(({ name }) => name);

/** Without a selector every namespace gets it; the labels of one that is not in Git are not known, but for its name. */
function isWrittenTo({ node }: RenderedObject, name: string, namespace: RenderedObject | undefined): boolean {
  const labels = Object.fromEntries(
    [...entriesAt(namespace?.node, ['metadata', 'labels'])].flatMap(([key, { value }]) => {
      const text = textAt(value, []);
      return text === undefined ? [] : [[key, text]];
    }),
  );
  const ownName = 'kubernetes.io/metadata.name';
  return requirementsOf(at(node, ['spec', 'target', 'namespaceSelector'])).every(
    (requirement) =>
      (namespace === undefined && requirement.key !== ownName) ||
      satisfies({ ...labels, [ownName]: name }, requirement),
  );
}
