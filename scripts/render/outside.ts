import { isRemote, kustomizationFiles } from '../flux/kustomization.ts';
import { resolvePath, walk } from '../repository/files.ts';
import type { Sources } from '../repository/sources.ts';
import { at, itemsAt, type Node, type Origin } from '../yaml/node.ts';

/** A reference of a kustomization to something that is not a file of the repository. */
export interface OutsideReference {
  readonly value: string;
  readonly origin: Origin;
  readonly why: string;
}

const directoriesOrFiles = ['resources', 'bases', 'components', 'generators', 'transformers', 'validators'];
const files = ['crds', 'configurations', 'patchesStrategicMerge'];
const withPath = ['patches', 'patchesJson6902', 'replacements'];
const helm = ['helmCharts', 'helmChartInflationGenerator'];

/**
 * What in a build the real kustomize would look for outside the repository or on the network: every reference that names
 * no file there, Helm charts, URLs and symbolic links. A reference that names nothing counts, since kustomize tries those as URLs.
 */
export function outsideReferences(sources: Sources, directory: string): OutsideReference[] {
  const found: OutsideReference[] = [];
  const seen = new Set<string>();

  const refuse = (node: Node, why: string): void => {
    found.push({ value: node.type === 'scalar' ? String(node.value) : '…', origin: node.origin, why });
  };
  const check = (node: Node | undefined, base: string): string | undefined => {
    if (node?.type !== 'scalar' || typeof node.value !== 'string') return undefined;
    const { value } = node;
    // Inline YAML.
    if (value.includes('\n') || /^\s*[[{]/.test(value)) return undefined;
    const path = resolvePath(base, value);
    if (isRemote(value)) refuse(node, 'would be fetched from the network');
    else if (path === undefined) refuse(node, 'leads out of the repository');
    else if (sources.files.kind(path) === undefined) refuse(node, 'does not exist');
    else if (sources.files.kind(path) === 'symlink') refuse(node, 'is a symbolic link');
    else return path;
    return undefined;
  };
  const visit = (current: string): void => {
    if (seen.has(current)) return;
    seen.add(current);
    for (const path of walk(sources.files, current))
      if (sources.files.kind(path) === 'symlink')
        found.push({
          value: path,
          origin: { file: path, line: 1, column: 1 },
          why: 'is a symbolic link, which may lead out of the repository',
        });
    for (const file of kustomizationFiles(sources.files, current))
      for (const { node } of sources.yaml(file)?.documents ?? []) {
        for (const field of directoriesOrFiles)
          for (const item of itemsAt(node, [field])) {
            const path = check(item, current);
            if (path === undefined) continue;
            if (sources.files.kind(path) === 'directory') visit(path);
            else if (field.endsWith('ors') || field === 'transformers') scanPlugin(path);
          }
        for (const field of files) for (const item of itemsAt(node, [field])) check(item, current);
        for (const field of withPath)
          for (const item of itemsAt(node, [field])) check(at(item, ['path']), current);
        check(at(node, ['openapi', 'path']), current);
        for (const field of helm) for (const item of itemsAt(node, [field])) refuse(item, 'is a Helm chart');
        for (const field of ['configMapGenerator', 'secretGenerator'])
          for (const generator of itemsAt(node, [field])) {
            check(at(generator, ['env']), current);
            for (const item of itemsAt(generator, ['envs'])) check(item, current);
            for (const item of itemsAt(generator, ['files'])) check(withoutKey(item), current);
          }
      }
  };
  /** The files of generators and transformers may name files in any field. */
  const scanPlugin = (path: string): void => {
    for (const { node } of sources.yaml(path)?.documents ?? [])
      for (const value of scalars(node))
        if (
          value.type === 'scalar' &&
          typeof value.value === 'string' &&
          /(?:^|=)\s*https?:\/\//i.test(value.value)
        )
          refuse(value, 'would be fetched from the network');
  };
  visit(directory);
  return found;
}

function withoutKey(node: Node): Node {
  if (node.type !== 'scalar' || typeof node.value !== 'string') return node;
  return { ...node, value: node.value.replace(/^[^=]*=/, '') };
}

function* scalars(node: Node | undefined): Generator<Node> {
  if (node?.type === 'scalar') yield node;
  else if (node?.type === 'list') for (const item of node.items) yield* scalars(item);
  else if (node?.type === 'map') for (const entry of node.entries.values()) yield* scalars(entry.value);
}
