import { posix } from 'node:path';
import type { Node, Origin, ScalarNode } from '../../yaml/node.ts';
import type { BuildContext } from '../context.ts';
import { type Kustomization, scalarAt, scalars, stringOf } from '../kustomization.ts';
import { loadFile } from '../load.ts';
import { refuseOpenKey } from '../scalars.ts';
import { fail, unsupported } from '../stop.ts';

/** One entry of a generated ConfigMap or Secret, with the place that its content comes from. */
export interface KeyValue {
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly origin: Origin;
}

/** The entries of a generator: those of `envs`, then `literals`, then `files`. */
export function keyValues(context: BuildContext, kustomization: Kustomization, item: Node): KeyValue[] {
  const env = scalarAt(item, 'env');
  const envFiles = [...scalars(item, 'envs'), ...(env && stringOf(env) !== '' ? [env] : [])];
  const all = [
    ...envFiles.flatMap((source) => fromEnvFile(context, kustomization, source)),
    ...scalars(item, 'literals').map(fromLiteral),
    ...scalars(item, 'files').map((source) => fromFile(context, kustomization, source)),
  ];
  const seen = new Set<string>();
  for (const { key, origin } of all) {
    refuseOpenKey(key, origin);
    if (seen.has(key))
      fail('repeated-key', `the key \`${key}\` is generated twice`, 'Keep one of the two.', origin);
    seen.add(key);
  }
  return all;
}

function fromLiteral(source: ScalarNode): KeyValue {
  const literal = stringOf(source);
  const equals = literal.indexOf('=');
  if (equals <= 0) fail('literal', `\`${literal}\` is no literal`, 'Write it as `key=value`.', source.origin);
  return {
    key: literal.slice(0, equals),
    bytes: Buffer.from(unquoted(literal.slice(equals + 1))),
    origin: source.origin,
  };
}

/** One pair of quotes around a literal's value is taken for the shell's. */
function unquoted(text: string): string {
  const [first] = text;
  const paired = text.length >= 2 && (first === '"' || first === "'") && text.endsWith(first);
  return paired ? text.slice(1, -1) : text;
}

function fromFile(context: BuildContext, { directory }: Kustomization, source: ScalarNode): KeyValue {
  const [first = '', second, ...more] = stringOf(source).split('=');
  if (more.length > 0 || (second !== undefined && (first === '' || second === '')))
    fail(
      'file-source',
      `\`${stringOf(source)}\` is no file source`,
      'Write it as `path`, or as `key=path`.',
      source.origin,
    );
  const path = second ?? first;
  const file = loadFile(context, directory, path, source.origin);
  return {
    key: second === undefined ? posix.basename(path) : first,
    bytes: file.bytes,
    origin: { file: file.path, line: 1, column: 1 },
  };
}

// Go's scanner gives up on longer lines and silently takes what it had.
const longestLine = 64 * 1024;

function fromEnvFile(context: BuildContext, { directory }: Kustomization, source: ScalarNode): KeyValue[] {
  const file = loadFile(context, directory, stringOf(source), source.origin);
  const lines = file.text.split('\n');
  if (lines[lines.length - 1] === '') lines.pop();
  return lines.flatMap((raw, index) => {
    if (raw.length >= longestLine / 4 || raw.includes('\uFFFD'))
      unsupported('an env file with a very long line or invalid UTF-8', source.origin);
    const unmarked = index === 0 ? raw.replace(/^\uFEFF/, '') : raw;
    const line = unmarked.replace(/\r$/, '').trimStart();
    if (line === '' || line.startsWith('#')) return [];
    const equals = line.indexOf('=');
    return [
      {
        key: equals < 0 ? line : line.slice(0, equals),
        bytes: Buffer.from(equals < 0 ? '' : line.slice(equals + 1)),
        origin: { file: file.path, line: index + 1, column: 1 },
      },
    ];
  });
}
