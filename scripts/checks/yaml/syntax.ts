import { type Document, isCollection, visit, type YAMLError } from 'yaml';
import type { YamlFile } from '../../yaml/parse.ts';
import { hasHouseLayout } from '../kustomization/subject.ts';
import type { Report, Rule } from '../rule.ts';
import type { YamlSubject } from './subject.ts';

// What go-yaml refuses with "control characters are not allowed".
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffe\uffff]/;

const failures = {
  'too-large': {
    message: 'the file is larger than any object that Kubernetes stores (etcd’s limit is 1.5 MiB)',
    fix: 'Split it, or leave it out of the cluster: no manifest is that large.',
  },
  unreadable: { message: 'the file cannot be read', fix: 'Make it an ordinary, readable file.' },
  'not-utf8': { message: 'the file is not UTF-8: kustomize refuses it', fix: 'Save it as UTF-8.' },
} as const;

export const syntax: Rule<YamlSubject> = {
  id: 'yaml/syntax',
  severity: 'error',
  title: 'Every YAML file can be parsed.',
  why: 'kustomize fails on the file, so nothing of the Kustomization that reads it is deployed.',
  fix: 'Correct the line; the cause (an unclosed quote or bracket, a wrong indentation) often stands one line above.',
  scope: 'general',
  *check({ file, role, failure, repository }) {
    if (failure) yield { ...failures[failure], at: { file: file.file, line: 1, column: 1 } };
    // Elsewhere a file may be a template, which is no YAML until some program has filled it in.
    const foreign = role === 'other' && !hasHouseLayout(repository);
    if (foreign && file.text.includes('{{')) return;
    const severity: Pick<Report, 'severity'> = foreign ? { severity: 'warning' } : {};
    for (const document of file.documents) {
      const first = document.syntax.errors.find((error) => error.code !== 'TAB_AS_INDENT');
      // One mistake makes a parser complain many times; the first complaint is the near one.
      if (first && !document.syntax.errors.some((error) => error.code === 'TAB_AS_INDENT'))
        yield {
          message: `YAML syntax: ${first.message.split('\n')[0]!.replace(/ at line \d+.*$/, '')}`,
          at: file.originOf(openingOf(document.syntax, first)),
          ...severity,
        };
    }
    if (role === 'other') {
      if (file.file.endsWith('.json') && file.problems.length === 0) yield* jsonSyntax(file, severity);
      return;
    }
    // Patches in JSON have a reader of their own, and kustomize's own file an older one.
    if (role === 'manifest' && !file.problems.some(({ code }) => code === 'syntax'))
      yield* refusedByKustomize(file);
    const found = control.exec(file.text);
    if (found)
      yield {
        message: `the control character U+${found[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')} stands in the file: kustomize refuses it`,
        fix: 'Remove it, or write it as an escape (\\u…) within double quotes.',
        at: file.originOf(found.index),
      };
  },
};

/** YAML that is no JSON, such as a comma before a closing bracket. */
function* jsonSyntax(file: YamlFile, severity: Pick<Report, 'severity'>): Generator<Report> {
  try {
    JSON.parse(file.text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // Node does not always say where. What YAML takes and JSON does not is nearly always a last comma.
    const comma = file.text.search(/,\s*[\]}]/);
    const position = Number(/position (\d+)/.exec(message)?.[1] ?? Math.max(comma, 0));
    yield {
      message: `JSON syntax: ${message.replace(/(?: in JSON at position|, \.\.\.| is not valid JSON).*$/s, '')}`,
      fix: 'Correct the line; often a comma is missing or too many.',
      at: file.originOf(position),
      ...severity,
    };
  }
}

/** Where an error began: a quote that is never closed is noticed only at the end of the file. */
function openingOf(document: Document, error: YAMLError): number {
  let opening = error.pos[0];
  if (/closing .*quote/.test(error.message))
    visit(document, {
      Scalar: (_, node) => {
        if (node.type?.startsWith('QUOTE_') && node.range && node.range[1] >= error.pos[0])
          opening = node.range[0];
      },
    });
  return opening;
}

/** What the parser here lets pass and go-yaml does not. */
function* refusedByKustomize(file: YamlFile): Generator<Report> {
  const directive = /^%(?:YAML|TAG)\b.*/m.exec(file.text);
  if (directive)
    yield {
      message: `kustomize refuses the directive \`${directive[0]}\``,
      fix: 'Remove the line.',
      at: file.originOf(directive.index),
    };
  // Few files have any of what follows, and a walk costs more than a look.
  if (!/\\\/|\\u[dD]|[{[?]\s*[{[]|\?\s/.test(file.text)) return;
  const found: Report[] = [];
  for (const { syntax } of file.documents)
    visit(syntax, {
      Pair: (_, pair) => {
        if (isCollection(pair.key))
          found.push({
            message: 'a mapping or list cannot be a key: kustomize refuses the file',
            fix: 'Quote the value if it is a template such as "{{ … }}".',
            at: file.originOf(pair.key.range?.[0] ?? 0),
          });
      },
      Scalar: (_, node) => {
        if (node.type !== 'QUOTE_DOUBLE' || !node.range) return;
        const [start, end] = node.range;
        for (const match of file.text.slice(start, end).matchAll(/\\(?:u([0-9a-fA-F]{4})|[\s\S])/g)) {
          const isSurrogate = match[1] !== undefined && /^d[89a-f]/i.test(match[1]);
          if (match[0] === '\\/' || isSurrogate)
            found.push({
              message: `kustomize does not know the escape \`${match[0]}\` and refuses the file`,
              fix: isSurrogate ? 'Write the character itself, or \\U and eight digits.' : 'Write `/`.',
              at: file.originOf(start + match.index),
            });
        }
      },
    });
  yield* found;
}
