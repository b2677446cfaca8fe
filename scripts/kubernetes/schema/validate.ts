/** Validates objects against the vendored schemas, as the API server does under strict field validation. */
import type { ValidateFunction } from 'ajv';
import { nearestWord } from '../../text/nearest.ts';
import { type Compiler, createCompiler } from './compile.ts';
import { toSchemaErrors } from './errors.ts';
import { applyDefaults, dropMetadataNulls, dropNulls } from './normalise.ts';
import { type KindSchema, OBJECT_META, openStore, refName, type Store } from './store.ts';
import { isObject, type KindInfo, type SchemaError, type SchemaNode } from './types.ts';

export interface Schemas {
  /** Scope and plural name of a kind that the server serves, or undefined. Reads no schema file. */
  readonly lookup: (apiVersion: string, kind: string) => KindInfo | undefined;
  /** Every served kind as `apiVersion kind`. */
  readonly kinds: () => Iterable<string>;
  readonly store: Store;
  readonly validator: (kind: KindSchema) => ValidateFunction;
}

/**
 * Opens the schemas below `dir` (the repository's schemas/). Only the two indices are read; a kind's schema is read and
 * compiled when an object of it is validated.
 *
 * @param options.kubernetes folder below schemas/kubernetes, such as `v1.36`; the newest by default
 * @throws Error when the folder does not hold generated schemas
 */
export function loadSchemas(dir: string, options: { readonly kubernetes?: string } = {}): Schemas {
  const store = openStore(dir, options.kubernetes);
  return schemasOf(store, createCompiler(store));
}

/** The schemas of a store; each kind's validator is made once. */
export function schemasOf(store: Store, compiler: Compiler): Schemas {
  const validators = new Map<string, ValidateFunction>();
  return {
    lookup: (apiVersion, kind) => store.kinds.get(`${apiVersion} ${kind}`),
    kinds: () => store.kinds.keys(),
    store,
    validator: (kind) => {
      const known = validators.get(kind.key) ?? compiler.compile(kind);
      validators.set(kind.key, known);
      return known;
    },
  };
}

export interface ValidateOptions {
  /** Who applies the object. The server takes a null label for an empty one; to Flux it costs all labels, unsaid. */
  readonly applier?: 'flux';
}

/** Every reason why the server would refuse to apply `value` as a new object; empty when it would take it. */
export function validateObject(
  schemas: Schemas,
  value: unknown,
  options: ValidateOptions = {},
): SchemaError[] {
  if (!isObject(value)) {
    return [
      {
        path: [],
        at: 'value',
        code: 'type',
        message:
          'this document is not a Kubernetes object: a mapping with apiVersion, kind and metadata is wanted',
        fix: 'write an object, or remove the document',
      },
    ];
  }
  const { apiVersion, kind } = value;
  const missing = (['apiVersion', 'kind'] as const).flatMap((field) => typeErrorOfHeader(value, field));
  if (missing.length > 0 || typeof apiVersion !== 'string' || typeof kind !== 'string') return missing;
  const schema = schemas.store.kind(`${apiVersion} ${kind}`);
  if (schema === undefined) return [unknownKind(schemas, apiVersion, kind)];

  const data = normalise(schemas.store, schema, value, options);
  const validate = schemas.validator(schema);
  const errors = validate(data)
    ? []
    : toSchemaErrors(validate.errors ?? [], { store: schemas.store, kind: schema, data });
  if (errors.some((error) => error.path[0] === 'metadata' && error.path.length <= 2)) return errors;
  return [...nameErrors(data, kind), ...copiedFieldsErrors(data), ...errors];
}

/** The object as the server sees it when it validates. ObjectMeta is a Go struct in custom objects too. */
function normalise(
  store: Store,
  schema: KindSchema,
  value: Record<string, unknown>,
  { applier }: ValidateOptions,
): unknown {
  const resolve = (node: SchemaNode): SchemaNode =>
    node.$ref === undefined ? node : store.definition(refName(node.$ref));
  const data = schema.builtin ? dropNulls(value, schema.root, resolve) : applyDefaults(value, schema.root);
  if (!isObject(data) || !isObject(value['metadata'])) return data;
  const drop = applier === 'flux' ? dropMetadataNulls : dropNulls;
  const dropped = drop(value['metadata'], store.definition(OBJECT_META), resolve);
  const metadata = schema.builtin ? dropped : withoutCreation(dropped);
  return metadata === data['metadata'] ? data : { ...data, metadata };
}

/** The server sets the time of creation itself, and of custom objects does not even read what was applied. */
function withoutCreation(metadata: unknown): unknown {
  if (!isObject(metadata) || typeof metadata['creationTimestamp'] !== 'string') return metadata;
  const { creationTimestamp: _, ...rest } = metadata;
  return rest;
}

function typeErrorOfHeader(value: Record<string, unknown>, field: 'apiVersion' | 'kind'): SchemaError[] {
  const found = value[field];
  if (typeof found === 'string' && found !== '') return [];
  const example = field === 'apiVersion' ? 'apps/v1' : 'Deployment';
  if (found === undefined || found === null || found === '') {
    return [
      {
        path: [],
        at: 'value',
        code: 'required',
        message: `the object has no \`${field}\`, which is required`,
        fix: `add \`${field}:\`, such as \`${field}: ${example}\``,
      },
    ];
  }
  return [
    {
      path: [field],
      at: 'value',
      code: 'type',
      message: `\`${field}\` is ${JSON.stringify(found)}, but a string is wanted`,
      fix: `write a string, such as \`${field}: ${example}\``,
    },
  ];
}

/** Server-side apply, which Flux uses, needs the name: `generateName` works with `kubectl create` only. */
function nameErrors(data: unknown, kind: string): SchemaError[] {
  const metadata = isObject(data) ? data['metadata'] : undefined;
  if (metadata !== undefined && !isObject(metadata)) return [];
  if (metadata !== undefined && metadata['name'] !== undefined && metadata['name'] !== '') return [];
  return [
    {
      path: metadata === undefined ? [] : ['metadata'],
      at: metadata === undefined ? 'value' : 'key',
      code: 'required',
      message: `the ${kind} has no \`metadata.name\`, which is required${
        metadata?.['generateName'] === undefined
          ? ''
          : ' (an object that is applied cannot use `generateName`)'
      }`,
      fix: 'add `name:` under `metadata:`',
    },
  ];
}

/** What an object read from a cluster brings along, and server-side apply does not take back. */
function copiedFieldsErrors(data: unknown): SchemaError[] {
  const metadata = isObject(data) ? data['metadata'] : undefined;
  if (!isObject(metadata)) return [];
  return (['managedFields', 'uid'] as const)
    .filter((field) => metadata[field] !== undefined && metadata[field] !== '')
    .map((field) => ({
      path: ['metadata', field],
      at: 'key',
      code: 'value',
      message: `\`${field}\` is for the API server to write, which refuses an applied object that has it`,
      fix: `remove \`${field}\`, and whatever else was copied from a cluster`,
    }));
}

function unknownKind(schemas: Schemas, apiVersion: string, kind: string): SchemaError {
  const key = `${apiVersion} ${kind}`;
  const served = [...schemas.kinds()].map((entry) => entry.split(' ') as [string, string]);
  const error = (path: string, message: string, fix: string): SchemaError => ({
    path: [path],
    at: 'value',
    code: 'unknown-kind',
    message,
    fix,
  });
  const elsewhere = served.filter(([, name]) => name === kind).map(([version]) => version);
  if (schemas.store.notServed.has(key)) {
    return error(
      'apiVersion',
      `${kind} in ${apiVersion} is an alpha or beta API, which the API server does not serve by default`,
      elsewhere.length > 0 ? `write \`apiVersion: ${elsewhere.join(' or ')}\`` : 'use a stable API',
    );
  }
  if (elsewhere.length > 0) {
    return error(
      'apiVersion',
      `there is no kind ${kind} in ${apiVersion}`,
      `write \`apiVersion: ${elsewhere.join(' or ')}\``,
    );
  }
  const sameGroup = served.filter(([version]) => version === apiVersion).map(([, name]) => name);
  const meant = nearestWord(kind, sameGroup) ?? nearestWord(kind, new Set(served.map(([, name]) => name)));
  if (meant !== undefined) {
    return error(
      'kind',
      `unknown kind ${kind} in ${apiVersion}; did you mean ${meant}?`,
      `write \`kind: ${meant}\``,
    );
  }
  return error(
    'kind',
    `unknown kind ${kind} in ${apiVersion}: no schema for it under schemas/`,
    'check apiVersion and kind; for a custom resource add its CRD to the sources of `npm run schemas`',
  );
}
