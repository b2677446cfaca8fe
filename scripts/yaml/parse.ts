import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  type Node as YamlNode,
} from 'yaml';
import { type MapNode, type Node, type Origin, scalar } from './node.ts';
import { resolvePlain } from './scalar.ts';

export interface YamlProblem {
  readonly code: 'syntax' | 'duplicate-key' | 'alias';
  readonly message: string;
  readonly origin: Origin;
}

export interface YamlDocument {
  /** Counted from 0 within the file, empty documents included. */
  readonly index: number;
  /** Undefined for a document that is empty or holds only comments. */
  readonly node: Node | undefined;
  readonly problems: readonly YamlProblem[];
  /** The syntax tree of the library, for rules about how something is written. */
  readonly syntax: Document;
}

export interface YamlFile {
  readonly file: string;
  readonly text: string;
  readonly documents: readonly YamlDocument[];
  /** Of all documents. A file with a problem of the code `syntax` must not be rendered. */
  readonly problems: readonly YamlProblem[];
  /** The place of an offset into the text. */
  readonly originOf: (offset: number) => Origin;
}

// Against documents whose aliases multiply ("billion laughs").
const maximumNodes = 500_000;

/**
 * Parses a file of YAML (or JSON) documents. It never throws: what is wrong is listed in `problems`.
 * Scalars are resolved as Kubernetes' YAML reader does, merge keys (`<<`) are applied, of a duplicate key the last wins.
 * `place` says where a line and column of the text stand in the file, for text that is embedded in another file.
 */
export function parseYaml(
  file: string,
  text: string,
  place: (line: number, column: number) => Origin = (line, column) => ({ file, line, column }),
): YamlFile {
  const lines = new LineCounter();
  const originOf = (offset: number): Origin => {
    const { line, col } = lines.linePos(offset);
    return place(Math.max(line, 1), Math.max(col, 1));
  };
  const clean = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const parsed = parseAllDocuments(clean, {
    schema: 'failsafe',
    uniqueKeys: false,
    lineCounter: lines,
    prettyErrors: false,
    logLevel: 'silent',
  });
  // To go-yaml a block scalar that ends with the file ends without a line break, if the file does.
  const clipped = (node: YamlNode, value: string): string =>
    !clean.endsWith('\n') && (node.range?.[1] ?? 0) >= clean.length ? value.replace(/\n$/, '') : value;
  const documents = (Array.isArray(parsed) ? parsed : []).map((syntax, index): YamlDocument => {
    const problems: YamlProblem[] = syntax.errors.map((error) => ({
      code: 'syntax',
      message: error.message,
      origin: originOf(error.pos[0]),
    }));
    const node = syntax.errors.length === 0 ? convert(syntax, originOf, clipped, problems) : undefined;
    return { index, node, problems, syntax };
  });
  return { file, text, documents, problems: documents.flatMap((document) => document.problems), originOf };
}

function convert(
  syntax: Document,
  originOf: (offset: number) => Origin,
  clipped: (node: YamlNode, value: string) => string,
  problems: YamlProblem[],
): Node | undefined {
  let nodes = 0;
  let cut = false;
  const open = new Set<YamlNode>();

  const visit = (node: YamlNode | null, fallback: Origin): Node => {
    nodes += 1;
    if (node === null || nodes > maximumNodes) {
      if (nodes > maximumNodes && !cut) {
        cut = true;
        problems.push({ code: 'alias', message: 'aliases expand to too many values', origin: fallback });
      }
      return { type: 'scalar', value: null, style: 'plain', source: '', origin: fallback };
    }
    const origin = node.range ? originOf(node.range[0]) : fallback;
    if (isAlias(node)) return visitAlias(node, origin);
    if (isScalar(node)) {
      const text = typeof node.value === 'string' ? node.value : '';
      if (node.type === 'PLAIN' || node.type === undefined) {
        const value = node.tag === 'tag:yaml.org,2002:str' ? text : resolvePlain(text);
        return { type: 'scalar', value, style: 'plain', source: text, origin };
      }
      const style =
        node.type === 'QUOTE_SINGLE'
          ? 'single-quoted'
          : node.type === 'QUOTE_DOUBLE'
            ? 'double-quoted'
            : 'block';
      return { type: 'scalar', value: style === 'block' ? clipped(node, text) : text, style, origin };
    }
    if (isSeq(node))
      return {
        type: 'list',
        items: node.items.map((item) => visit(item as YamlNode | null, origin)),
        origin,
      };
    if (isMap(node)) {
      const result: MapNode = { type: 'map', entries: new Map(), origin };
      const merged: MapNode[] = [];
      for (const pair of node.items) {
        const keyNode = pair.key as YamlNode | null;
        const keyOrigin = keyNode?.range ? originOf(keyNode.range[0]) : origin;
        const key = isScalar(keyNode) ? String(keyNode.value ?? '') : toKey(keyNode);
        const value = visit(pair.value as YamlNode | null, keyOrigin);
        if (key === '<<' && isScalar(keyNode) && keyNode.type === 'PLAIN') {
          for (const source of value.type === 'list' ? value.items : [value])
            if (source.type === 'map') merged.push(source);
          continue;
        }
        if (result.entries.has(key))
          problems.push({ code: 'duplicate-key', message: `duplicate key \`${key}\``, origin: keyOrigin });
        result.entries.set(key, { origin: keyOrigin, value });
      }
      for (const source of merged)
        for (const [key, entry] of source.entries)
          if (!result.entries.has(key)) result.entries.set(key, entry);
      return result;
    }
    return scalar(null, origin);
  };

  const visitAlias = (alias: Alias, origin: Origin): Node => {
    const target = alias.resolve(syntax);
    if (!target || open.has(target)) {
      problems.push({
        code: 'alias',
        message: target ? `alias \`*${alias.source}\` contains itself` : `unknown alias \`*${alias.source}\``,
        origin,
      });
      return scalar(null, origin);
    }
    open.add(target);
    const result = visit(target, origin);
    open.delete(target);
    return result;
  };

  const contents = syntax.contents as YamlNode | null;
  if (contents === null) return undefined;
  const root = visit(contents, originOf(syntax.range?.[0] ?? 0));
  // `null`, `~` and an empty document are the same to every reader of manifests.
  return root.type === 'scalar' && root.value === null ? undefined : root;
}

const toKey = (node: YamlNode | null): string => (node === null ? '' : JSON.stringify(node.toJSON()));
