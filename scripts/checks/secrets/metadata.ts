import { selectors } from '../../secrets/selection.ts';
import { keyLists } from '../../secrets/sops-document.ts';
import { itemsAt, type Node, originAt, type Path, textAt } from '../../yaml/node.ts';
import type { Report, Rule } from '../rule.ts';
import { describeNode, type SecretsSubject } from './subject.ts';

export const metadata: Rule<SecretsSubject> = {
  id: 'secrets/metadata',
  severity: 'error',
  title: 'The `sops` block holds all that decrypting takes',
  why: 'SOPS refuses a file without `lastmodified`, without an encrypted data key, or with two answers to what is encrypted. Flux then applies nothing of the Kustomization.',
  fix: 'Restore the block as SOPS wrote it; nobody can make it up.',
  docs: 'https://getsops.io/docs/',
  scope: 'general',
  *check({ documents }) {
    for (const { node, sops } of documents) {
      const report = (path: Path, what: string): Report => ({
        message: `the \`sops\` block of ${describeNode(node)} ${what}`,
        at: originAt(node, ['sops', ...path]),
      });
      const modified = textAt(sops, ['lastmodified']);
      if (modified === undefined || Number.isNaN(Date.parse(modified)))
        yield report(
          ['lastmodified'],
          modified === undefined
            ? 'has no `lastmodified`, which the `mac` is bound to'
            : `says it was modified at \`${modified}\`, which is no time`,
        );
      const groups: Node[] = [sops, ...itemsAt(sops, ['key_groups'])];
      if (groups.every((group) => keyLists.every((list) => itemsAt(group, [list]).length === 0)))
        yield report([], 'holds no data key, so nobody can decrypt the values');
      for (const [index, item] of itemsAt(sops, ['age']).entries()) {
        const enc = textAt(item, ['enc'])?.trim() ?? '';
        if (!/^-----BEGIN AGE ENCRYPTED FILE-----\n[\s\S]+\n-----END AGE ENCRYPTED FILE-----$/.test(enc))
          yield report(
            ['age', index, 'enc'],
            `has no whole data key for ${textAt(item, ['recipient']) ?? 'a recipient without name'}`,
          );
      }
      const given = selectors.filter((field) => textAt(sops, [field]));
      if (given.length > 1)
        yield report(
          [given[1]!],
          `has both \`${given[0]}\` and \`${given[1]}\`, of which SOPS takes one alone`,
        );
    }
  },
};
