/** The files of ConfigMaps that pods mount, and the settings in them. */

import { type Container, containersOf, volumesOf } from '../../kubernetes/pod-template.ts';
import { locate, type RenderedObject } from '../../render/object.ts';
import {
  entriesAt,
  itemsAt,
  type MapNode,
  type Node,
  type Origin,
  originInText,
  textAt,
} from '../../yaml/node.ts';
import { parseYaml, type YamlFile } from '../../yaml/parse.ts';
import type { ReferenceSubject, Workload } from '../reference/index-objects.ts';
import type { Setting } from './setting.ts';

export interface ConfigFile {
  /** Its path within the volume. */
  readonly path: string;
  readonly volume: string;
  readonly text: string;
  readonly node: Node;
  readonly object: RenderedObject;
  readonly key: string;
}

/** The files that the volumes of a workload hold, those of one volume in the order of their paths. */
export function configFilesOf(
  index: ReferenceSubject,
  { template, namespace }: Workload,
): readonly ConfigFile[] {
  return volumesOf(template).flatMap((volume) =>
    [volume.node, ...itemsAt(volume.node, ['projected', 'sources'])]
      .flatMap((source) => {
        const name = textAt(source, ['configMap', 'name']);
        const object =
          name === undefined ? undefined : index.find({ group: '', kind: 'ConfigMap', namespace, name });
        return object ? filesOf(object, volume.name, itemsAt(source, ['configMap', 'items'])) : [];
      })
      .sort((a, b) => (a.path < b.path ? -1 : 1)),
  );
}

function filesOf(object: RenderedObject, volume: string, items: readonly Node[]): readonly ConfigFile[] {
  const paths = new Map(items.map((item) => [textAt(item, ['key']), textAt(item, ['path'])]));
  return [...entriesAt(object.node, ['data'])].flatMap(([key, { value }]) => {
    const text = textAt(value, []);
    const path = items.length === 0 ? key : paths.get(key);
    return text === undefined || path === undefined ? [] : [{ path, volume, text, node: value, object, key }];
  });
}

/** Where a character of a file stands in the repository. */
export const placeIn = ({ node, object, key }: ConfigFile, offset: number): Origin =>
  originInText(node, offset) ?? locate(object, ['data', key]);

/** The file as YAML whose nodes know where they stand in the repository. */
export function yamlOf(file: ConfigFile): YamlFile {
  const starts = [0];
  for (let end = file.text.indexOf('\n'); end !== -1; end = file.text.indexOf('\n', end + 1))
    starts.push(end + 1);
  return parseYaml(file.key, file.text, (line, column) =>
    placeIn(file, (starts[line - 1] ?? file.text.length) + column - 1),
  );
}

/** The first document of a YAML file, where it is a mapping. */
export function rootOf(file: ConfigFile): MapNode | undefined {
  const node = yamlOf(file).documents[0]?.node;
  return node?.type === 'map' ? node : undefined;
}

/** The lines `key<separator>value` of a file, without comments. */
function* linesOf(file: ConfigFile, pattern: RegExp): Generator<Setting> {
  let offset = 0;
  for (const line of file.text.split('\n')) {
    const match = pattern.exec(line);
    if (match)
      yield {
        key: match[1]!,
        value: match[2]!.trim(),
        at: placeIn(file, offset),
        object: file.object,
        reader: `\`${file.key}\``,
      };
    offset += line.length + 1;
  }
}

/** A Java properties file, of one line a property. */
export const propertiesIn = (file: ConfigFile): readonly Setting[] => [
  ...linesOf(file, /^\s*([^\s#!=:][^=:\s]*)\s*[=:]\s*(.*)$/),
];

/** Flink 1.18's configuration: lines `key: value`, which are no YAML although the file says so. */
export const flinkSettingsIn = (file: ConfigFile): readonly Setting[] => [
  ...linesOf(file, /^\s*([^\s#:][^:#]*?): +([^#]*).*$/),
];

/** The scalars of a YAML file under dotted keys, as Elasticsearch reads its own. */
export function* dottedIn(file: ConfigFile): Generator<Setting> {
  const root = rootOf(file);
  if (root) yield* dotted(root, '', file);
}

function* dotted(node: Node, prefix: string, file: ConfigFile): Generator<Setting> {
  for (const [name, { value, origin }] of entriesAt(node, [])) {
    const key = prefix === '' ? name : `${prefix}.${name}`;
    if (value.type === 'map') yield* dotted(value, key, file);
    else {
      const items = value.type === 'list' ? value.items : [value];
      const text = items.flatMap((item) => (item.type === 'scalar' ? [String(item.value)] : [])).join(',');
      yield { key, value: text, at: origin, object: file.object, reader: `\`${file.key}\`` };
    }
  }
}

/** The last part of an image's name, without tag and digest: `cp-kafka` of `confluentinc/cp-kafka:7.6.1`. */
export const imageName = ({ node }: Container): string =>
  /([^/:@]+)(?::[^/]*)?(?:@.*)?$/.exec(textAt(node, ['image']) ?? '')?.[1] ?? '';

/** The containers of a workload that stay, not those of its init phase. */
export const mainContainers = ({ template }: Workload): readonly Container[] =>
  containersOf(template).filter(({ list }) => list === 'containers');

/** Where a container mounts which volumes, the longest path first. */
export const mountsOf = ({
  node,
}: Container): readonly { readonly path: string; readonly volume: string }[] =>
  itemsAt(node, ['volumeMounts'])
    .map((mount) => ({
      path: (textAt(mount, ['mountPath']) ?? '').replace(/\/$/, ''),
      volume: textAt(mount, ['name']) ?? '',
    }))
    .sort((a, b) => b.path.length - a.path.length);

/** The volume that a path of a container lies on, and the path within it; undefined on the image's own file system. */
export function volumeAt(
  container: Container,
  path: string,
): { readonly volume: string; readonly inside: string } | undefined {
  const mount = mountsOf(container).find((each) => path === each.path || path.startsWith(`${each.path}/`));
  return mount && { volume: mount.volume, inside: path.slice(mount.path.length + 1) };
}
