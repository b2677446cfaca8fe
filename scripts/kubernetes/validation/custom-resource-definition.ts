/** CustomResourceDefinitions. Mirrors apiextensions' validation of names, versions and structural schemas. */
import { validateClient } from './admission.ts';
import { type Errors, faultsOf } from './error.ts';
import { type Field, get, isSet, isTrue, items, size, text, texts } from './field.ts';
import { type Check, isDns1035Label, isDnsSubdomain } from './formats.ts';
import { schemaAt } from './schema-path.ts';
import { validateSchema } from './structural-schema.ts';

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
  const prefix = get(object, 'metadata', 'generateName');
  if (text(prefix) !== '' && text(prefix) !== wanted) yield forbidden(prefix, 'the name is fixed');
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
    if (isSet(schema)) yield* validateSchema(schema, isSet(get(version, 'subresources', 'status')));
    else yield missing(schema, 'every version has a schema');
    const warning = get(version, 'deprecationWarning');
    if (isSet(warning) && !isTrue(get(version, 'deprecated')))
      yield forbidden(warning, 'the version is not deprecated');
    if (isSet(warning)) yield* validateWarning(warning);
    for (const column of items(get(version, 'additionalPrinterColumns'))) yield* validateColumn(column);
    yield* validateSelectable(get(version, 'selectableFields'), schema);
    yield* validateScale(get(version, 'subresources', 'scale'));
  }
  if (stored !== 1)
    yield fault(versions, `has ${stored} versions with \`storage: true\``, 'set it for exactly one version');
}

/** `validateDeprecationWarning`. */
function* validateWarning(warning: Field): Errors {
  if (text(warning) === '') yield missing(warning);
  if (Buffer.byteLength(text(warning)) > 256)
    yield fault(warning, 'is longer than 256 characters', 'shorten it');
  if (!/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]*$/u.test(text(warning)))
    yield fault(warning, 'has characters that cannot be printed', 'write it in one line');
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

/** `ValidateCustomResourceSelectableFields`: paths of plain fields that the schema has. */
function* validateSelectable(fields: Field, schema: Field): Errors {
  const seen = new Set<string>();
  for (const selectable of items(fields)) {
    const path = get(selectable, 'jsonPath');
    if (text(path) === '') {
      yield missing(path);
      continue;
    }
    const found = schemaAt(text(path), schema, false);
    if (!found.ok) {
      yield fault(path, found.fault, 'write the path of a field');
      continue;
    }
    if (found.names[0] === 'metadata')
      yield fault(path, 'is a field of metadata', 'every object can be selected by its name already');
    if (
      found.schema !== undefined &&
      !['boolean', 'integer', 'string'].includes(text(get(found.schema, 'type')))
    )
      yield fault(
        path,
        `is \`${text(path)}\`, which is no plain value`,
        'name a text, a boolean or an integer',
      );
    if (seen.has(text(path))) yield duplicate(path, text(path));
    seen.add(text(path));
  }
  if (seen.size > 8) yield fault(fields, `has ${seen.size} fields, and at most 8 are allowed`, 'remove some');
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
    if (isSet(get(webhook, 'clientConfig')) || size(get(webhook, 'conversionReviewVersions')) > 0)
      yield forbidden(webhook, 'the strategy is None');
    return;
  }
  const client = get(webhook, 'clientConfig');
  if (!isSet(client)) yield missing(client, 'the strategy is Webhook');
  else yield* validateClient(client);
  const versions = texts(get(webhook, 'conversionReviewVersions'));
  const seen = new Set<string>();
  for (const [version, item] of versions) {
    yield* checked(item, isDns1035Label, 'write a version such as v1');
    if (seen.has(version)) yield duplicate(item, version);
    seen.add(version);
  }
  if (!versions.some(([version]) => version === 'v1' || version === 'v1beta1'))
    yield fault(get(webhook, 'conversionReviewVersions'), 'has none that the server speaks', 'add v1');
}
