/** What claims, classes and slices of devices have in common. Mirrors pkg/apis/resource/validation. */
import { parseType, type Type } from '../cel/index.ts';
import { type Errors, faultsOf } from './error.ts';
import { checkExpression } from './expression.ts';
import { type Field, get, isSet, items, size, text } from './field.ts';
import { type Check, isDnsSubdomain, isLabelValue, isQualifiedName } from './formats.ts';
import { validateDriverName } from './volume-source.ts';

export const deviceFaults = faultsOf('device');
const { fault, missing, forbidden, oneOf, duplicate } = deviceFaults;

const deviceType: Type = {
  kind: 'object',
  name: 'kubernetes.DRADevice',
  fields: {
    driver: parseType('string'),
    // The value of an attribute can be anything until the device is there.
    attributes: parseType('map<string, map<string, dyn>>'),
    capacity: parseType('map<string, map<string, kubernetes.Quantity>>'),
    allowMultipleAllocations: parseType('bool'),
  },
};

const longestExpression = 10 * 1024;

/** Reports what a check finds in the text of a field. */
export function* checked(field: Field, check: Check, fix: string): Errors {
  const wrong = check(text(field));
  if (wrong !== undefined) yield fault(field, wrong, fix);
}

/** Whether a list has more items than the server takes; it then looks at none of them. */
export const tooMany = (list: Field, most: number): Errors =>
  size(list) > most
    ? [fault(list, `has ${size(list)} items, and at most ${most} are allowed`, 'remove some')]
    : [];

/** The items of a list that is not too long, each with a name of its own. `validateSet`. */
export function* validateSet(
  list: Field,
  most: number,
  nameOf: (item: Field) => Field,
  validate: (item: Field) => Errors,
): Errors {
  yield* tooMany(list, most);
  if (size(list) > most) return;
  const seen = new Set<string>();
  for (const item of items(list)) {
    yield* validate(item);
    const name = nameOf(item);
    if (seen.has(text(name))) yield duplicate(name, text(name));
    seen.add(text(name));
  }
}

/** `validateSelectorSlice`. */
export function* validateSelectors(selectors: Field): Errors {
  yield* tooMany(selectors, 32);
  if (size(selectors) > 32) return;
  for (const selector of items(selectors)) {
    const cel = get(selector, 'cel');
    if (!isSet(cel)) {
      yield missing(cel);
      continue;
    }
    const expression = get(cel, 'expression');
    if (Buffer.byteLength(text(expression)) > longestExpression) {
      yield fault(
        expression,
        `is longer than ${longestExpression} bytes`,
        'shorten it, or use more selectors',
      );
      continue;
    }
    // Only selectors of devices may bind names, which the type checker at hand cannot.
    if (/\bcel\s*\.\s*bind\b/.test(text(expression))) continue;
    const { fault: wrong } = checkExpression(text(expression), { device: deviceType }, ['bool', 'dyn']);
    if (wrong !== undefined) yield fault(expression, wrong, 'correct the expression');
  }
}

/** `validateDeviceConfiguration`: what is handed to a driver. */
export function* validateConfiguration(config: Field): Errors {
  const opaque = get(config, 'opaque');
  if (!isSet(opaque)) return yield missing(opaque);
  yield* validateDriverName(get(opaque, 'driver'), deviceFaults);
  const parameters = get(opaque, 'parameters');
  const { value } = parameters;
  if (!isSet(parameters)) yield missing(parameters);
  else if (typeof value !== 'object' || Array.isArray(value))
    yield fault(parameters, 'is no mapping', 'write a mapping that the driver knows');
  else if (Buffer.byteLength(JSON.stringify(value)) > longestExpression)
    yield fault(parameters, `is longer than ${longestExpression} bytes`, 'shorten it');
}

const effects = ['NoExecute', 'NoSchedule', 'None'];

/** `validateDeviceTaint`. */
export function* validateTaint(taint: Field): Errors {
  yield* checked(get(taint, 'key'), isQualifiedName, 'write the key of a taint');
  yield* checked(get(taint, 'value'), isLabelValue, 'write the value of a taint');
  if (!effects.includes(text(get(taint, 'effect')))) yield oneOf(get(taint, 'effect'), effects);
}

/** `validateDeviceToleration`; without an operator it is Equal. */
export function* validateToleration(toleration: Field): Errors {
  const [key, operator, value, effect] = ['key', 'operator', 'value', 'effect'].map((name) =>
    get(toleration, name),
  ) as [Field, Field, Field, Field];
  if (text(key) !== '') yield* checked(key, isQualifiedName, 'write the key of a taint');
  if (text(operator) === 'Exists') {
    if (text(value) !== '') yield forbidden(value, 'the operator Exists compares with nothing');
  } else if (['', 'Equal'].includes(text(operator)))
    yield* checked(value, isLabelValue, 'write the value of a taint');
  else yield oneOf(operator, ['Equal', 'Exists']);
  if (text(effect) !== '' && !effects.includes(text(effect))) yield oneOf(effect, effects);
}

const identifier = /^[A-Za-z_][A-Za-z0-9_]*$/;

const isIdentifier: Check = (name) => {
  if (name.length > 32) return `has a name of ${name.length} characters, and at most 32 are allowed`;
  return identifier.test(name)
    ? undefined
    : `has the name \`${name}\`, which is not letters, digits and \`_\`, beginning with a letter or \`_\``;
};

/** `validateQualifiedName` of an attribute or a capacity: `name` or `domain/name`; more slashes are let through. */
export const isDeviceName: Check = (name) => {
  const [first = '', second, ...others] = name.split('/');
  if (others.length > 0) return undefined;
  if (second === undefined) return isIdentifier(first);
  if (first === '') return `is \`${name}\`, whose domain is empty`;
  if (first.length > 63) return `has a domain of ${first.length} characters, and at most 63 are allowed`;
  return isDnsSubdomain(first.toLowerCase()) ?? isIdentifier(second);
};

/** `validateFullyQualifiedName`. */
export const isFullDeviceName: Check = (name) =>
  isDeviceName(name) ??
  (name.includes('/') ? undefined : `is \`${name}\`, which has no domain such as \`example.com/\` before it`);

/** The fault where not exactly one of some fields is there. */
export function* exactlyOne(field: Field, present: readonly string[], all: readonly string[]): Errors {
  if (present.length !== 1)
    yield fault(
      field,
      present.length === 0
        ? `has none of ${all.join(', ')}`
        : `has ${present.join(' and ')}, and one is wanted`,
      `write one of ${all.join(', ')}`,
    );
}
