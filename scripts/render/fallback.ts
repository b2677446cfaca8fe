import type { Judge } from '../flux/build.ts';
import { kustomizationFiles } from '../flux/kustomization.ts';
import { type Files, walk } from '../repository/files.ts';
import type { Sources } from '../repository/sources.ts';
import { type MapNode, type Node, type Origin, originAt, type Path, textAt } from '../yaml/node.ts';
import { parseYaml } from '../yaml/parse.ts';
import { buildCopyWithRealKustomize, type ProgramResult } from './real-kustomize.ts';

/** The real kustomize as the builder of what the TypeScript one does not know; it is looked for when first needed. */
export function realJudge(find: () => ProgramResult): Judge {
  let found: ProgramResult | undefined;
  return (sources, directory, root) => {
    found ??= find();
    if (!found.ok) return found;
    const built = buildCopyWithRealKustomize(found.program, sources, directory, root);
    if (!built.ok) return built;
    return { ok: true, objects: withProvenance(sources, directory, built.yaml) };
  };
}

/**
 * Gives the objects of kustomize's output an origin: the value at the same path of the document with the same kind and
 * name (a generated suffix and added affixes left aside), else the build's kustomization.
 */
export function withProvenance(sources: Sources, directory: string, yaml: string): MapNode[] {
  const candidates = sourceDocuments(sources, directory);
  const [own] = kustomizationFiles(sources.files, directory);
  const otherwise: Origin = { file: own ?? directory, line: 1, column: 1 };
  return parseYaml(otherwise.file, yaml).documents.flatMap(({ node }) => {
    if (node?.type !== 'map') return [];
    const source = closest(node, candidates);
    return [blame(node, source, otherwise)];
  });
}

const skip = (path: string): boolean => /(?:^|\/)(?:\.git|node_modules)$/.test(path);

function sourceDocuments(sources: Sources, directory: string): readonly MapNode[] {
  const result: MapNode[] = [];
  const files: Files = sources.files;
  // Nearest first: a namesake elsewhere in the repository is less likely to be meant.
  const paths = [...walk(files, '.', skip)]
    .filter((path) => /\.ya?ml$/.test(path))
    .sort((a, b) => distance(directory, a) - distance(directory, b) || (a < b ? -1 : 1));
  for (const path of paths)
    for (const { node } of sources.yaml(path)?.documents ?? [])
      if (node?.type === 'map' && textAt(node, ['metadata', 'name']) !== undefined) result.push(node);
  return result;
}

function distance(directory: string, path: string): number {
  const left = directory.split('/');
  const right = path.split('/').slice(0, -1);
  let common = 0;
  while (common < left.length && left[common] === right[common]) common += 1;
  return left.length + right.length - 2 * common;
}

function closest(object: MapNode, candidates: readonly MapNode[]): MapNode | undefined {
  const kind = textAt(object, ['kind']);
  const name = textAt(object, ['metadata', 'name']) ?? '';
  const sameKind = candidates.filter((candidate) => textAt(candidate, ['kind']) === kind);
  const named = (candidate: MapNode): string => textAt(candidate, ['metadata', 'name']) ?? '';
  return (
    sameKind.find((candidate) => named(candidate) === name) ??
    sameKind
      .filter((candidate) => name.includes(named(candidate)))
      .sort((a, b) => named(b).length - named(a).length)[0]
  );
}

function blame(object: MapNode, source: MapNode | undefined, otherwise: Origin): MapNode {
  const originOf = (path: Path): Origin => (source ? originAt(source, path) : otherwise);
  const visit = (node: Node, path: Path): Node => {
    const origin = originOf(path);
    switch (node.type) {
      case 'scalar':
        return { ...node, origin };
      case 'list':
        return { ...node, origin, items: node.items.map((item, index) => visit(item, [...path, index])) };
      case 'map': {
        const entries = new Map(
          [...node.entries].map(([key, entry]) => [
            key,
            { origin: originOf([...path, key]), value: visit(entry.value, [...path, key]) },
          ]),
        );
        return { ...node, origin, entries };
      }
    }
  };
  return visit(object, []) as MapNode;
}
