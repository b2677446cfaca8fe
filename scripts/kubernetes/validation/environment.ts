/** Environment variables. Mirrors `ValidateEnv` and `ValidateEnvFrom`. */
import { type Errors, faultsOf } from './error.ts';
import { type Field, get, isSet, items, text } from './field.ts';
import { validateFieldReference, validateResourceFieldReference } from './field-reference.ts';
import {
  type Check,
  hasNoBacksteps,
  isConfigMapKey,
  isDnsLabel,
  isDnsSubdomain,
  isEnvironmentName,
} from './formats.ts';

const { fault, missing, forbidden } = faultsOf('environment-variable');

/** `ValidateEnv` and `ValidateEnvFrom` of one container. */
export function* validateEnvironment(container: Field): Errors {
  for (const variable of items(get(container, 'env'))) {
    const name = get(variable, 'name');
    if (text(name) === '') yield missing(name);
    else yield* checked(name, isEnvironmentName, 'rename the variable');
    yield* validateValueFrom(variable);
  }
  for (const source of items(get(container, 'envFrom'))) yield* validateSource(source);
}

function* checked(field: Field, check: Check, fix: string): Errors {
  const wrong = check(text(field));
  if (wrong !== undefined) yield fault(field, wrong, fix);
}

const kinds = ['fieldRef', 'resourceFieldRef', 'configMapKeyRef', 'secretKeyRef', 'fileKeyRef'] as const;

/** `validateEnvVarValueFrom`. */
function* validateValueFrom(variable: Field): Errors {
  const from = get(variable, 'valueFrom');
  if (!isSet(from)) return;
  const present = kinds.filter((kind) => isSet(get(from, kind)));
  for (const kind of present) yield* validateReference(get(from, kind), kind);
  if (present.length === 0) yield fault(from, 'names no source', `write one of ${kinds.join(', ')}`);
  else if (text(get(variable, 'value')) !== '')
    yield forbidden(from, '`value` is set too, and only one of them is allowed');
  else if (present.length > 1)
    yield fault(from, `has ${present.join(' and ')}, and only one is allowed`, 'write one of them');
}

function* validateReference(reference: Field, kind: (typeof kinds)[number]): Errors {
  switch (kind) {
    case 'fieldRef':
      return yield* validateFieldReference(reference, 'environment-variable');
    case 'resourceFieldRef':
      return yield* validateResourceFieldReference(reference, 'environment-variable');
    case 'fileKeyRef':
      yield* present(reference, 'key', isEnvironmentName);
      yield* present(reference, 'volumeName', isDnsLabel);
      return yield* present(reference, 'path', hasNoBacksteps);
    default:
      yield* checked(get(reference, 'name'), isDnsSubdomain, 'write the name of the ConfigMap or Secret');
      return yield* present(reference, 'key', isConfigMapKey);
  }
}

function* present(reference: Field, key: string, check: Check): Errors {
  const field = get(reference, key);
  if (text(field) === '') yield missing(field);
  else yield* checked(field, check, `correct \`${key}\``);
}

/** One entry of `envFrom`. */
function* validateSource(source: Field): Errors {
  const prefix = get(source, 'prefix');
  if (text(prefix) !== '') yield* checked(prefix, isEnvironmentName, 'change the prefix');
  const references = ['configMapRef', 'secretRef'].filter((kind) => isSet(get(source, kind)));
  for (const kind of references) {
    const name = get(source, kind, 'name');
    if (text(name) === '') yield missing(name);
    // Upstream allows a dash at the end here, as if something were to follow.
    else yield* checked({ ...name, value: masked(text(name)) }, isDnsSubdomain, 'correct the name');
  }
  if (references.length !== 1)
    yield fault(
      source,
      references.length === 0 ? 'names no source' : 'names two sources',
      'write one of configMapRef and secretRef',
    );
}

const masked = (name: string): string =>
  name.length > 1 && name.endsWith('-') ? `${name.slice(0, -2)}a` : name;
