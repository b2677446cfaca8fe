import { type Document, isCollection, isScalar, visit } from 'yaml';
import type { YamlFile } from '../../yaml/parse.ts';
import type { Rule } from '../rule.ts';
import type { YamlSubject } from './subject.ts';

// go-yaml refuses tabs even on blank lines and before comments, which other readers let pass.
const blankWithTab = /^ *\t[ \t]*(?:#.*)?\r?$/gm;
const tabBehindDash = /^ *(?:- +)*[-?] *\t/gm;

export const tabIndentation: Rule<YamlSubject> = {
  id: 'yaml/tab-indentation',
  severity: 'error',
  title: 'Lines are indented with spaces.',
  why: 'YAML allows no tabs in indentation: kustomize fails with “found character that cannot start any token” or “found a tab character that violates indentation”, and nothing is deployed.',
  fix: 'Replace the tabs at the start of the line by spaces.',
  docs: 'https://yaml.org/spec/1.2.2/#61-indentation-spaces',
  scope: 'general',
  *check({ file, role }) {
    if (role === 'other') return;
    for (const { syntax } of file.documents) {
      const error = syntax.errors.find(({ code }) => code === 'TAB_AS_INDENT');
      if (error) yield { message: 'a tab indents this line', at: file.originOf(error.pos[0]) };
    }
    if (!file.text.includes('\t') || file.problems.some(({ code }) => code === 'syntax')) return;
    const texts = file.documents.flatMap(({ syntax }) => textsOf(syntax, file));
    const isText = (offset: number): boolean =>
      texts.some(
        ({ start, end, indent }) => offset >= start && offset < end && columnOf(file, offset) >= indent,
      );
    for (const [pattern, message, fix] of [
      [blankWithTab, 'a tab stands on this line, which is otherwise blank or a comment', 'Remove the tab.'],
      [tabBehindDash, 'a tab follows the dash', 'Put a space behind the dash.'],
    ] as const)
      for (const match of file.text.matchAll(pattern)) {
        const offset = match.index + match[0].indexOf('\t');
        if (!isText(offset)) yield { message, fix, at: file.originOf(offset) };
      }
  },
};

interface Text {
  readonly start: number;
  readonly end: number;
  /** Of a block of text: what is indented less is no part of it. */
  readonly indent: number;
}

/** The stretches of a document in which tabs are content: quoted and block text, and flow collections. */
function textsOf(document: Document, file: YamlFile): Text[] {
  const texts: Text[] = [];
  visit(document, {
    Node: (_, node) => {
      if (!node.range) return;
      const [start, , end] = node.range;
      if (isScalar(node) && node.type?.startsWith('QUOTE_')) texts.push({ start, end, indent: 0 });
      else if (isScalar(node) && node.type?.startsWith('BLOCK_')) {
        const lines = file.text.slice(start, end).split('\n').slice(1);
        const first = lines.find((line) => line.trim() !== '');
        texts.push({ start, end, indent: first === undefined ? 0 : first.length - first.trimStart().length });
      } else if (isCollection(node) && node.flow) texts.push({ start, end, indent: 0 });
    },
  });
  return texts;
}

const columnOf = (file: YamlFile, offset: number): number =>
  offset - (file.text.lastIndexOf('\n', offset - 1) + 1);
