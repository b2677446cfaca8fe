import { secretsStage } from '../checks/secrets/index.ts';
import { runStage } from '../checks/stage.ts';
import type { UsageError } from '../cli/exit.ts';
import { trackedPaths } from '../repository/tracked.ts';
import { itemsAt, originAt, textAt } from '../yaml/node.ts';
import {
  decryptingKustomization,
  encryptedFiles,
  fileOf,
  keysIn,
  listedFiles,
  readState,
  type State,
} from './context.ts';
import { configFile } from './creation-rules.ts';
import { fileNameOf } from './layout.ts';
import { decrypt, type Tools } from './programs.ts';
import { faultOf } from './values.ts';

/** Something that is wrong with an environment's Secrets; never with a value in it. */
export interface Fault {
  readonly file: string;
  readonly line: number;
  readonly message: string;
  readonly fix: string;
}

export type CheckResult =
  | { readonly ok: true; readonly faults: readonly Fault[]; readonly secrets: number; readonly keys: number }
  | { readonly ok: false; readonly error: UsageError };

/**
 * Checks the structure of an environment's encrypted Secrets, without key and without tools: what the gate checks, and that
 * everything is there at all.
 */
export function check(root: string, environment: string): CheckResult {
  const read = readState(root, environment);
  if (!read.ok) return read;
  const { state } = read;
  const { sources } = state;
  const init = `Run \`npm run secrets -- init ${environment}\`.`;
  const faults: Fault[] = [];
  if (!state.rule) {
    faults.push({
      file: configFile,
      line: 1,
      message:
        sources.files.kind(configFile) === undefined
          ? `there is no ${configFile}: nobody has made keys and Secrets for ${environment} yet`
          : `there is no creation rule for ${environment}`,
      fix: init,
    });
    faults.push(...absent(state, init));
  }
  const repository = { sources, paths: trackedPaths(sources.files), environments: [] };
  for (const { file, line, message, fix } of runStage(secretsStage, repository))
    if (concerns(file, environment)) faults.push({ file, line, message, fix });
  const listed = listedFiles(state);
  const names = encryptedFiles(state).map((file) => file.slice(state.directory.length + 1));
  const kustomization = `${state.directory}/kustomization.yaml`;
  for (const name of names.filter((each) => !listed.includes(each)))
    faults.push({
      file: kustomization,
      line: 1,
      message: `does not list \`${name}\`, so Flux never reads it`,
      fix: init,
    });
  for (const name of listed.filter((each) => sources.files.kind(`${state.directory}/${each}`) === undefined))
    faults.push({
      file: kustomization,
      line: 1,
      message: `lists \`${name}\`, which is not there`,
      fix: init,
    });
  if (decryptingKustomization(state) === undefined)
    faults.push({
      file: `flux/${environment}`,
      line: 1,
      message: `no Kustomization builds \`${state.directory}\` with \`spec.decryption.provider: sops\``,
      fix: 'Add one, with `decryption.secretRef.name: sops-age`.',
    });
  return {
    ok: true,
    faults,
    secrets: names.length,
    keys: names.reduce((sum, name) => sum + (keysIn(state, `${state.directory}/${name}`)?.size ?? 0), 0),
  };
}

const concerns = (file: string, environment: string): boolean =>
  file.startsWith(`overlays/${environment}/`) || file === configFile || file === 'secrets.yaml';

function absent(state: State, fix: string): readonly Fault[] {
  const root = state.sources.yaml('secrets.yaml')?.documents[0]?.node;
  return state.declared
    .filter((secret) => !keysIn(state, fileOf(state, secret)))
    .map((secret) => {
      const place = itemsAt(root, [state.environment]).find(
        (item) => textAt(item, ['name']) === secret.name && textAt(item, ['namespace']) === secret.namespace,
      );
      return {
        file: 'secrets.yaml',
        line: place ? originAt(place, ['name']).line : 1,
        message: `Secret ${secret.namespace}/${secret.name} is not there (${fileNameOf(secret, state.declared)})`,
        fix,
      };
    });
}

/** Decrypts every Secret in memory, and compares each value with what secrets.yaml says of it. */
export async function checkValues(tools: Tools, environment: string): Promise<CheckResult> {
  const read = readState(tools.root, environment);
  if (!read.ok) return read;
  const { state } = read;
  const faults: Fault[] = [];
  let secrets = 0;
  let keys = 0;
  for (const secret of state.declared) {
    const file = fileOf(state, secret);
    if (!keysIn(state, file)) continue;
    secrets += 1;
    const values = await decrypt({ ...tools }, file);
    if (!values.ok) {
      faults.push({ file, line: 1, message: values.error.message, fix: values.error.fix ?? '' });
      continue;
    }
    for (const key of secret.keys) {
      const value = values.result.get(key.name);
      if (value === undefined) continue;
      keys += 1;
      const fault = faultOf(key, value);
      if (fault !== undefined)
        faults.push({
          file,
          line: 1,
          message: `the value of \`${key.name}\` ${fault}`,
          fix:
            key.generator === 'alphanumeric'
              ? `Make a new one: npm run secrets -- rotate ${environment} ${secret.name}/${key.name}`
              : `Set it: npm run secrets -- edit ${environment} ${secret.name}`,
        });
    }
  }
  return { ok: true, faults, secrets, keys };
}
