import type { Client, KubernetesObject } from '../client.ts';
import { conditionOf } from '../condition.ts';
import { condition, mustWrite, type Round } from './stand-in.ts';

const group = 'cert-manager.io/v1';

interface CertificateSpec {
  readonly secretName: string;
  readonly issuerRef: { readonly name: string; readonly kind?: string };
  readonly additionalOutputFormats?: readonly { readonly type: string }[];
  readonly keystores?: Readonly<
    Record<string, { readonly create: boolean; readonly passwordSecretRef?: { name: string; key: string } }>
  >;
}

/**
 * Does what cert-manager does as far as other objects can see it: an Issuer is ready, and a Certificate whose Issuer is there
 * gets its Secret, with the keys that it asks for. What is in them is no certificate.
 */
export const issueCertificates: Round = async (client) => {
  for (const issuer of await client.list({ apiVersion: group, kind: 'Issuer' }))
    if (conditionOf(issuer, 'Ready') === undefined) await markReady(client, issuer, 'KeyPairVerified');
  for (const certificate of await client.list({ apiVersion: group, kind: 'Certificate' })) {
    if (conditionOf(certificate, 'Ready')?.observedGeneration === certificate.metadata.generation) continue;
    await issue(client, certificate);
  }
};

async function issue(client: Client, certificate: KubernetesObject): Promise<void> {
  const { namespace } = certificate.metadata;
  const spec = certificate['spec'] as CertificateSpec;
  const { name, kind = 'Issuer' } = spec.issuerRef;
  if (!(await client.get({ apiVersion: group, kind, name, namespace }))) return;
  for (const { passwordSecretRef } of Object.values(spec.keystores ?? {})) {
    if (passwordSecretRef === undefined) continue;
    const secret = await client.get({
      apiVersion: 'v1',
      kind: 'Secret',
      name: passwordSecretRef.name,
      namespace,
    });
    if ((secret?.['data'] as Record<string, string> | undefined)?.[passwordSecretRef.key] === undefined)
      return;
  }
  const data = Object.fromEntries(
    keysOf(spec).map((key) => [key, Buffer.from('a stand-in').toString('base64')]),
  );
  const verdict = await client.apply(
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: spec.secretName, ...(namespace !== undefined && { namespace }) },
      type: 'kubernetes.io/tls',
      data,
    },
    { fieldManager: 'cert-manager' },
  );
  mustWrite(`the Secret of Certificate ${certificate.metadata.name}`, verdict);
  await markReady(client, certificate, 'Ready');
}

function keysOf({ additionalOutputFormats = [], keystores = {} }: CertificateSpec): readonly string[] {
  const formats: Readonly<Record<string, string>> = { CombinedPEM: 'tls-combined.pem', DER: 'key.der' };
  const endings: Readonly<Record<string, string>> = { pkcs12: 'p12', jks: 'jks' };
  return [
    'tls.crt',
    'tls.key',
    'ca.crt',
    ...additionalOutputFormats.flatMap(({ type }) => formats[type] ?? []),
    ...Object.entries(keystores)
      .filter(([, { create }]) => create)
      .flatMap(([format]) => [`keystore.${endings[format]}`, `truststore.${endings[format]}`]),
  ];
}

async function markReady(
  client: Client,
  { apiVersion, kind, metadata }: KubernetesObject,
  reason: string,
): Promise<void> {
  const { name = '', namespace, generation } = metadata;
  mustWrite(
    `the status of ${kind} ${name}`,
    await client.mergePatch(
      { apiVersion, kind, name, namespace },
      { status: { conditions: [condition('Ready', reason, generation)] } },
      { subresource: 'status' },
    ),
  );
}
