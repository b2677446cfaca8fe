import { type Node, type ScalarNode, textAt } from '../../yaml/node.ts';
import type { Report, Rule } from '../rule.ts';
import { misreadStrings, misreadValues, objectsOf } from './string-places.ts';
import type { YamlSubject } from './subject.ts';

// Permissions that people give to files; 440 or 644 in decimal is none of these.
const usual = new Set(
  '0 400 440 444 500 550 555 600 640 644 660 664 666 700 710 711 750 755 770 775 777'.split(' '),
);

export const octalNumber: Rule<YamlSubject> = {
  id: 'yaml/octal-number',
  severity: 'warning',
  title: 'A number means what its digits say.',
  why: 'A leading zero makes a number octal: 010 is 8. Without it a file mode is decimal: 440 is 0670, and the process cannot read its file, or everyone can.',
  fix: 'Write file modes with a leading zero and all other numbers without.',
  docs: 'https://kubernetes.io/docs/concepts/configuration/secret/#secret-files-permissions',
  scope: 'general',
  *check(subject) {
    const { file, role } = subject;
    if (role === 'other' || role === 'kustomization') return;
    // Where a string belongs, the rules for strings tell.
    const strings = new Set<ScalarNode>();
    for (const object of objectsOf(subject)) {
      for (const { node } of misreadStrings(object)) strings.add(node);
      for (const path of ['labels', 'annotations'])
        for (const { node } of misreadValues(object, ['metadata', path])) strings.add(node);
    }
    for (const { node } of file.documents) if (node) yield* inNode(node, '', strings);
  },
};

function* inNode(node: Node, key: string, strings: ReadonlySet<ScalarNode>): Generator<Report> {
  if (node.type === 'list') {
    for (const item of node.items) yield* inNode(item, key, strings);
  } else if (node.type === 'map') {
    // In a JSON patch the path says which field the value is for.
    const target = textAt(node, ['op']) === undefined ? undefined : textAt(node, ['path'])?.split('/').at(-1);
    for (const [name, entry] of node.entries)
      yield* inNode(entry.value, name === 'value' && target !== undefined ? target : name, strings);
  } else if (!strings.has(node)) {
    yield* inScalar(node, key);
  }
}

function* inScalar(node: ScalarNode, key: string): Generator<Report> {
  const isMode = key === 'defaultMode' || key === 'mode';
  if (key === 'defaultMode' && typeof node.value === 'string' && /^0?[0-7]{3}$/.test(node.value)) {
    yield {
      message: `\`${key}\` is the string "${node.value}": the API server takes a number only`,
      fix: `Write ${node.value.padStart(4, '0')} without quotes.`,
      severity: 'error',
      at: node.origin,
    };
    return;
  }
  const { source, value } = node;
  if (node.style !== 'plain' || source === undefined || typeof value !== 'number') return;
  if (isMode && /^[1-7][0-7]{2}$/.test(source) && usual.has(source) && !usual.has(value.toString(8))) {
    yield {
      message: `\`${key}: ${source}\` is decimal: as a file mode it is 0${value.toString(8)}, not 0${source}`,
      fix: `Write \`${key}: 0${source}\`.`,
      at: node.origin,
    };
    return;
  }
  // Four digits such as 0644 are a file mode, whatever a custom resource calls it.
  const isPermission = /mode$|mask$|permission/i.test(key) || /^0[0-7]{3}$/.test(source);
  if (!isPermission && /^[-+]?0[0-9_]+$/.test(source) && Number(source.replaceAll('_', '')) !== value)
    yield {
      message: `YAML reads \`${source}\` as the octal number ${value}`,
      fix: `Write ${Number(source.replaceAll('_', ''))}, or ${value} if that was meant, or quote it if it is text.`,
      at: node.origin,
    };
}
