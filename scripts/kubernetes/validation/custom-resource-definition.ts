/** CustomResourceDefinitions. Mirrors apiextensions' validation of names, versions and structural schemas. */
import { compilePattern } from '../schema/pattern.ts';
import { validateClient } from './admission.ts';
import { type Errors, faultsOf } from './error.ts';
import { checkExpression, schemaType } from './expression.ts';
import { entries, type Field, get, isSet, isTrue, items, size, text, texts } from './field.ts';
import { type Check, isDns1035Label, isDnsSubdomain } from './formats.ts';

const { fault, missing, forbidden, oneOf, duplicate } = faultsOf('custom-resource-definition');

function* checked(field: Field, check: Check, fix: string): Errors {
  const wrong = check(text(field));
  if (wrong !== undefined) yield fault(field, wrong, fix);
}

export function* validateCustomResourceDefinition(object: Field): Errors {
  const spec = get(object, 'spec');
  const group = get(spec, 'group');
  if (text(group) === '') yield missing(group);
  else {
    yield* checked(group, isDnsSubdomain, 'write a domain');
    if (!text(group).includes('.'))
      yield fault(group, `is \`${text(group)}\`, which has no dot`, 'write a domain such as example.com');
  }
  const wanted = `${text(get(spec, 'names', 'plural'))}.${text(group)}`;
  const name = get(object, 'metadata', 'name');
  if (text(name) !== '' && text(name) !== wanted)
    yield fault(name, `is \`${text(name)}\`, and has to be plural and group`, `write \`${wanted}\``);
  if (!['Cluster', 'Namespaced'].includes(text(get(spec, 'scope'))))
    yield oneOf(get(spec, 'scope'), ['Cluster', 'Namespaced']);
  if (isTrue(get(spec, 'preserveUnknownFields')))
    yield forbidden(get(spec, 'preserveUnknownFields'), 'v1 knows it no more');
  yield* validateNames(get(spec, 'names'));
  yield* validateVersions(get(spec, 'versions'));
  yield* validateConversion(get(spec, 'conversion'));
  yield* validateApproval(object, text(group));
}

/** Groups of Kubernetes itself want to say where they were approved. `validateAPIApproval`. */
function* validateApproval(object: Field, group: string): Errors {
  if (!/(^|\.)(k8s\.io|kubernetes\.io)$/.test(group)) return;
  const approval = get(object, 'metadata', 'annotations', 'api-approved.kubernetes.io');
  if (text(approval) === '') yield missing(approval, `the group ${group} is protected`);
  else if (!text(approval).startsWith('unapproved') && !URL.canParse(text(approval)))
    yield fault(approval, 'is no URL', 'write the URL of the approval');
}

/** `ValidateCustomResourceDefinitionNames`. */
function* validateNames(names: Field): Errors {
  for (const key of ['plural', 'singular'])
    if (text(get(names, key)) !== '')
      yield* checked(get(names, key), isDns1035Label, 'write it in lower case');
  if (text(get(names, 'plural')) === '') yield missing(get(names, 'plural'));
  const kind = get(names, 'kind');
  const list = get(names, 'listKind');
  if (text(kind) === '') yield missing(kind);
  for (const field of [kind, list])
    if (text(field) !== '')
      yield* checked(
        { ...field, value: text(field).toLowerCase() },
        isDns1035Label,
        'write letters and digits',
      );
  if (text(kind) !== '' && text(kind) === text(list))
    yield fault(list, 'is the same as kind', `write ${text(kind)}List`);
  for (const key of ['shortNames', 'categories'])
    for (const item of items(get(names, key))) yield* checked(item, isDns1035Label, 'write it in lower case');
}

function* validateVersions(versions: Field): Errors {
  const seen = new Set<string>();
  let stored = 0;
  for (const version of items(versions)) {
    const name = get(version, 'name');
    yield* checked(name, isDns1035Label, 'write a version such as v1');
    if (seen.has(text(name))) yield duplicate(name, text(name));
    seen.add(text(name));
    if (isTrue(get(version, 'storage'))) stored += 1;
    const schema = get(version, 'schema', 'openAPIV3Schema');
    if (isSet(schema)) yield* validateSchema(schema, 'root');
    else yield missing(schema, 'every version has a schema');
    const warning = get(version, 'deprecationWarning');
    if (isSet(warning) && !isTrue(get(version, 'deprecated')))
      yield forbidden(warning, 'the version is not deprecated');
    for (const column of items(get(version, 'additionalPrinterColumns'))) yield* validateColumn(column);
    yield* validateScale(get(version, 'subresources', 'scale'));
  }
  if (stored !== 1)
    yield fault(versions, `has ${stored} versions with \`storage: true\``, 'set it for exactly one version');
}

const columnTypes = ['integer', 'number', 'string', 'boolean', 'date'];
const columnFormats = ['int32', 'int64', 'float', 'double', 'byte', 'date', 'date-time', 'password'];

function* validateColumn(column: Field): Errors {
  const type = get(column, 'type');
  const format = get(column, 'format');
  const path = get(column, 'jsonPath');
  if (text(get(column, 'name')) === '') yield missing(get(column, 'name'));
  if (!columnTypes.includes(text(type))) yield oneOf(type, columnTypes);
  if (text(format) !== '' && !columnFormats.includes(text(format))) yield oneOf(format, columnFormats);
  yield* validateJsonPath(path, []);
}

function* validateJsonPath(path: Field, below: readonly string[]): Errors {
  if (text(path) === '') yield missing(path);
  else if (!text(path).startsWith('.'))
    yield fault(path, `is \`${text(path)}\`, which does not begin with a dot`, `write \`.${text(path)}\``);
  else if (below.length > 0 && !below.some((prefix) => text(path).startsWith(prefix)))
    yield fault(
      path,
      `is \`${text(path)}\`, which is not below ${below.join(' or ')}`,
      `write a path below ${below[0]}`,
    );
}

function* validateScale(scale: Field): Errors {
  if (!isSet(scale)) return;
  yield* validateJsonPath(get(scale, 'specReplicasPath'), ['.spec.']);
  yield* validateJsonPath(get(scale, 'statusReplicasPath'), ['.status.']);
  const selector = get(scale, 'labelSelectorPath');
  if (text(selector) !== '') yield* validateJsonPath(selector, ['.spec.', '.status.']);
}

function* validateConversion(conversion: Field): Errors {
  if (!isSet(conversion)) return;
  const strategy = get(conversion, 'strategy');
  const webhook = get(conversion, 'webhook');
  if (!['None', 'Webhook'].includes(text(strategy))) return yield oneOf(strategy, ['None', 'Webhook']);
  if (text(strategy) === 'None') {
    if (isSet(webhook)) yield forbidden(webhook, 'the strategy is None');
    return;
  }
  const client = get(webhook, 'clientConfig');
  if (!isSet(client)) yield missing(client, 'the strategy is Webhook');
  else yield* validateClient(client);
  const versions = texts(get(webhook, 'conversionReviewVersions'));
  if (!versions.some(([version]) => version === 'v1' || version === 'v1beta1'))
    yield fault(get(webhook, 'conversionReviewVersions'), 'has none that the server speaks', 'add v1');
}

type Level = 'root' | 'item' | 'field';

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string'];

/** `validateStructuralInvariants`, and the fields that no structural schema has. */
function* validateSchema(schema: Field, level: Level): Errors {
  const type = get(schema, 'type');
  const free =
    isTrue(get(schema, 'x-kubernetes-int-or-string')) ||
    isTrue(get(schema, 'x-kubernetes-preserve-unknown-fields'));
  const embedded = isTrue(get(schema, 'x-kubernetes-embedded-resource'));
  if (text(type) === '' && !(free && !embedded))
    yield missing(type, 'a structural schema has a type everywhere');
  else if (text(type) !== '' && !types.includes(text(type))) yield oneOf(type, types);
  else if (level === 'root' && text(type) !== '' && text(type) !== 'object')
    yield fault(type, 'is not object, which the root has to be', 'write `type: object`');
  if (text(type) === 'array' && !isSet(get(schema, 'items')))
    yield missing(get(schema, 'items'), 'an array has items');
  for (const key of [
    '$ref',
    'definitions',
    'dependencies',
    'deprecated',
    'discriminator',
    'id',
    'patternProperties',
    'readOnly',
    'writeOnly',
    'xml',
  ])
    if (isSet(get(schema, key))) yield forbidden(get(schema, key), 'a structural schema cannot have it');
  if (isTrue(get(schema, 'uniqueItems')))
    yield forbidden(get(schema, 'uniqueItems'), 'use `x-kubernetes-list-type: set`');
  const additional = get(schema, 'additionalProperties');
  if (isSet(additional) && size(get(schema, 'properties')) > 0)
    yield forbidden(additional, 'properties are there too, and only one of them is allowed');
  if (isSet(additional) && level === 'root') yield forbidden(additional, 'the root cannot have it');
  if (embedded && text(type) !== 'object' && text(type) !== '')
    yield fault(type, 'is not object, which an embedded resource is', 'write `type: object`');
  const preserve = get(schema, 'x-kubernetes-preserve-unknown-fields');
  if (preserve.value === false) yield fault(preserve, 'is false, and can only be true', 'remove it');
  yield* validatePattern(get(schema, 'pattern'));
  yield* validateListType(schema);
  yield* validateRules(schema, level);
  for (const [, property] of entries(get(schema, 'properties'))) yield* validateSchema(property, 'field');
  if (isSet(get(schema, 'items'))) yield* validateSchema(get(schema, 'items'), 'item');
  if (typeof additional.value === 'object' && isSet(additional)) yield* validateSchema(additional, 'field');
  const [first, ...others] = items(get(schema, 'allOf'));
  const intOrString = isTrue(get(schema, 'x-kubernetes-int-or-string'));
  if (first !== undefined) yield* validateNested(first, intOrString && isIntOrString(get(first, 'anyOf')));
  for (const nested of others) yield* validateNested(nested);
  if (!(intOrString && isIntOrString(get(schema, 'anyOf'))))
    for (const nested of items(get(schema, 'anyOf'))) yield* validateNested(nested);
  for (const nested of items(get(schema, 'oneOf'))) yield* validateNested(nested);
  if (isSet(get(schema, 'not'))) yield* validateNested(get(schema, 'not'));
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
  if (isSet(list)) {
    if (!['atomic', 'map', 'set'].includes(text(list))) yield oneOf(list, ['atomic', 'map', 'set']);
    if (text(get(schema, 'type')) !== 'array') yield forbidden(list, 'the type is not array');
  }
  if (keys.length > 0 && text(list) !== 'map')
    yield forbidden(get(schema, 'x-kubernetes-list-map-keys'), 'the list type is not map');
  if (text(list) !== 'map') return;
  if (keys.length === 0) yield missing(get(schema, 'x-kubernetes-list-map-keys'), 'the list type is map');
  const properties = get(schema, 'items', 'properties');
  const required = texts(get(schema, 'items', 'required')).map(([name]) => name);
  const seen = new Set<string>();
  for (const [key, item] of keys) {
    const property = get(properties, key);
    if (seen.has(key)) yield duplicate(item, key);
    seen.add(key);
    if (!isSet(property))
      yield fault(item, `is \`${key}\`, which the items do not have`, 'name a property of the items');
    else if (!required.includes(key) && !isSet(get(property, 'default')))
      yield fault(
        item,
        `is \`${key}\`, which the items neither require nor have a default for`,
        'add it to `required` of the items',
      );
  }
}

/** The one form in which nested schemas may name types: either an integer or a string. */
const isIntOrString = (list: Field): boolean =>
  JSON.stringify(list.value) === JSON.stringify([{ type: 'integer' }, { type: 'string' }]);

/** CEL rules: each parses, and names only fields that the schema has. */
function* validateRules(schema: Field, level: Level): Errors {
  for (const rule of items(get(schema, 'x-kubernetes-validations'))) {
    for (const [key, wanted] of [
      ['rule', 'bool'],
      ['messageExpression', 'string'],
    ] as const) {
      const expression = get(rule, key);
      if (text(expression).trim() === '') {
        if (key === 'rule' || text(expression) !== '') yield missing(expression);
        continue;
      }
      const self = schemaType(schema, level === 'root');
      const { fault: wrong } = checkExpression(text(expression), { self, oldSelf: self }, [wanted]);
      if (wrong !== undefined) yield fault(expression, wrong, 'correct the expression');
    }
  }
}

/** `validateNestedValueValidation`: inside allOf, anyOf, oneOf and not only values are restricted. */
function* validateNested(schema: Field, skipAnyOf = false): Errors {
  for (const key of [
    'type',
    'default',
    'title',
    'description',
    'x-kubernetes-list-type',
    'x-kubernetes-map-type',
    'additionalProperties',
  ])
    if (isSet(get(schema, key)) && get(schema, key).value !== '')
      yield forbidden(get(schema, key), 'allOf, anyOf, oneOf and not only restrict values');
  for (const key of [
    'nullable',
    'x-kubernetes-preserve-unknown-fields',
    'x-kubernetes-embedded-resource',
    'x-kubernetes-int-or-string',
  ])
    if (isTrue(get(schema, key)))
      yield forbidden(get(schema, key), 'allOf, anyOf, oneOf and not only restrict values');
  for (const [, property] of entries(get(schema, 'properties'))) yield* validateNested(property);
  if (isSet(get(schema, 'items'))) yield* validateNested(get(schema, 'items'));
  for (const list of skipAnyOf ? ['allOf', 'oneOf'] : ['allOf', 'anyOf', 'oneOf'])
    for (const nested of items(get(schema, list))) yield* validateNested(nested);
  if (isSet(get(schema, 'not'))) yield* validateNested(get(schema, 'not'));
}
