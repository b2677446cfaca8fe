import { type Container, containersOf, podTemplateOf, volumesOf } from '../../kubernetes/pod-template.ts';
import { locate, type RenderedObject } from '../../render/object.ts';
import { at, type Node, type Origin, type Path } from '../../yaml/node.ts';

/** Fields that a message names: `image`, `securityContext.capabilities.drop`. */
const fieldNames = /[a-z][A-Za-z0-9]*(?:\.[a-z][A-Za-z0-9]*)*/g;

/** Words of ordinary sentences that are fields as well. */
const words = new Set([
  'name',
  'kind',
  'spec',
  'metadata',
  'status',
  'template',
  'type',
  'volumes',
  'containers',
]);

/**
 * Where a message about an object is best shown: the field that it names, in the container or volume that it names; of what
 * is not written the part that is; the object's kind where it names nothing.
 */
export function blame(object: RenderedObject, message: string, containers: readonly string[] = []): Origin {
  const template = podTemplateOf(object);
  const bases: Path[] = [];
  if (template) {
    const container = namedContainer(containersOf(template), message, containers);
    if (container) bases.push(container.path);
    const volume = volumesOf(template).find(({ name }) => mentions(message, 'volume', name));
    if (volume && !container) bases.push(volume.path);
    bases.push(template.specPath);
  }
  bases.push(['spec'], ['metadata'], []);
  const named = [...message.matchAll(fieldNames)].map(([text]) => text.split('.'));
  for (const base of bases)
    for (const path of named)
      if (!words.has(path[0] as string) || path.length > 1)
        if (at(object.node, [...base, path[0] as string]) !== undefined)
          return locate(object, [...base, ...path]);
  const [holder] = bases;
  if (holder && holder.length > 0 && holder !== template?.specPath)
    for (const [name] of named) {
      const inside = findKey(at(object.node, holder), name as string);
      if (inside) return locate(object, [...holder, ...inside]);
    }
  const [first] = bases;
  const found = first && first.length > 1 && first !== template?.specPath ? first : ['kind'];
  return locate(object, found);
}

function namedContainer(
  containers: readonly Container[],
  message: string,
  names: readonly string[],
): Container | undefined {
  return (
    containers.find(({ name }) => names.includes(name)) ??
    containers.find(({ name }) => mentions(message, 'container', name))
  );
}

/** Whether a list such as `container a, b` or `containers "a"` in a message holds a name. */
function mentions(message: string, noun: string, name: string): boolean {
  if (name === '') return false;
  const start = message.indexOf(noun);
  if (start === -1) return false;
  const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?:^|[\\s"',(])${escaped}(?:$|[\\s"',).:])`).test(message.slice(start + noun.length));
}

/** The first place below a node where a mapping has a key. */
function findKey(node: Node | undefined, key: string): Path | undefined {
  if (node?.type === 'list')
    for (const [index, item] of node.items.entries()) {
      const inside = findKey(item, key);
      if (inside) return [index, ...inside];
    }
  if (node?.type !== 'map') return undefined;
  if (node.entries.has(key)) return [key];
  for (const [name, { value }] of node.entries) {
    const inside = findKey(value, key);
    if (inside) return [name, ...inside];
  }
  return undefined;
}
