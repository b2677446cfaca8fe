/** ConfigMaps and Secrets. Mirrors `ValidateConfigMap` and `ValidateSecret`. */
import { type Errors, faultsOf } from './error.ts';
import { entries, type Field, get, isSet, text } from './field.ts';
import { isConfigMapKey } from './formats.ts';

const { fault, missing } = faultsOf('config-data');

const limit = 1024 * 1024;

function* validateKeys(field: Field): Errors {
  for (const [key, value] of entries(field)) {
    const wrong = isConfigMapKey(key);
    if (wrong !== undefined) yield fault(value, `has a key that ${wrong}`, 'rename the key');
  }
}

const decoded = (field: Field): Buffer => Buffer.from(text(field), 'base64');

function* validateSize(field: Field, bytes: number): Errors {
  if (bytes > limit)
    yield fault(
      field,
      `has ${bytes} bytes in all, and at most ${limit} are allowed`,
      'split it, or keep large files elsewhere',
    );
}

export function* validateConfigMap(object: Field): Errors {
  const data = get(object, 'data');
  const binary = get(object, 'binaryData');
  yield* validateKeys(data);
  yield* validateKeys(binary);
  for (const [key, value] of entries(data))
    if (isSet(get(binary, key))) yield fault(value, 'is in binaryData too', 'remove one of them');
  const bytes =
    entries(data).reduce((sum, [, value]) => sum + Buffer.byteLength(text(value)), 0) +
    entries(binary).reduce((sum, [, value]) => sum + decoded(value).length, 0);
  yield* validateSize(data, bytes);
}

export function* validateSecret(object: Field): Errors {
  const data = get(object, 'data');
  const plain = get(object, 'stringData');
  yield* validateKeys(data);
  yield* validateKeys(plain);
  // What stands in stringData replaces what stands in data.
  const values = new Map<string, Buffer>();
  for (const [key, value] of entries(data)) values.set(key, decoded(value));
  for (const [key, value] of entries(plain)) values.set(key, Buffer.from(text(value)));
  yield* validateSize(
    data,
    [...values.values()].reduce((sum, value) => sum + value.length, 0),
  );
  yield* validateType(object, values);
}

function* validateType(object: Field, values: ReadonlyMap<string, Buffer>): Errors {
  const type = text(get(object, 'type'));
  const data = get(object, 'data');
  function* needs(key: string): Errors {
    if (!values.has(key)) yield missing(get(data, key), `a Secret of the type ${type} has it`);
  }
  switch (type) {
    case 'kubernetes.io/service-account-token': {
      const name = get(object, 'metadata', 'annotations', 'kubernetes.io/service-account.name');
      if (text(name) === '') yield missing(name, `a Secret of the type ${type} names its ServiceAccount`);
      return;
    }
    case 'kubernetes.io/dockercfg':
      return yield* validateDocker(data, '.dockercfg', values, type);
    case 'kubernetes.io/dockerconfigjson':
      return yield* validateDocker(data, '.dockerconfigjson', values, type);
    case 'kubernetes.io/basic-auth':
      if (!values.has('username') && !values.has('password')) yield* needs('username');
      return;
    case 'kubernetes.io/ssh-auth':
      if ((values.get('ssh-privatekey')?.length ?? 0) === 0)
        yield missing(get(data, 'ssh-privatekey'), `a Secret of the type ${type} has it`);
      return;
    case 'kubernetes.io/tls':
      yield* needs('tls.crt');
      yield* needs('tls.key');
  }
}

function* validateDocker(
  data: Field,
  key: string,
  values: ReadonlyMap<string, Buffer>,
  type: string,
): Errors {
  const value = values.get(key);
  const field = get(data, key);
  if (value === undefined) return yield missing(field, `a Secret of the type ${type} has it`);
  if (!isJsonObject(value.toString('utf8')))
    yield fault(field, 'is no JSON object', 'write a Docker configuration');
}

function isJsonObject(json: string): boolean {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && !Array.isArray(value);
  } catch {
    return false;
  }
}
