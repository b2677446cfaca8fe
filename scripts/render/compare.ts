import { type MapNode, type Node, textAt, toJson } from '../yaml/node.ts';
import { parseYaml } from '../yaml/parse.ts';

/**
 * The first difference between two builds of one directory, in words, or undefined where they are equal document by
 * document, the order of documents included.
 */
export function firstDifference(ours: readonly MapNode[], realYaml: string): string | undefined {
  const real = parseYaml('kustomize', realYaml).documents.flatMap(({ node }) => (node ? [node] : []));
  for (let index = 0; index < Math.max(ours.length, real.length); index += 1) {
    const [mine, theirs] = [ours[index], real[index]];
    if (!mine) return `kustomize also emits ${title(theirs!)}`;
    if (!theirs) return `kustomize does not emit ${title(mine)}`;
    if (title(mine) !== title(theirs))
      return `document ${index + 1} is ${title(mine)}, and kustomize emits ${title(theirs)} there`;
    const difference = compare(mine, theirs, '');
    if (difference !== undefined) return `${title(mine)}: ${difference}`;
  }
  return undefined;
}

const title = (node: Node): string =>
  `${textAt(node, ['kind']) ?? '?'} ${textAt(node, ['metadata', 'namespace']) ?? ''}/${textAt(node, ['metadata', 'name']) ?? '?'}`;

function compare(mine: Node, theirs: Node, path: string): string | undefined {
  const where = path === '' ? 'the document' : `\`${path}\``;
  if (mine.type === 'map' && theirs.type === 'map') {
    for (const key of new Set([...mine.entries.keys(), ...theirs.entries.keys()])) {
      const [left, right] = [mine.entries.get(key), theirs.entries.get(key)];
      const below = path === '' ? key : `${path}.${key}`;
      if (!left) return `kustomize sets \`${below}\` to ${shown(right!.value)}`;
      if (!right) return `kustomize has no \`${below}\`, which is ${shown(left.value)} here`;
      const difference = compare(left.value, right.value, below);
      if (difference !== undefined) return difference;
    }
    return undefined;
  }
  if (mine.type === 'list' && theirs.type === 'list') {
    for (const [index, item] of mine.items.entries()) {
      const other = theirs.items[index];
      if (!other) break;
      const difference = compare(item, other, `${path}[${index}]`);
      if (difference !== undefined) return difference;
    }
    return mine.items.length === theirs.items.length
      ? undefined
      : `${where} has ${mine.items.length} items, ${theirs.items.length} in kustomize's output`;
  }
  if (mine.type === 'scalar' && theirs.type === 'scalar' && Object.is(mine.value, theirs.value))
    return undefined;
  return `${where} is ${shown(mine)}, ${shown(theirs)} in kustomize's output`;
}

const shown = (node: Node): string => {
  const text = JSON.stringify(toJson(node));
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
};
