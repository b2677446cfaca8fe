/** Label selectors. Mirrors `ValidateLabelSelector` of apimachinery's pkg/apis/meta/v1/validation. */
import { satisfies } from '../selectors.ts';
import { type Errors, faultsOf } from './error.ts';
import { entries, type Field, get, items, size, text, texts } from './field.ts';
import { isLabelValue, isQualifiedName } from './formats.ts';
import { validateLabels } from './metadata.ts';

const { fault, missing, forbidden } = faultsOf('selector');

const operators = ['In', 'NotIn', 'Exists', 'DoesNotExist'];

/** `ValidateLabelSelector`. */
export function* validateLabelSelector(selector: Field): Errors {
  yield* validateLabels(get(selector, 'matchLabels'));
  for (const expression of items(get(selector, 'matchExpressions'))) {
    const operator = get(expression, 'operator');
    const values = get(expression, 'values');
    const key = get(expression, 'key');
    if (!operators.includes(text(operator))) yield unknownOperator(operator);
    else if (['In', 'NotIn'].includes(text(operator))) {
      if (size(values) === 0) yield missing(values, `the operator ${text(operator)} compares with values`);
    } else if (size(values) > 0)
      yield forbidden(values, `the operator ${text(operator)} compares with nothing`);
    const wrongKey = isQualifiedName(text(key));
    if (wrongKey !== undefined) yield fault(key, wrongKey, 'write the key of a label');
    for (const [value, item] of texts(values)) {
      const wrong = isLabelValue(value);
      if (wrong !== undefined) yield fault(item, wrong, 'write the value of a label');
    }
  }
}

const unknownOperator = (operator: Field) => faultsOf('selector').oneOf(operator, operators);

/** Whether a selector selects by nothing: `{}`, or no selector at all. */
export const isEmptySelector = (selector: Field): boolean =>
  size(get(selector, 'matchLabels')) + size(get(selector, 'matchExpressions')) === 0;

/** Whether labels are what a selector asks for. */
export function selectorMatches(selector: Field, labels: Field): boolean {
  const present = Object.fromEntries(entries(labels).map(([key, value]) => [key, text(value)]));
  const equal = entries(get(selector, 'matchLabels')).every(([key, value]) => present[key] === text(value));
  return (
    equal &&
    items(get(selector, 'matchExpressions')).every((expression) =>
      satisfies(present, {
        key: text(get(expression, 'key')),
        operator: text(get(expression, 'operator')),
        values: texts(get(expression, 'values')).map(([value]) => value),
      }),
    )
  );
}

/** The fault of a workload whose pods its own selector does not select. */
export function* validateSelectorMatches(selector: Field, labels: Field): Errors {
  if (selectorMatches(selector, labels)) return;
  const wanted = [
    ...entries(get(selector, 'matchLabels')).map(([key, value]) => `${key}: ${text(value)}`),
    ...items(get(selector, 'matchExpressions')).map(
      (item) => `${text(get(item, 'key'))} ${text(get(item, 'operator'))}`,
    ),
  ];
  yield fault(
    labels,
    `do not satisfy the object's own selector (${wanted.join(', ')})`,
    'give the template the labels that the selector asks for',
  );
}
