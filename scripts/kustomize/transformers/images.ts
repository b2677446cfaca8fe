import type { MapNode, Node, Origin } from '../../yaml/node.ts';
import { imageFields } from '../data/field-specs.ts';
import { mapSlot, type Slot, setText, visitField } from '../field-spec.ts';
import { items, scalarAt, stringOf, text } from '../kustomization.ts';
import { gvkOf, kindOf } from '../resource.ts';
import { isNull, textOf } from '../scalars.ts';
import { fail, unsupported } from '../stop.ts';
import type { Transformer } from './transformer.ts';

interface Image {
  readonly pattern: RegExp;
  readonly newName: string;
  readonly newTag: string;
  readonly tagSuffix: string;
  readonly digest: string;
  readonly origin: Origin;
  readonly keyOrigin: Origin;
}

/** `images` and `imageTags`: in every list of containers, and in image volumes. */
export const images: Transformer = (context, { node }) => {
  const entries = [...items(node, 'images'), ...items(node, 'imageTags')].map((item) => ({
    item,
    image: readImage(item),
  }));
  if (entries.length === 0) return undefined;
  return (resources) => {
    for (const { item, image } of entries) {
      let matched = false;
      const set = (slot: Slot): void => {
        if (setImage(slot, image)) matched = true;
      };
      for (const { node: object } of resources)
        if (kindOf(object) !== 'CustomResourceDefinition') inContainers(object, set);
      for (const { node: object } of resources) {
        const gvk = gvkOf(object);
        if (gvk.kind === 'CustomResourceDefinition') continue;
        for (const spec of imageFields) visitField(object, spec, { origin: image.origin, set }, gvk);
      }
      const name = text(item, 'name');
      context.notices.push({
        code: 'unmatched-image',
        message: matched ? '' : `no container has the image \`${name}\`, so this entry does nothing`,
        fix: matched
          ? ''
          : 'Write the name exactly as the manifest has it, registry included, without the tag.',
        origin: scalarAt(item, 'name')?.origin ?? item.origin,
        matched,
        ...(matched ? {} : { candidates: resources.map(({ node: object }) => object) }),
      });
    }
  };
};

function readImage(item: Node): Image {
  const name = text(item, 'name');
  // Upstream takes the name for a regular expression.
  if (!/^[\w./:@-]+$/.test(name)) unsupported(`the image name \`${name}\``, item.origin);
  const blamed = ['newTag', 'digest', 'tagSuffix', 'newName'].find((key) => text(item, key) !== '');
  const entry = blamed !== undefined && item.type === 'map' ? item.entries.get(blamed) : undefined;
  const suffix = scalarAt(item, 'tagSuffix');
  return {
    pattern: new RegExp(`^${name}(:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)?$`),
    newName: text(item, 'newName'),
    newTag: text(item, 'newTag'),
    tagSuffix: suffix === undefined ? '' : stringOf(suffix),
    digest: text(item, 'digest'),
    origin: entry?.value.origin ?? item.origin,
    keyOrigin: entry?.origin ?? item.origin,
  };
}

function inContainers(node: Node, set: (slot: Slot) => void): void {
  if (node.type === 'list') for (const item of node.items) inContainers(item, set);
  if (node.type !== 'map') return;
  for (const [key, { value }] of node.entries) {
    inContainers(value, set);
    if ((key !== 'containers' && key !== 'initContainers') || value.type !== 'list') continue;
    for (const container of value.items) {
      if (isNull(container)) continue;
      if (container.type !== 'map') notAContainer(container);
      const image = mapSlot(container as MapNode, 'image');
      if (image && !isNull(image.node)) set(image);
    }
  }
}

function notAContainer(node: Node): never {
  return fail('not-a-container', 'a container must be a mapping', 'Write it as a mapping.', node.origin);
}

function setImage(slot: Slot, image: Image): boolean {
  const { node } = slot;
  if (isNull(node)) return false;
  if (node.type !== 'scalar')
    fail('not-a-scalar', 'an image must be a single value', 'Write its name as text.', node.origin);
  const value = textOf(node);
  if (!image.pattern.test(value)) return false;
  const parts = splitImage(value);
  const name = image.newName || parts.name;
  let { tag, digest } = parts;
  if (image.newTag !== '') {
    tag = image.newTag;
    digest = image.digest;
  } else if (image.digest !== '') {
    tag = '';
    digest = image.digest;
  } else if (image.tagSuffix !== '') {
    tag += image.tagSuffix;
    digest = '';
  }
  setText(
    slot,
    `${name}${tag === '' ? '' : `:${tag}`}${digest === '' ? '' : `@${digest}`}`,
    'none',
    image.origin,
    image.keyOrigin,
  );
  return true;
}

/** Name, tag and digest of an image reference; a colon before the first slash belongs to a port. */
function splitImage(value: string): { name: string; tag: string; digest: string } {
  const slash = Math.max(value.indexOf('/'), 0);
  const at = value.indexOf('@', slash);
  const colon = value.indexOf(':', slash);
  if (colon >= 0 && (at < 0 || colon < at))
    return {
      name: value.slice(0, colon),
      tag: value.slice(colon + 1, at < 0 ? undefined : at),
      digest: at < 0 ? '' : value.slice(at + 1),
    };
  return at < 0
    ? { name: value, tag: '', digest: '' }
    : { name: value.slice(0, at), tag: '', digest: value.slice(at + 1) };
}
