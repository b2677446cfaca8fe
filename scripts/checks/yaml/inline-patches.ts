import { itemsAt, type Node, type ScalarNode, textAt } from '../../yaml/node.ts';
import { parseYaml, type YamlFile } from '../../yaml/parse.ts';
import { fieldOf, isKustomizationPath, itemsOf } from '../kustomization/kustomization-files.ts';

/**
 * The patches that are written inside a kustomization or a Flux Kustomization as block text (`patch: |`), each parsed so
 * that its places are those of the file around it.
 */
export function* inlinePatchesOf(file: YamlFile): Generator<YamlFile> {
  for (const { node } of file.documents)
    for (const patch of patchNodes(node, file.file)) {
      const text = patch && blockText(file, patch);
      if (text !== undefined) yield parseYaml(file.file, text);
    }
}

function* patchNodes(node: Node | undefined, path: string): Generator<ScalarNode | undefined> {
  if (isKustomizationPath(path)) {
    for (const field of ['patches', 'patchesJson6902'])
      for (const item of itemsOf(node, field)) yield block(fieldOf(item, 'patch')?.value);
    for (const item of itemsOf(node, 'patchesStrategicMerge')) yield block(item);
  } else if (textAt(node, ['apiVersion'])?.startsWith('kustomize.toolkit.fluxcd.io/')) {
    for (const item of itemsAt(node, ['spec', 'patches'])) yield block(fieldOf(item, 'patch')?.value);
  }
}

const block = (node: Node | undefined): ScalarNode | undefined =>
  node?.type === 'scalar' && node.style === 'block' ? node : undefined;

/** The file with everything but the block left empty; undefined where the block is folded or has no text. */
function blockText(file: YamlFile, node: ScalarNode): string | undefined {
  const lines = file.text.split('\n');
  const header = node.origin.line - 1;
  if (lines[header]?.charAt(node.origin.column - 1) !== '|') return undefined;
  const body: string[] = [];
  let indent: number | undefined;
  for (const line of lines.slice(header + 1)) {
    const blank = line.trim() === '';
    const width = line.length - line.trimStart().length;
    if (!blank) indent ??= width;
    if (!blank && width < indent!) break;
    body.push(blank ? '' : line);
  }
  if (!indent) return undefined;
  const width = indent;
  // Indented, `---` would not separate documents.
  const several = body.some((line) => /^(?:---|\.\.\.)(?:\s|$)/.test(line.slice(width)));
  const kept = several ? body.map((line) => line.slice(width)) : body;
  return `${'\n'.repeat(header + 1)}${kept.join('\n')}`;
}
