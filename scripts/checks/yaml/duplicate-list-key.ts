import { knownGoodKey } from '../../cache/known-good.ts';
import { validateObject } from '../../kubernetes/schema/index.ts';
import type { Repository } from '../../render/environment.ts';
import { type MapNode, originAt, toJson } from '../../yaml/node.ts';
import type { Report, Rule } from '../rule.ts';
import { schemas } from '../schema/subject.ts';
import { objectsOf } from './string-places.ts';
import type { YamlSubject } from './subject.ts';

export const duplicateListKey: Rule<YamlSubject> = {
  id: 'yaml/duplicate-list-key',
  severity: 'error',
  title: 'No manifest has two items of one key in a list that is merged by key.',
  why: 'Containers, ports, variables and volumes are told apart by their keys. As soon as a patch touches the object, kustomize keeps one of the two without a word; without a patch, server-side apply refuses the object.',
  fix: 'Remove one of the two items, or give it another key.',
  docs: 'https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy',
  scope: 'general',
  *check(subject) {
    // In a patch the items are directives, and may well repeat.
    if (subject.role !== 'manifest') return;
    for (const object of objectsOf(subject)) yield* repeatedIn(object, subject.repository);
  },
};

function* repeatedIn(object: MapNode, { knownGood }: Repository): Generator<Report> {
  const value = toJson(object);
  const text = JSON.stringify(value);
  const key = knownGoodKey('list-keys', text);
  if (knownGood?.has(key) || knownGood?.has(knownGoodKey('schema', text))) return;
  const repeated = validateObject(schemas(), value).filter(({ code }) => code === 'duplicate-list-key');
  if (repeated.length === 0) knownGood?.add(key);
  for (const { message, fix, path } of repeated)
    yield {
      message: `${message}: where a patch touches the object, kustomize drops one of them in silence`,
      fix: `${fix.charAt(0).toUpperCase()}${fix.slice(1)}.`,
      at: originAt(object, path),
    };
}
