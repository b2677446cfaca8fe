import { textAt } from '../../yaml/node.ts';
import type { Rule } from '../rule.ts';
import { misreadValues, objectsOf } from './string-places.ts';
import type { YamlSubject } from './subject.ts';

export const labelValue: Rule<YamlSubject> = {
  id: 'yaml/label-value',
  severity: 'error',
  title: 'Every label of an object is a string.',
  why: 'One label that is no string makes Flux drop all labels of the object without a word: Services lose their pods, a Namespace its Pod Security level.',
  fix: 'Quote the value.',
  docs: 'https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/',
  scope: 'general',
  *check(subject) {
    for (const object of objectsOf(subject))
      for (const { node, field, becomes } of misreadValues(object, ['metadata', 'labels']))
        yield {
          message: `the label \`${field.slice('metadata.labels.'.length)}\` is ${becomes}, not a string: ${textAt(object, ['kind']) ?? 'the object'} ${textAt(object, ['metadata', 'name']) ?? ''} loses all its labels`,
          fix: `Quote it: "${node.source}".`,
          at: node.origin,
        };
  },
};
