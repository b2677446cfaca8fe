import type { Rule } from '../rule.ts';
import type { YamlSubject } from './subject.ts';

export const droppedDocument: Rule<YamlSubject> = {
  id: 'yaml/dropped-document',
  severity: 'error',
  title: 'Nothing follows `...` but a new document that begins with `---`.',
  why: 'kustomize stops reading at `...` and drops what follows up to the next `---` without a word: these objects are not deployed, or pruned if they were.',
  fix: 'Replace `...` by `---`.',
  docs: 'https://yaml.org/spec/1.2.2/#914-explicit-documents',
  scope: 'general',
  *check({ file, role }) {
    if (role === 'other') return;
    const lines = file.text.split('\n');
    for (const [index, line] of lines.entries()) {
      // Unindented, `...` ends a document even within a block of text.
      if (!/^\.\.\.(?:\s|$)/.test(line)) continue;
      const next = lines.slice(index + 1).findIndex((text) => !/^\s*(?:#.*)?$/.test(text));
      if (next === -1) continue;
      const following = lines[index + 1 + next]!;
      if (/^(?:---|\.\.\.)(?:\s|$)/.test(following) || following.startsWith('%')) continue;
      yield {
        message: `everything below this \`...\` is dropped, up to the next \`---\` (it begins with \`${following.trim()}\`)`,
        at: { file: file.file, line: index + 1, column: 1 },
      };
    }
  },
};
