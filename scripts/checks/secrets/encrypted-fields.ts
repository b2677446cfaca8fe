import { configFile, ruleFor } from '../../secrets/creation-rules.ts';
import { isSelected, printSelection, selectionOf } from '../../secrets/selection.ts';
import { type Node, originAt } from '../../yaml/node.ts';
import type { Report, Rule } from '../rule.ts';
import type { SecretsSubject } from './subject.ts';

const hidden = [['data'], ['stringData']];
const open = [['apiVersion'], ['kind'], ['type'], ['metadata', 'name'], ['metadata', 'namespace']];

export const encryptedFields: Rule<SecretsSubject> = {
  id: 'secrets/encrypted-fields',
  severity: 'error',
  title: 'All of `data` and `stringData` is encrypted, and nothing that kustomize reads',
  why: 'A field that the pattern leaves out is written to Git in plain text by the next edit. With kind, name or namespace encrypted, kustomize cannot build the object.',
  fix: 'Write `encrypted_regex: ^(data|stringData)$`.',
  docs: 'https://fluxcd.io/flux/guides/mozilla-sops/',
  scope: 'infometis',
  *check({ documents, environments, rules }): Generator<Report> {
    for (const { rule, name } of environments)
      yield* faults(rule.node, [], `the creation rule of ${name} in ${configFile}`);
    for (const { file, node, sops } of documents)
      if (ruleFor(rules ?? [], file)) yield* faults(node, ['sops'], `\`${file}\``, sops);
  },
};

function* faults(node: Node, path: string[], what: string, block = node): Generator<Report> {
  const selection = selectionOf(block);
  const plain = hidden.find((keys) => isSelected(selection, [...keys, 'password']) !== true);
  const lost = open.find((keys) => isSelected(selection, keys) !== false);
  const at = originAt(node, [...path, selection.field]);
  if (plain)
    yield { message: `${what}: ${printSelection(selection)} leaves \`${plain.join('.')}\` unencrypted`, at };
  else if (lost)
    yield { message: `${what}: ${printSelection(selection)} encrypts \`${lost.join('.')}\`, too`, at };
}
