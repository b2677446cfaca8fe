/** The schemas of CustomResourceDefinitions. Mirrors `ValidateCustomResourceDefinitionOpenAPISchema` and `ValidateStructural` of apiextensions-apiserver. */
import { optionalOf } from '../cel/types.ts';
import { evaluateRules } from '../schema/cel.ts';
import { compilePattern } from '../schema/pattern.ts';
import type { SchemaNode } from '../schema/types.ts';
import { type Errors, faultsOf, shown } from './error.ts';
import { checkExpression, schemaType } from './expression.ts';
import { entries, type Field, get, isSet, isTrue, items, number, size, text, texts } from './field.ts';
import { schemaAt } from './schema-path.ts';

const { fault, missing, forbidden, oneOf, duplicate } = faultsOf('custom-resource-definition');

type Level = 'root' | 'item' | 'field';

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string'];

/** With a status subresource the root can restrict no more than this. */
const atRoot: ReadonlySet<string> = new Set(
  (
    'description type format title maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength pattern ' +
    'maxItems minItems uniqueItems multipleOf required items properties externalDocs example ' +
    'x-kubernetes-preserve-unknown-fields x-kubernetes-validations'
  ).split(' '),
);

/** Fields of JSON Schema that structural schemas lack; an empty mapping of schemas counts as none. */
const unsupported = ['$schema', 'additionalItems', 'dependencies', 'id'];
const unsupportedWhenFilled = ['definitions', 'patternProperties'];

const isEmptyText = (field: Field): boolean => !isSet(field) || field.value === '' || field.value === false;

/** The same for fields that may hold a list; an empty mapping is a schema, though. */
const isNothing = (field: Field): boolean =>
  isEmptyText(field) || (Array.isArray(field.value) && field.value.length === 0);

/** What is neither a schema nor a list of them the server reads over. */
const hasItems = (schema: Field): boolean => {
  const { value } = get(schema, 'items');
  return typeof value === 'object' && value !== null;
};

/** The schema of one version. */
export function* validateSchema(schema: Field, hasStatus: boolean): Errors {
  if (hasStatus)
    for (const [key, field] of entries(schema))
      if (!atRoot.has(key) && !isEmptyText(field))
        yield forbidden(field, 'the root cannot have it beside a status subresource');
  if (isTrue(get(schema, 'nullable'))) yield forbidden(get(schema, 'nullable'), 'the root cannot be null');
  // Upstream asks it of what the root restricts alone.
  for (const nested of nestedOf(schema)) yield* validateComplete(nested, schema);
  yield* validateNode(schema, 'root', true);
}

/** `correlated` says whether an earlier value of the same item can be told: not within lists without keys. */
function* validateNode(schema: Field, level: Level, correlated: boolean): Errors {
  yield* validateType(schema, level);
  for (const key of unsupported)
    if (!isEmptyText(get(schema, key)))
      yield forbidden(get(schema, key), 'a structural schema cannot have it');
  // Unlike the others it is a pointer, so an empty text is there too.
  if (isSet(get(schema, '$ref'))) yield forbidden(get(schema, '$ref'), 'a structural schema cannot have it');
  for (const key of unsupportedWhenFilled)
    if (size(get(schema, key)) > 0) yield forbidden(get(schema, key), 'a structural schema cannot have it');
  if (isTrue(get(schema, 'uniqueItems')))
    yield forbidden(get(schema, 'uniqueItems'), 'use `x-kubernetes-list-type: set`');
  yield* validateAdditional(schema, level);
  yield* validateExtensions(schema);
  yield* validatePattern(get(schema, 'pattern'));
  yield* validateListType(schema);
  yield* validateRules(schema, level, correlated);
  yield* validateDefault(get(schema, 'default'), schema);
  if (level === 'root' || isTrue(get(schema, 'x-kubernetes-embedded-resource')))
    yield* validateResourceFields(get(schema, 'properties'), level);
  for (const [, property] of entries(get(schema, 'properties')))
    yield* validateNode(property, 'field', correlated);
  const keyed = text(get(schema, 'x-kubernetes-list-type')) === 'map';
  if (hasItems(schema)) yield* validateNode(get(schema, 'items'), 'item', correlated && keyed);
  const additional = get(schema, 'additionalProperties');
  if (isSet(additional) && typeof additional.value === 'object')
    yield* validateNode(additional, 'field', correlated);
  yield* validateCombinations(schema);
}

/** The fields that every object has: the server knows them itself, and of metadata only the name can be restricted. */
function* validateResourceFields(properties: Field, level: Level): Errors {
  for (const [key, wanted] of [
    ['apiVersion', 'string'],
    ['kind', 'string'],
    ['metadata', 'object'],
  ] as const) {
    const field = get(properties, key);
    const type = get(field, 'type');
    if (isSet(field) && text(type) !== wanted)
      yield fault(
        type,
        `is ${text(type) || 'missing'}, and ${wanted} is wanted`,
        `write \`type: ${wanted}\``,
      );
  }
  if (level !== 'root') return;
  const metadata = get(properties, 'metadata');
  const names = entries(get(metadata, 'properties')).map(([name]) => name);
  const others = entries(metadata).filter(
    ([key, field]) =>
      !['type', 'default', 'properties'].includes(key) && !isEmptyText(field) && !isEmptyList(field),
  );
  if (others.length > 0 || names.some((name) => name !== 'name' && name !== 'generateName'))
    yield forbidden(metadata, 'of metadata only `name` and `generateName` can be restricted');
}

function* validateType(schema: Field, level: Level): Errors {
  const type = get(schema, 'type');
  const embedded = isTrue(get(schema, 'x-kubernetes-embedded-resource'));
  const free =
    isTrue(get(schema, 'x-kubernetes-int-or-string')) ||
    isTrue(get(schema, 'x-kubernetes-preserve-unknown-fields'));
  if (text(type) === '') {
    if (embedded || !free) yield missing(type, 'a structural schema has a type everywhere');
  } else if (!types.includes(text(type))) yield oneOf(type, types);
  else if (text(type) !== 'object' && (level === 'root' || embedded))
    yield fault(
      type,
      `is ${text(type)}, and ${level === 'root' ? 'the root' : 'an embedded resource'} is an object`,
      'write `type: object`',
    );
  if (text(type) === 'array' && !hasItems(schema)) yield missing(get(schema, 'items'), 'an array has items');
}

function* validateAdditional(schema: Field, level: Level): Errors {
  const additional = get(schema, 'additionalProperties');
  if (!isSet(additional)) return;
  if (
    typeof additional.value !== 'boolean' &&
    (typeof additional.value !== 'object' || Array.isArray(additional.value))
  )
    return yield fault(additional, 'is neither a schema nor true or false', 'write a schema');
  if (size(get(schema, 'properties')) > 0)
    yield forbidden(additional, 'properties are there too, and only one of them is allowed');
  if (level === 'root') yield forbidden(additional, 'the root cannot have it');
  if (isTrue(get(schema, 'x-kubernetes-embedded-resource')))
    yield forbidden(additional, 'an embedded resource cannot have it');
}

/** The extensions, each with what it goes with. */
function* validateExtensions(schema: Field): Errors {
  const intOrString = isTrue(get(schema, 'x-kubernetes-int-or-string'));
  const preserve = get(schema, 'x-kubernetes-preserve-unknown-fields');
  const embedded = get(schema, 'x-kubernetes-embedded-resource');
  if (preserve.value === false) yield fault(preserve, 'is false, and can only be true', 'remove it');
  for (const other of [preserve, embedded])
    if (intOrString && isTrue(other)) yield forbidden(other, 'the value is an integer or a string');
  if (isTrue(embedded) && !isTrue(preserve) && size(get(schema, 'properties')) === 0)
    yield missing(
      get(schema, 'properties'),
      'an embedded resource has properties, or preserves unknown fields',
    );
  const map = get(schema, 'x-kubernetes-map-type');
  if (!isSet(map)) return;
  if (!['atomic', 'granular'].includes(text(map))) yield oneOf(map, ['atomic', 'granular']);
  if (text(get(schema, 'type')) !== 'object') yield forbidden(map, 'the type is not object');
}

function* validatePattern(pattern: Field): Errors {
  if (text(pattern) === '') return;
  try {
    compilePattern(text(pattern));
  } catch {
    yield fault(pattern, `is \`${text(pattern)}\`, which is no regular expression of Go`, 'correct it');
  }
}

function* validateListType(schema: Field): Errors {
  const list = get(schema, 'x-kubernetes-list-type');
  const keys = texts(get(schema, 'x-kubernetes-list-map-keys'));
  const item = get(schema, 'items');
  if (isSet(list)) {
    if (!['atomic', 'map', 'set'].includes(text(list))) yield oneOf(list, ['atomic', 'map', 'set']);
    if (text(get(schema, 'type')) !== 'array') yield forbidden(list, 'the type is not array');
  }
  if (keys.length > 0 && text(list) !== 'map')
    yield forbidden(get(schema, 'x-kubernetes-list-map-keys'), 'the list type is not map');
  if (text(list) === 'set') yield* validateSetItems(item);
  if (text(list) !== 'map') return;
  if (keys.length === 0) yield missing(get(schema, 'x-kubernetes-list-map-keys'), 'the list type is map');
  if (isSet(item) && text(get(item, 'type')) !== 'object')
    yield fault(
      get(item, 'type'),
      'is not object, which the items of a list with keys are',
      'write `type: object`',
    );
  const required = texts(get(item, 'required')).map(([name]) => name);
  const seen = new Set<string>();
  for (const [key, field] of keys) {
    const property = get(item, 'properties', key);
    if (seen.has(key)) yield duplicate(field, key);
    seen.add(key);
    if (!isSet(property))
      yield fault(field, `is \`${key}\`, which the items do not have`, 'name a property of the items');
    else if (['array', 'object'].includes(text(get(property, 'type'))))
      yield fault(field, `is \`${key}\`, which is no plain value`, 'name a property that is a plain value');
    else if (!required.includes(key) && !isSet(get(property, 'default')))
      yield fault(
        field,
        `is \`${key}\`, which the items neither require nor have a default for`,
        'add it to `required` of the items',
      );
  }
}

/** The items of a set are compared as a whole. */
function* validateSetItems(item: Field): Errors {
  const list = get(item, 'x-kubernetes-list-type');
  if (text(get(item, 'type')) === 'array' && isSet(list) && text(list) !== 'atomic')
    yield fault(list, 'is not atomic, which lists in a set are', 'write atomic');
  if (text(get(item, 'type')) === 'object' && text(get(item, 'x-kubernetes-map-type')) !== 'atomic')
    yield missing(get(item, 'x-kubernetes-map-type'), 'objects in a set are atomic');
}

const reasons = ['FieldValueRequired', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueDuplicate'];

/** CEL rules: each parses and type-checks over the fields that the schema declares. */
function* validateRules(schema: Field, level: Level, correlated: boolean): Errors {
  const rules = items(get(schema, 'x-kubernetes-validations'));
  if (rules.length === 0) return;
  const self = schemaType(schema, level === 'root');
  for (const rule of rules) {
    yield* validateRuleTexts(rule, schema);
    const optional = get(rule, 'optionalOldSelf');
    const oldSelf = isTrue(optional) ? optionalOf(self) : self;
    for (const [key, wanted] of [
      ['rule', 'bool'],
      ['messageExpression', 'string'],
    ] as const) {
      const expression = get(rule, key);
      if (text(expression).trim() === '') continue;
      const { fault: wrong } = checkExpression(text(expression), { self, oldSelf }, [wanted]);
      if (wrong !== undefined) yield fault(expression, wrong, 'correct the expression');
    }
    const usesOld = /\boldSelf\b/.test(text(get(rule, 'rule')).replace(quoted, ''));
    if (isSet(optional) && !usesOld) yield forbidden(optional, 'the rule does not use oldSelf');
    if (usesOld && !correlated)
      yield fault(
        get(rule, 'rule'),
        'uses oldSelf inside a list without keys, where no item has an earlier one',
        'move the rule to the list, or write `x-kubernetes-list-type: map`',
      );
  }
}

const quoted = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/g;

/** All of a rule but whether its expressions are right. */
function* validateRuleTexts(rule: Field, schema: Field): Errors {
  const blank = (field: Field): boolean => text(field).trim() === '';
  const [expression, message, other, path] = ['rule', 'message', 'messageExpression', 'fieldPath'].map(
    (key) => get(rule, key),
  ) as [Field, Field, Field, Field];
  if (blank(expression)) yield missing(expression);
  for (const field of [message, other, path]) if (text(field) !== '' && blank(field)) yield missing(field);
  if (/[\n\r]/.test(text(message).trim()))
    yield fault(message, 'has line breaks', 'write the message in one line');
  if (/[\n\r]/.test(text(expression).trim()) && blank(message))
    yield missing(message, 'the rule has line breaks, and it would be the message');
  const reason = get(rule, 'reason');
  if (isSet(reason) && !reasons.includes(text(reason))) yield oneOf(reason, reasons);
  const found = schemaAt(text(path), schema, true);
  if (!found.ok) yield fault(path, found.fault, 'write the path of a field below the rule');
}

/** A default has to satisfy its own schema; its type, its limits and its required fields are looked at. */
function* validateDefault(value: Field, schema: Field): Errors {
  if (!isSet(value)) return;
  const wanted = text(get(schema, 'type'));
  const actual = jsonType(value.value);
  const fits =
    wanted === '' ||
    wanted === actual ||
    (wanted === 'number' && actual === 'integer') ||
    !types.includes(wanted);
  const intOrString = isTrue(get(schema, 'x-kubernetes-int-or-string'));
  if (intOrString ? !['integer', 'string'].includes(actual) : !fits)
    yield fault(
      value,
      `is of the type ${actual}, and ${intOrString ? 'an integer or a string' : wanted} is wanted`,
      'correct the default',
    );
  yield* validateLimits(value, schema);
  for (const { rule, cannotTell } of evaluateRules(schema.value as SchemaNode, value.value))
    if (!cannotTell) yield fault(value, `does not keep the rule \`${rule}\``, 'correct the default');
  if (actual !== 'object') return;
  for (const [name] of texts(get(schema, 'required')))
    if (
      get(value, name).value === undefined &&
      get(schema, 'properties', name, 'default').value === undefined
    )
      yield missing(get(value, name), 'the schema requires it');
  const open =
    isTrue(get(schema, 'x-kubernetes-preserve-unknown-fields')) ||
    isTrue(get(schema, 'x-kubernetes-embedded-resource')) ||
    isSet(get(schema, 'additionalProperties'));
  for (const [key, item] of entries(value))
    if (!open && text(get(schema, 'type')) === 'object' && !isSet(get(schema, 'properties', key)))
      yield fault(item, 'is a field that the schema does not have', 'remove it from the default');
  for (const [key, item] of entries(value))
    if (isSet(get(schema, 'properties', key))) yield* validateDefault(item, get(schema, 'properties', key));
}

/** What a plain schema asks of the value of its default. */
function* validateLimits(field: Field, schema: Field): Errors {
  const { value } = field;
  const limit = (key: string): number | undefined => number(get(schema, key));
  const allowed = get(schema, 'enum');
  if (size(allowed) > 0 && !items(allowed).some((one) => JSON.stringify(one.value) === JSON.stringify(value)))
    yield fault(field, `is ${shown(value)}, which is not one of enum`, 'correct the default');
  const not = get(schema, 'not');
  if (isSet(not) && size(not) === 0) yield fault(field, 'fits `not`, which nothing may', 'remove `not`');
  const measured =
    typeof value === 'number'
      ? value
      : typeof value === 'string'
        ? [...value].length
        : Array.isArray(value)
          ? value.length
          : undefined;
  if (measured === undefined) return;
  const [least, most] =
    typeof value === 'number'
      ? ['minimum', 'maximum']
      : typeof value === 'string'
        ? ['minLength', 'maxLength']
        : ['minItems', 'maxItems'];
  const [low, high] = [limit(least), limit(most)];
  const tooLow =
    low !== undefined &&
    (measured < low || (measured === low && least === 'minimum' && isTrue(get(schema, 'exclusiveMinimum'))));
  const tooHigh =
    high !== undefined &&
    (measured > high || (measured === high && most === 'maximum' && isTrue(get(schema, 'exclusiveMaximum'))));
  if (tooLow) yield fault(field, `is ${shown(value)}, below ${least} of ${low}`, 'correct the default');
  if (tooHigh) yield fault(field, `is ${shown(value)}, above ${most} of ${high}`, 'correct the default');
  if (text(get(schema, 'type')) !== 'integer') return;
  for (const [key, bound] of [
    ['minimum', low],
    ['maximum', high],
  ] as const)
    if (bound !== undefined && !Number.isInteger(bound))
      yield fault(
        get(schema, key),
        `is ${bound}, and the type is integer with a default`,
        'write a whole number',
      );
}

const jsonType = (value: unknown): string =>
  Array.isArray(value)
    ? 'array'
    : typeof value === 'number'
      ? Number.isInteger(value)
        ? 'integer'
        : 'number'
      : typeof value;

/** The one form in which nested schemas may name types: either an integer or a string. */
function isIntOrString(list: Field): boolean {
  const filled = items(list).map((item) =>
    entries(item).filter(([, field]) => !isEmptyText(field) && !isEmptyList(field)),
  );
  return (
    JSON.stringify(filled.map((item) => item.map(([key, field]) => [key, field.value]))) ===
    JSON.stringify([[['type', 'integer']], [['type', 'string']]])
  );
}

const isEmptyList = (field: Field): boolean =>
  typeof field.value === 'object' && field.value !== null && Object.keys(field.value).length === 0;

function* validateCombinations(schema: Field): Errors {
  const intOrString = isTrue(get(schema, 'x-kubernetes-int-or-string'));
  const [first, ...others] = items(get(schema, 'allOf'));
  if (first !== undefined) yield* validateNested(first, intOrString && isIntOrString(get(first, 'anyOf')));
  for (const nested of others) yield* validateNested(nested);
  if (!(intOrString && isIntOrString(get(schema, 'anyOf'))))
    for (const nested of items(get(schema, 'anyOf'))) yield* validateNested(nested);
  for (const nested of items(get(schema, 'oneOf'))) yield* validateNested(nested);
  if (isSet(get(schema, 'not'))) yield* validateNested(get(schema, 'not'));
}

const nestedOf = (schema: Field): readonly Field[] => [
  ...['allOf', 'anyOf', 'oneOf'].flatMap((list) => items(get(schema, list))),
  ...(isSet(get(schema, 'not')) ? [get(schema, 'not')] : []),
];

/** What is restricted has to be declared beside it. `validateNestedValueValidationCompleteness`. */
function* validateComplete(nested: Field, schema: Field): Errors {
  for (const inner of nestedOf(nested)) yield* validateComplete(inner, schema);
  const pairs = entries(get(nested, 'properties')).map(
    ([key, field]) => [field, get(schema, 'properties', key)] as const,
  );
  const list = get(nested, 'items');
  for (const [field, declared] of [...pairs, [list, get(schema, 'items')] as const]) {
    if (!isSet(field)) continue;
    if (isSet(declared)) yield* validateComplete(field, declared);
    else yield fault(field, 'restricts what the schema does not declare', 'declare it beside, with its type');
  }
}

const notNested = [
  'type',
  'title',
  'description',
  'nullable',
  'additionalProperties',
  'x-kubernetes-embedded-resource',
  'x-kubernetes-int-or-string',
  'x-kubernetes-list-type',
  'x-kubernetes-map-type',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-validations',
];

/** `validateNestedValueValidation`: inside allOf, anyOf, oneOf and not only values are restricted. */
function* validateNested(schema: Field, skipAnyOf = false): Errors {
  for (const key of notNested)
    if (!isNothing(get(schema, key)))
      yield forbidden(get(schema, key), 'allOf, anyOf, oneOf and not only restrict values');
  // The server does not even survive these here.
  for (const field of [get(schema, '$ref'), get(schema, 'definitions')])
    if (isSet(field) && !isEmptyList(field)) yield forbidden(field, 'a structural schema cannot have it');
  if (isSet(get(schema, 'default')))
    yield forbidden(get(schema, 'default'), 'allOf, anyOf, oneOf and not only restrict values');
  yield* validatePattern(get(schema, 'pattern'));
  for (const [key, property] of entries(get(schema, 'properties'))) {
    if (key === 'metadata') yield forbidden(property, 'allOf, anyOf, oneOf and not cannot restrict metadata');
    yield* validateNested(property);
  }
  if (isSet(get(schema, 'items'))) yield* validateNested(get(schema, 'items'));
  for (const list of skipAnyOf ? ['allOf', 'oneOf'] : ['allOf', 'anyOf', 'oneOf'])
    for (const nested of items(get(schema, list))) yield* validateNested(nested);
  if (isSet(get(schema, 'not'))) yield* validateNested(get(schema, 'not'));
}
