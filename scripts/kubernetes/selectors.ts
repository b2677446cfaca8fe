/** Label selectors, as apimachinery's `labels` package and `metav1.LabelSelector` evaluate them. */

import { entriesAt, itemsAt, type Node, textAt } from '../yaml/node.ts';

export type Labels = Readonly<Record<string, string>>;

/** One condition on labels. The plain `key: value` of a selector is the operator `In` with one value. */
export interface Requirement {
  readonly key: string;
  readonly operator: string;
  readonly values: readonly string[];
}

/** The string entries of a mapping of labels; other values are the schema stage's concern. */
export function labelsOf(node: Node | undefined): Labels {
  const labels: Record<string, string> = {};
  for (const [key, entry] of entriesAt(node, []))
    if (entry.value.type === 'scalar' && typeof entry.value.value === 'string')
      labels[key] = entry.value.value;
  return labels;
}

/** The conditions of a plain mapping, as Services and ReplicationControllers have it. */
export const equalityRequirements = (labels: Labels): readonly Requirement[] =>
  Object.entries(labels).map(([key, value]) => ({ key, operator: 'In', values: [value] }));

/** The conditions of a `metav1.LabelSelector`. None means: everything. */
export function requirementsOf(selector: Node | undefined): readonly Requirement[] {
  const expressions = itemsAt(selector, ['matchExpressions']).map((item) => ({
    key: textAt(item, ['key']) ?? '',
    operator: textAt(item, ['operator']) ?? '',
    values: itemsAt(item, ['values']).flatMap((value) =>
      value.type === 'scalar' && typeof value.value === 'string' ? [value.value] : [],
    ),
  }));
  return [...equalityRequirements(labelsOf(selectorLabels(selector))), ...expressions];
}

/** Whether labels satisfy one condition. An operator that Kubernetes does not know satisfies nothing. */
export function satisfies(labels: Labels, requirement: Requirement): boolean {
  const value = Object.hasOwn(labels, requirement.key) ? labels[requirement.key] : undefined;
  switch (requirement.operator) {
    case 'In':
      return value !== undefined && requirement.values.includes(value);
    case 'NotIn':
      return value === undefined || !requirement.values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}

/** The conditions that labels do not satisfy. */
export const unmet = (labels: Labels, requirements: readonly Requirement[]): readonly Requirement[] =>
  requirements.filter((requirement) => !satisfies(labels, requirement));

/** `app=kafka`, `tier in (a, b)`, `tier exists`: as kubectl writes conditions. */
export function printRequirement({ key, operator, values }: Requirement): string {
  if (operator === 'In' && values.length === 1) return `${key}=${values[0]}`;
  if (operator === 'Exists') return `${key} exists`;
  if (operator === 'DoesNotExist') return `no ${key}`;
  return `${key} ${operator === 'NotIn' ? 'not in' : 'in'} (${values.join(', ')})`;
}

const selectorLabels = (selector: Node | undefined): Node | undefined =>
  selector?.type === 'map' ? selector.entries.get('matchLabels')?.value : undefined;
