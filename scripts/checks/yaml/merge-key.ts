import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  visit,
  type YAMLMap,
} from 'yaml';
import type { YamlFile } from '../../yaml/parse.ts';
import type { Report, Rule } from '../rule.ts';
import type { YamlSubject } from './subject.ts';

export const mergeKey: Rule<YamlSubject> = {
  id: 'yaml/merge-key',
  severity: 'warning',
  title: 'A merge key (`<<`) does what its place suggests.',
  why: 'A merged value never overrides a key of the mapping itself, wherever `<<` stands; it is merged only at the first level; and of several merged mappings the first wins. None of this gives a message.',
  fix: 'Put `<<` first in its mapping, and write out what differs.',
  docs: 'https://yaml.org/type/merge.html',
  scope: 'general',
  *check({ file, role }) {
    if (role === 'other' || !file.text.includes('<<')) return;
    for (const { syntax, problems } of file.documents) {
      if (problems.some((problem) => problem.code !== 'duplicate-key')) continue;
      const maps: YAMLMap[] = [];
      visit(syntax, {
        Map: (_, node) => {
          maps.push(node);
        },
      });
      for (const node of maps) yield* inMap(file, syntax, node);
    }
  },
};

function* inMap(file: YamlFile, document: Document, node: YAMLMap): Generator<Report> {
  const merges = node.items.filter(isMerge);
  const [merge, second] = merges;
  if (!merge) return;
  const place = (found: unknown) => file.originOf((found as Node | null)?.range?.[0] ?? node.range?.[0] ?? 0);
  if (second) {
    yield {
      message: '`<<` stands twice in one mapping: kustomize refuses the file (“duplicate merge key”)',
      fix: 'Write one: `<<: [*first, *second]`.',
      severity: 'error',
      at: place(second.key),
    };
    return;
  }
  const items = isSeq(merge.value) ? merge.value.items : [merge.value];
  const sources = items.map((item) => (isAlias(item) ? item.resolve(document) : item));
  if (!sources.every((source) => isMap(source))) {
    yield {
      message: '`<<` takes a mapping or a list of mappings: kustomize refuses anything else',
      fix: 'Give the anchor to a mapping.',
      severity: 'error',
      at: place(merge.key),
    };
    return;
  }
  const position = node.items.indexOf(merge);
  for (const [index, pair] of node.items.entries()) {
    if (pair === merge) continue;
    const key = keyOf(pair);
    const merged = sources.map((source) => pairOf(source, key)).find((found) => found !== undefined);
    if (!merged || isSame(merged.value, pair.value)) continue;
    const lost = isMap(merged.value) && isMap(pair.value) ? missing(merged.value, pair.value) : [];
    if (lost.length > 0)
      yield {
        message: `\`${key}\` replaces the merged \`${key}\` whole: ${lost.map((name) => `\`${key}.${name}\``).join(', ')} of the anchor ${lost.length === 1 ? 'is' : 'are'} lost`,
        fix: `Merge one level deeper: give the inner mapping an anchor of its own, and write \`<<\` within \`${key}\`.`,
        at: place(pair.key),
      };
    else if (index < position)
      yield {
        message: `the \`${key}\` of the merged mapping does not override the \`${key}\` above, though it stands below`,
        fix: 'Put `<<` first, or remove the line that should not win.',
        at: place(merge.key),
      };
  }
  const seen = new Map<string, unknown>();
  for (const source of sources)
    for (const pair of source.items) {
      const key = keyOf(pair);
      if (pairOf(node, key)) continue;
      if (seen.has(key) && !isSame(seen.get(key), pair.value))
        yield {
          message: `two of the merged mappings set \`${key}\`: the first one of the list wins`,
          fix: `Write \`${key}\` out, or order the list so that the one that should win comes first.`,
          at: place(merge.key),
        };
      if (!seen.has(key)) seen.set(key, pair.value);
    }
}

const isMerge = (pair: Pair): boolean =>
  isScalar(pair.key) && pair.key.value === '<<' && pair.key.type === 'PLAIN';

const keyOf = (pair: Pair): string =>
  isScalar(pair.key) ? String(pair.key.value) : JSON.stringify(pair.key);

const pairOf = (node: YAMLMap, key: string): Pair | undefined =>
  node.items.find((pair) => keyOf(pair) === key);

const missing = (from: YAMLMap, into: YAMLMap): string[] =>
  into.items.some(isMerge) ? [] : from.items.map(keyOf).filter((key) => !pairOf(into, key));

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);
