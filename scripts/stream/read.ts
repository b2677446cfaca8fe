/** Objects that are already rendered: YAML or JSON, many documents, lists taken apart. */
import { type RenderedObject, renderedObject } from '../render/object.ts';
import {
  child,
  type Json,
  type JsonObject,
  type MapNode,
  map,
  type Node,
  type Origin,
  type Path,
} from '../yaml/node.ts';
import { parseYaml, type YamlFile, type YamlProblem } from '../yaml/parse.ts';
import { jsonValues } from './json-values.ts';
import { parseSimpleYaml } from './simple-yaml.ts';

/** One object of a stream. */
export interface StreamObject {
  /** Its identity and, when asked for, the place of each of its fields. */
  readonly object: RenderedObject;
  /** What the document holds: a mapping for every Kubernetes object. */
  readonly value: Json;
  /** Why the document cannot be read, or not safely. */
  readonly problems: readonly YamlProblem[];
}

interface Chunk {
  readonly text: string;
  /** The line of the stream, counted from 0, on which the text begins. */
  readonly line: number;
}

/**
 * The objects of a stream, in order. Empty documents are none; the items of a `kind: List` (or any `*List`) are objects
 * of their own.
 */
export function readStream(file: string, text: string): readonly StreamObject[] {
  const clean = text.startsWith('\uFEFF') ? text.slice(1) : text;
  return chunksOf(clean).flatMap((chunk) => readChunk(file, chunk));
}

/** The documents as texts. A line of three dashes or dots ends a document wherever it stands. */
function chunksOf(text: string): readonly Chunk[] {
  // Directives belong to the document after them; such streams are rare enough for the slow way.
  if (/^%/m.test(text)) return [{ text, line: 0 }];
  const chunks: Chunk[] = [];
  const marker = /^(?:---|\.\.\.)(?=[ \t\r\n]|$)[^\n]*(?:\n|$)/gm;
  let start = 0;
  let line = 0;
  let match = marker.exec(text);
  while (match !== null) {
    push(chunks, text.slice(start, match.index), line);
    line += lineCount(text, start, match.index);
    // A marker may carry the beginning of its document.
    const bare = /^(?:---|\.\.\.)[ \t]*(?:#.*)?\r?\n?$/.test(match[0]);
    start = bare ? match.index + match[0].length : match.index + 3;
    if (bare && match[0].endsWith('\n')) line += 1;
    if (match[0].length === 0) break;
    marker.lastIndex = Math.max(marker.lastIndex, start);
    match = marker.exec(text);
  }
  push(chunks, text.slice(start), line);
  return chunks;
}

function push(chunks: Chunk[], text: string, line: number): void {
  if (/\S/.test(text)) chunks.push({ text, line });
}

function lineCount(text: string, from: number, to: number): number {
  let count = 0;
  for (let i = text.indexOf('\n', from); i !== -1 && i < to; i = text.indexOf('\n', i + 1)) count += 1;
  return count;
}

function readChunk(file: string, chunk: Chunk): readonly StreamObject[] {
  if (/^\s*\{/.test(chunk.text)) {
    const values = jsonValues(chunk.text);
    if (values)
      return values.flatMap(({ text, line, value }) =>
        objectsOf(value, lazyNode(file, { text, line: chunk.line + line })),
      );
  }
  const simple = parseSimpleYaml(chunk.text);
  if (simple) return objectsOf(simple.value, lazyNode(file, chunk));
  const { documents } = parseFully(file, chunk);
  return documents.flatMap(({ node, problems, syntax }): StreamObject[] => {
    if (node !== undefined) return objectsOf(undefined, () => node, problems);
    if (problems.length === 0) return [];
    const origin = problems[0]?.origin ?? { file, line: chunk.line + 1, column: 1 };
    void syntax;
    return [{ object: renderedObject(map(origin), nobody), value: null, problems }];
  });
}

const nobody = { environment: '', component: '' };

const parseFully = (file: string, { text, line }: Chunk): YamlFile =>
  parseYaml(file, text, (row, column): Origin => ({ file, line: line + row, column }));

/** Fields are looked for only where there is something to say about one. */
function lazyNode(file: string, chunk: Chunk): () => Node | undefined {
  let parsed: Node | undefined;
  return () => {
    parsed ??= parseFully(file, chunk).documents.find(({ node }) => node !== undefined)?.node;
    return parsed;
  };
}

const isMap = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function objectsOf(
  given: Json | undefined,
  node: () => Node | undefined,
  problems: readonly YamlProblem[] = [],
): StreamObject[] {
  const value = given === undefined ? nodeValue(node()) : given;
  const items = itemsOf(value);
  return items === undefined
    ? [{ object: lazyObject(value, node), value, problems }]
    : items.flatMap((item, index) =>
        objectsOf(item, () => child(child(node(), 'items'), index), index === 0 ? problems : []),
      );
}

/** The items of a list of objects, which may be lists themselves; undefined where the value is none. */
function itemsOf(value: Json): readonly Json[] | undefined {
  if (!isMap(value) || typeof value['kind'] !== 'string' || !value['kind'].endsWith('List')) return undefined;
  const { items, kind, apiVersion } = value;
  if (Array.isArray(items)) return items.map((item) => (isMap(item) ? withTypeOf(item, value) : item));
  // Nothing at all is an empty list.
  return kind === 'List' && apiVersion === 'v1' && (items === undefined || items === null) ? [] : undefined;
}

/** The items of a typed list may leave out what the list's own kind says. */
function withTypeOf(item: JsonObject, list: JsonObject): JsonObject {
  const kind = String(list['kind']).slice(0, -'List'.length);
  if (kind === '' || item['kind'] !== undefined || item['apiVersion'] !== undefined) return item;
  return { apiVersion: list['apiVersion'] ?? '', kind, ...item };
}

function lazyObject(value: Json, node: () => Node | undefined): RenderedObject {
  const at = (...path: Path): string | undefined => {
    const found = path.reduce<Json | undefined>(
      (current, key) => (isMap(current) ? current[key] : undefined),
      value,
    );
    return typeof found === 'string' ? found : undefined;
  };
  const namespace = at('metadata', 'namespace');
  return {
    apiVersion: at('apiVersion') ?? '',
    kind: at('kind') ?? '',
    name: at('metadata', 'name') ?? '',
    ...(namespace === undefined ? {} : { namespace }),
    ...nobody,
    value: isMap(value) ? value : {},
    get node(): MapNode {
      const found = node();
      return found?.type === 'map' ? found : map(found?.origin ?? { file: '', line: 1, column: 1 });
    },
  };
}

function nodeValue(node: Node | undefined): Json {
  if (node === undefined) return null;
  switch (node.type) {
    case 'scalar':
      return node.value;
    case 'list':
      return node.items.map(nodeValue);
    case 'map': {
      const value: JsonObject = {};
      for (const [key, entry] of node.entries)
        Object.defineProperty(value, key, {
          value: nodeValue(entry.value),
          enumerable: true,
          configurable: true,
          writable: true,
        });
      return value;
    }
  }
}
