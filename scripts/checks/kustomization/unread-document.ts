import type { Rule } from '../rule.ts';
import type { KustomizationSubject } from './subject.ts';

export const unreadDocument: Rule<KustomizationSubject> = {
  id: 'kustomization/unread-document',
  severity: 'error',
  title: 'A kustomization.yaml holds one document.',
  why: 'kustomize reads the first document and ignores the others without a word.',
  fix: 'Join the documents into one.',
  scope: 'general',
  *check(subject) {
    const filled = subject.file.documents.filter((document) => document.node !== undefined);
    for (const document of filled.slice(1))
      yield {
        message: 'kustomize reads only the first document of this file; this one has no effect',
        at: document.node!.origin,
      };
  },
};
