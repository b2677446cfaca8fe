import type { UsageError } from '../cli/exit.ts';
import type { Sources } from '../repository/sources.ts';
import { at, itemsAt, type Node, type Path, textAt } from '../yaml/node.ts';
import { goRegexMatches } from './go-regex.ts';

/** One key of a Secret, and how its value is made. Mirrors schemas/secrets.json. */
export type KeyDeclaration = {
  readonly name: string;
  /** What the value is for, in one sentence. */
  readonly purpose: string;
} & (
  | { readonly generator: 'alphanumeric'; readonly length: number }
  | { readonly generator: 'fixed'; readonly value: string }
  | {
      /** Made elsewhere and brought by whoever runs the site: a client secret, an access key. */
      readonly generator: 'external';
      /** A value that shows what it looks like, and is refused as one. */
      readonly example?: string;
      /** A regular expression, as Go reads it, that the whole value fits. */
      readonly form?: string;
    }
) & {
    readonly rotation?: Rotation;
  };

/** What rotating a value needs beyond a new value and a restart. */
export type Rotation =
  /** Why the value stays for the life of the data. */
  | { readonly never: string }
  /** What a person does so that the component takes the new value. */
  | { readonly then: string };

/** A Secret that an environment needs and that Git does not hold. */
export interface SecretDeclaration {
  readonly name: string;
  readonly namespace: string;
  /** The components whose pods read it. */
  readonly consumers: readonly string[];
  readonly keys: readonly KeyDeclaration[];
}

export type DeclarationsRead =
  | { readonly ok: true; readonly secrets: readonly SecretDeclaration[] }
  | { readonly ok: false; readonly error: UsageError };

const file = 'secrets.yaml';

/** The Secrets that secrets.yaml declares for an environment. A declaration that is not understood is an error, never left out. */
export function readSecretDeclarations(sources: Sources, environment: string): DeclarationsRead {
  const yaml = sources.yaml(file);
  if (!yaml)
    return wrong(
      `${file} cannot be read`,
      'Declare there the Secrets of every environment; [] where it has none.',
    );
  const problem = yaml.problems[0];
  if (problem) return wrong(`${place(problem)}: ${problem.message}`, 'Run `npm run validate`.');
  const listed = at(yaml.documents[0]?.node, [environment]);
  if (listed?.type !== 'list')
    return wrong(
      `${file} says nothing of the environment \`${environment}\``,
      'Add a list for it; [] where it needs no Secret.',
    );
  const secrets: SecretDeclaration[] = [];
  for (const node of listed.items) {
    const secret = secretOf(node);
    if ('error' in secret) return wrong(`${place(node)}: ${secret.error}`, 'See schemas/secrets.json.');
    if (secrets.some(({ name, namespace }) => name === secret.name && namespace === secret.namespace))
      return wrong(
        `${place(node)}: Secret ${secret.namespace}/${secret.name} is declared twice`,
        'Put all keys in one of the two.',
      );
    secrets.push(secret);
  }
  return { ok: true, secrets };
}

const wrong = (message: string, fix: string): DeclarationsRead => ({ ok: false, error: { message, fix } });

const place = ({ origin }: Pick<Node, 'origin'>): string => `${origin.file}:${origin.line}:${origin.column}`;

function secretOf(node: Node): SecretDeclaration | { readonly error: string } {
  const name = textAt(node, ['name']);
  const namespace = textAt(node, ['namespace']);
  if (!name) return { error: 'a Secret without `name`' };
  if (!namespace) return { error: `Secret ${name} has no \`namespace\`` };
  const consumers = itemsAt(node, ['consumers']).map((item) => textAt(item, []) ?? '');
  if (consumers.length === 0 || consumers.includes(''))
    return { error: `Secret ${name} names no component among its \`consumers\`` };
  const keys: KeyDeclaration[] = [];
  for (const item of itemsAt(node, ['keys'])) {
    const key = keyOf(item);
    if ('error' in key) return { error: `Secret ${name}: ${key.error}` };
    if (keys.some((other) => other.name === key.name))
      return { error: `Secret ${name} declares the key \`${key.name}\` twice` };
    keys.push(key);
  }
  if (keys.length === 0) return { error: `Secret ${name} has no \`keys\`` };
  return { name, namespace, consumers, keys };
}

function keyOf(node: Node): KeyDeclaration | { readonly error: string } {
  const name = textAt(node, ['name']);
  if (!name) return { error: 'a key without `name`' };
  const rotation = rotationOf(node);
  if (rotation === 'wrong')
    return { error: `\`rotation\` of key \`${name}\` is neither {never: <why>} nor {then: <what to do>}` };
  const common = { name, purpose: textAt(node, ['purpose']) ?? '', ...(rotation && { rotation }) };
  const generator = textAt(node, ['generator']);
  switch (generator) {
    case 'alphanumeric': {
      const length = numberOf(node, ['length']);
      // Fewer than 16 characters can be guessed.
      if (length === undefined || !Number.isInteger(length) || length < 16 || length > 128)
        return { error: `key \`${name}\` needs a \`length\` from 16 to 128` };
      return { ...common, generator, length };
    }
    case 'fixed': {
      const value = textAt(node, ['value']);
      if (!value) return { error: `key \`${name}\` needs a \`value\`, as text` };
      return { ...common, generator, value };
    }
    case 'external': {
      const example = textAt(node, ['example']);
      const form = textAt(node, ['form']);
      if (form !== undefined && goRegexMatches(form, '') === undefined)
        return { error: `\`form\` of key \`${name}\` is no regular expression that Go reads` };
      return {
        ...common,
        generator,
        ...(example === undefined ? {} : { example }),
        ...(form === undefined ? {} : { form }),
      };
    }
    default:
      return { error: `key \`${name}\` has the unknown generator \`${generator ?? ''}\`` };
  }
}

function rotationOf(node: Node): Rotation | 'wrong' | undefined {
  if (at(node, ['rotation']) === undefined) return undefined;
  const never = textAt(node, ['rotation', 'never']);
  const then = textAt(node, ['rotation', 'then']);
  if (never && then === undefined) return { never };
  return then && never === undefined ? { then } : 'wrong';
}

function numberOf(node: Node, path: Path): number | undefined {
  const found = at(node, path);
  return found?.type === 'scalar' && typeof found.value === 'number' ? found.value : undefined;
}
