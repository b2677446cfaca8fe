import { type Labels, type Requirement, satisfies } from '../selectors.ts';
import { isMap, type JsonMap, listOf, mapOf, textOf, textsOf } from './json.ts';

/** The conditions of a `metav1.LabelSelector` in plain JSON. None: everything matches. */
export function requirementsOf(selector: unknown): readonly Requirement[] {
  const { matchLabels, matchExpressions } = mapOf(selector);
  return [
    ...Object.entries(mapOf(matchLabels)).map(([key, value]) => ({
      key,
      operator: 'In',
      values: [textOf(value)],
    })),
    ...listOf(matchExpressions)
      .filter(isMap)
      .map(({ key, operator, values }) => ({
        key: textOf(key),
        operator: textOf(operator),
        values: textsOf(values),
      })),
  ];
}

export const matchesLabels = (labels: Labels, requirements: readonly Requirement[]): boolean =>
  requirements.every((requirement) => satisfies(labels, requirement));

/** The labels of an object in plain JSON. */
export function labelsOf(object: JsonMap): Labels {
  const labels: Record<string, string> = {};
  for (const [key, value] of Object.entries(mapOf(mapOf(object['metadata'])['labels'])))
    if (typeof value === 'string') labels[key] = value;
  return labels;
}
