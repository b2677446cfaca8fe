import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A user that the API server knows by its token. */
export interface User {
  readonly name: string;
  readonly groups: readonly string[];
  readonly token: string;
}

export const newUser = (name: string, groups: readonly string[] = []): User => ({
  name,
  groups,
  token: randomBytes(24).toString('base64url'),
});

/** Makes the key pair that signs the tokens of service accounts; returns the two files. */
export function writeServiceAccountKeys(directory: string): {
  readonly privateKey: string;
  readonly publicKey: string;
} {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const files = { privateKey: join(directory, 'sa.key'), publicKey: join(directory, 'sa.pub') };
  writeFileSync(files.privateKey, privateKey, { mode: 0o600 });
  writeFileSync(files.publicKey, publicKey);
  return files;
}

/** The file for `--token-auth-file`. */
export function writeTokenFile(directory: string, users: readonly User[]): string {
  const file = join(directory, 'tokens.csv');
  const lines = users.map(({ name, groups, token }) => `${token},${name},${name},"${groups.join(',')}"`);
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 });
  return file;
}

/** Writes a kubeconfig, as JSON (which is YAML). */
export function writeKubeconfig(
  file: string,
  { server, caFile, token }: { readonly server: string; readonly caFile: string; readonly token: string },
): string {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'local', cluster: { server, 'certificate-authority': caFile } }],
    users: [{ name: 'user', user: { token } }],
    contexts: [{ name: 'local', context: { cluster: 'local', user: 'user' } }],
    'current-context': 'local',
  };
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  return file;
}
