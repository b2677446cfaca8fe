import { join } from 'node:path';
import type { UsageError } from '../cli/exit.ts';
import { nearestName } from '../text/nearest.ts';
import { entriesAt } from '../yaml/node.ts';
import { parseYaml } from '../yaml/parse.ts';
import { fileOf, keysIn, readState } from './context.ts';
import type { SecretDeclaration } from './declaration.ts';
import { sops, type Tools } from './programs.ts';
import { onCopy, writeAtomically } from './write.ts';

export type EditResult =
  | { readonly ok: true; readonly changed: boolean; readonly secret: SecretDeclaration }
  | { readonly ok: false; readonly error: UsageError };

// What sops exits with where the person changed nothing.
const unchanged = 200;

/**
 * Opens one Secret in the person's editor, in plain text, on a copy that nobody else can read. What comes back is encrypted
 * and takes the place of the file if it still has the keys that secrets.yaml declares.
 */
export async function edit(tools: Tools, environment: string, name: string): Promise<EditResult> {
  const read = readState(tools.root, environment);
  if (!read.ok) return read;
  const { state } = read;
  const secret = state.declared.find((each) => each.name === name);
  if (!secret) {
    const names = state.declared.map((each) => each.name);
    const nearest = nearestName(name, names);
    return wrong(
      `secrets.yaml declares no Secret \`${name}\` for ${environment}${nearest === undefined ? '' : `; did you mean \`${nearest}\`?`}`,
      `One of ${names.join(', ') || '(none)'}.`,
    );
  }
  const file = fileOf(state, secret);
  if (!keysIn(state, file))
    return wrong(
      `${file} is not there, or not encrypted`,
      `Run \`npm run secrets -- init ${environment}\` first.`,
    );
  const path = join(tools.root, file);
  const { result, text } = await onCopy(path, (copy, directory) =>
    sops(
      { ...tools, environment: { ...tools.environment, TMPDIR: directory } },
      ['edit', copy],
      undefined,
      true,
    ),
  );
  if (result.code === unchanged) return { ok: true, changed: false, secret };
  if (result.code !== 0)
    return wrong('sops ended without a result; the file is as it was', 'See what it said.');
  const node = parseYaml(file, text).documents[0]?.node;
  const keys = ['data', 'stringData'].flatMap((field) => [...entriesAt(node, [field]).keys()]);
  const undeclared = keys.filter((key) => secret.keys.every((each) => each.name !== key));
  if (undeclared.length > 0)
    return wrong(
      `secrets.yaml declares no key ${undeclared.join(', ')} for Secret ${name}; the file is as it was`,
      'Declare the key first, or correct its name.',
    );
  writeAtomically(path, text);
  return { ok: true, changed: true, secret };
}

const wrong = (message: string, fix: string): EditResult => ({ ok: false, error: { message, fix } });
