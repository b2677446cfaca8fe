/** Nodes. Mirrors `ValidateNode`. */
import { isRange } from './address.ts';
import { type Errors, faultsOf } from './error.ts';
import { type Field, get, items, text } from './field.ts';
import { isLabelValue, isQualifiedName } from './formats.ts';

const { fault, oneOf, duplicate } = faultsOf('scheduling');

export function* validateNode(object: Field): Errors {
  const spec = get(object, 'spec');
  const seen = new Set<string>();
  for (const taint of items(get(spec, 'taints'))) {
    const wrongKey = isQualifiedName(text(get(taint, 'key')));
    if (wrongKey !== undefined) yield fault(get(taint, 'key'), wrongKey, 'write the key of a taint');
    const wrong = isLabelValue(text(get(taint, 'value')));
    if (wrong !== undefined) yield fault(get(taint, 'value'), wrong, 'write the value of a taint');
    const effect = get(taint, 'effect');
    const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];
    if (!effects.includes(text(effect))) yield oneOf(effect, effects);
    const pair = `${text(get(taint, 'key'))}:${text(effect)}`;
    if (seen.has(pair)) yield duplicate(taint, pair);
    seen.add(pair);
  }
  // The singular field replaces the first of the list, and without it the list counts for nothing.
  const single = get(spec, 'podCIDR');
  const ranges = text(single) === '' ? [] : [single, ...items(get(spec, 'podCIDRs')).slice(1)];
  for (const range of ranges) {
    const wrong = isRange(text(range));
    if (wrong !== undefined) yield fault(range, wrong, 'write a range such as 10.244.0.0/24');
  }
}
