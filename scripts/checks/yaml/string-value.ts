import type { Report, Rule } from '../rule.ts';
import { type Misread, misreadOperations, misreadStrings, objectsOf } from './string-places.ts';
import type { YamlSubject } from './subject.ts';

export const stringValue: Rule<YamlSubject> = {
  id: 'yaml/string-value',
  severity: 'error',
  title: 'Numbers, booleans and dates are quoted where Kubernetes takes a string.',
  why: 'The API server refuses the object (“cannot unmarshal number into Go struct field … of type string”); a version like 1.10 has lost its zero by then, and 010 has become 8.',
  fix: 'Quote the value.',
  docs: 'https://kubernetes.io/docs/concepts/configuration/configmap/',
  scope: 'general',
  *check(subject) {
    for (const object of objectsOf(subject)) yield* reports(misreadStrings(object));
    yield* reports(misreadOperations(subject));
  },
};

function* reports(misreads: Iterable<Misread>): Generator<Report> {
  for (const { node, field, becomes } of misreads)
    yield {
      message: `${field} takes a string, but YAML reads \`${node.source}\` as ${becomes}`,
      fix: `Quote it: "${node.source}".`,
      at: node.origin,
    };
}
