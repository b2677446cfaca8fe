import { locate, type RenderedObject } from '../render/object.ts';
import { at, itemsAt, type MapNode, type Node, textAt } from '../yaml/node.ts';
import type { ArtifactOptions } from './artifact.ts';

/** Which source a Flux Kustomization builds from. */
export interface SourceReference {
  readonly kind: string;
  readonly namespace: string | undefined;
  readonly name: string;
}

export const sourceOf = (kustomization: RenderedObject): SourceReference => ({
  kind: textAt(kustomization.node, ['spec', 'sourceRef', 'kind']) ?? 'GitRepository',
  namespace: textAt(kustomization.node, ['spec', 'sourceRef', 'namespace']) ?? kustomization.namespace,
  name: textAt(kustomization.node, ['spec', 'sourceRef', 'name']) ?? '',
});

export const sourceKey = ({ kind, namespace, name }: SourceReference): string =>
  `${kind}/${namespace ?? ''}/${name}`;

export const isSource = (object: Node): boolean =>
  textAt(object, ['apiVersion'])?.startsWith('source.toolkit.fluxcd.io/') === true;

/** `https://host/owner/name`, whatever the protocol, the user and a `.git` at the end. */
export function repositoryUrl(source: MapNode): string | undefined {
  const url = textAt(source, ['spec', 'url']);
  return url === undefined ? undefined : comparableUrl(url);
}

/** An address without protocol, user and ending: two that are equal mean one repository. */
export const comparableUrl = (url: string): string =>
  url
    .replace(/^[a-z+]+:\/\//, '')
    .replace(/^[^@/]+@/, '')
    .replace(/^([^/:]+):(?!\d+\/)/, '$1/')
    .replace(/\.git\/?$|\/$/, '')
    .toLowerCase();

/** What a GitRepository leaves out of its artifact. */
export function artifactOptions(source: MapNode | undefined): ArtifactOptions {
  const ignore = textAt(source, ['spec', 'ignore']);
  const sparse = at(source, ['spec', 'sparseCheckout']);
  return {
    ...(ignore === undefined ? {} : { ignore }),
    ...(sparse?.type === 'list' && {
      sparseCheckout: itemsAt(source, ['spec', 'sparseCheckout']).flatMap((item) =>
        item.type === 'scalar' ? [String(item.value)] : [],
      ),
    }),
  };
}

export interface SourceContext {
  /** The source that the environment's own root is built from, which is this repository. */
  readonly own: SourceReference | undefined;
  readonly find: (reference: SourceReference) => MapNode | undefined;
  readonly exists: (path: string) => boolean;
  /** The URL under which the environment's facts know this repository. */
  readonly repositoryUrl: string | undefined;
  /** Whether it is the root itself, whose source is this repository unless the path says otherwise. */
  readonly isRoot: boolean;
}

/**
 * Whether a Kustomization builds from this repository: its source is the root's own or has the same URL, or the one that the
 * environment's facts give. Where no URL tells, it is taken to be this repository when it holds the path. A source that is
 * pinned to a commit counts as the working tree: what is checked is what would be promoted next.
 */
export function isLocal(kustomization: RenderedObject, path: string, context: SourceContext): boolean {
  const reference = sourceOf(kustomization);
  const { own } = context;
  if (context.isRoot)
    return reference.name === 'flux-system' || context.exists(path) || context.find(reference) === undefined;
  if (own && own.kind === reference.kind && own.name === reference.name) return true;
  const source = context.find(reference);
  const fact = context.repositoryUrl;
  if (fact !== undefined && source && repositoryUrl(source) === comparableUrl(fact)) return true;
  const ownSource = own && context.find(own);
  const urls = [source, ownSource].map((object) => object && repositoryUrl(object));
  if (urls[0] !== undefined && urls[1] !== undefined) return urls[0] === urls[1];
  return context.exists(path);
}

export const sourceOrigin = (kustomization: RenderedObject) => locate(kustomization, ['spec', 'sourceRef']);
