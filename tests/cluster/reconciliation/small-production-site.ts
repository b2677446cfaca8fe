import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDirectory, walk } from '../../../scripts/repository/files.ts';
import { openSources } from '../../../scripts/repository/sources.ts';
import { type KeyDeclaration, readSecretDeclarations } from '../../../scripts/secrets/declaration.ts';
import { fitsKey } from '../../../scripts/secrets/generate.ts';
import { init } from '../../../scripts/secrets/init.ts';
import { findPrograms } from '../../../scripts/secrets/programs.ts';
import { variableOf } from '../../../scripts/secrets/values.ts';
import { textAt } from '../../../scripts/yaml/node.ts';
import { issueCertificates } from '../harness/stand-ins/certificates.ts';
import { giveAddresses } from '../harness/stand-ins/load-balancer.ts';
import { provisionLocalVolumes } from '../harness/stand-ins/local-volumes.ts';
import { vouchForSuspended } from '../harness/stand-ins/suspended.ts';
import type { Site } from './deployed-environment.ts';
import type { Copy } from './served-repository.ts';

const environment = 'small-production';

/** The programs that encrypt, beside those of the control plane. */
export const encryptionPrograms: readonly string[] = ['sops', 'age-keygen'];

/**
 * A site that runs small-production as the documentation tells it to: its own URL among the facts, a key pair and every Secret
 * encrypted in Git by `npm run secrets -- init`. What is fetched from elsewhere is suspended, since nothing is to be had here.
 */
export const smallProductionSite: Site = {
  async prepare(copy, scratch) {
    nameUrl(copy);
    suspendForeign(copy.directory);
    const keyFile = join(scratch, `${environment}.agekey`);
    await makeSecrets(copy.directory, keyFile);
    return keyFile;
  },
  standIns: [provisionLocalVolumes, issueCertificates, giveAddresses, vouchForSuspended],
};

function nameUrl({ directory, url }: Copy): void {
  const file = join(directory, `overlays/${environment}/environment/environment.yaml`);
  const before = readFileSync(file, 'utf8');
  const after = before.replace(/^( *repositoryUrl: ).*$/m, `$1${url}`);
  if (after === before) throw new Error(`${file} has no fact repositoryUrl`);
  writeFileSync(file, after);
}

/** The kinds with which a base fetches something: those of flux/ are this repository's own. */
const fetching = /^(?:GitRepository|HelmRelease|HelmRepository|OCIRepository)$/;

function suspendForeign(directory: string): void {
  const sources = openSources(openDirectory(directory));
  for (const path of walk(sources.files, 'base')) {
    if (!/\.ya?ml$/.test(path)) continue;
    const suspends = (sources.yaml(path)?.documents ?? []).some(
      ({ node }) =>
        fetching.test(textAt(node, ['kind']) ?? '') ||
        (textAt(node, ['apiVersion']) ?? '').startsWith('kustomize.toolkit.fluxcd.io/'),
    );
    if (!suspends) continue;
    const file = join(directory, path);
    writeFileSync(file, readFileSync(file, 'utf8').replace(/^spec:$/gm, 'spec:\n  suspend: true'));
  }
}

async function makeSecrets(root: string, keyFile: string): Promise<void> {
  const found = findPrograms();
  if (!found.ok) throw new Error(found.error.message);
  const declared = readSecretDeclarations(openSources(openDirectory(root)), environment);
  if (!declared.ok) throw new Error(declared.error.message);
  const external = declared.secrets.flatMap(({ name, keys }) =>
    keys
      .filter(({ generator }) => generator === 'external')
      .map((key) => [variableOf(name, key.name), standInFor(name, key)] as const),
  );
  const made = await init(found.programs, {
    root,
    environment,
    recipients: [],
    keyFile,
    keyNamed: true,
    skipExternal: false,
    dryRun: false,
    values: { directory: undefined, environment: Object.fromEntries(external), ask: undefined },
    variables: process.env,
    keyWasMade: () => {},
  });
  if (!made.ok) throw new Error(`${made.error.message} ${made.error.fix}`);
}

/** For what only a site has. */
const standIns: readonly string[] = [
  'stand-in',
  'https://stand-in.example.net/',
  '-----BEGIN CERTIFICATE-----\nc3RhbmQtaW4=\n-----END CERTIFICATE-----\n',
];

function standInFor(secret: string, key: KeyDeclaration): string {
  const found = standIns.find((value) => fitsKey(key, value));
  if (found === undefined) throw new Error(`no stand-in fits the form of ${secret}/${key.name}: add one`);
  return found;
}
