import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { certificateRequestFault } from '../../../../scripts/kubernetes/validation/certificate-request.ts';
import { validateBeyondSchema } from '../../../../scripts/kubernetes/validation/index.ts';

const der = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts);
  const length =
    body.length < 0x80 ? [body.length] : [0x82, Math.floor(body.length / 256), body.length % 256];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
};

const pem = (bytes: Buffer, type = 'CERTIFICATE REQUEST'): string =>
  Buffer.from(
    `-----BEGIN ${type}-----\n${bytes.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END ${type}-----\n`,
  ).toString('base64');

/** A request with an empty subject, in DER. */
function request(kind: 'rsa' | 'ec' | 'ed25519', changed = false): Buffer {
  const { privateKey, publicKey } =
    kind === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : kind === 'ec'
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
        : generateKeyPairSync('ed25519');
  const [oid, digest] = {
    rsa: ['2a864886f70d01010b', 'sha256'] as const,
    ec: ['2a8648ce3d040302', 'sha256'] as const,
    ed25519: ['2b6570', null] as const,
  }[kind];
  const key = publicKey.export({ format: 'der', type: 'spki' });
  const info = (version: number): Buffer =>
    der(0x30, der(0x02, Buffer.from([version])), der(0x30), key, der(0xa0));
  const signature = sign(digest, info(changed ? 1 : 0), privateKey);
  const algorithm = der(0x30, der(0x06, Buffer.from(oid, 'hex')));
  return der(0x30, info(0), algorithm, der(0x03, Buffer.from([0]), signature));
}

describe('a request', () => {
  test.each(['rsa', 'ec', 'ed25519'] as const)('signed with %s', (kind) => {
    expect(certificateRequestFault(pem(request(kind)))).toBeUndefined();
    expect(certificateRequestFault(pem(request(kind, true)))).toContain('not signed by its own key');
  });

  test('is the first block', () => {
    const other = Buffer.from(pem(Buffer.from('x'), 'PRIVATE KEY'), 'base64').toString();
    const own = Buffer.from(pem(request('ec')), 'base64').toString();
    const both = (...texts: readonly string[]): string => Buffer.from(texts.join('')).toString('base64');
    expect(certificateRequestFault(both(own, other))).toBeUndefined();
    expect(certificateRequestFault(both(other, own))).toContain('no PEM block');
    expect(certificateRequestFault(both('about it\n', own))).toBeUndefined();
  });

  test('is whole', () => {
    const whole = request('ec');
    for (const cut of [0, 1, 4, 40, whole.length - 1])
      expect(certificateRequestFault(pem(whole.subarray(0, cut)))).toContain('no certificate signing');
    expect(certificateRequestFault('')).toContain('no PEM block');
  });
});

describe('its signer and usages', () => {
  const base = {
    request: pem(request('ec')),
    signerName: 'example.com/web',
    usages: ['client auth'],
  };
  const faults = (spec: Record<string, unknown>): string[] =>
    validateBeyondSchema({
      apiVersion: 'certificates.k8s.io/v1',
      kind: 'CertificateSigningRequest',
      metadata: { name: 'web' },
      spec: { ...base, ...spec },
    }).map(({ message }) => message);

  test.each(['example.com/web', 'kubernetes.io/kube-apiserver-client', 'a.b/c.d'])(
    '%s signs',
    (signerName) => {
      expect(faults({ signerName })).toEqual([]);
    },
  );

  test.each([
    'web',
    'com/web',
    'example.com/a/b',
    'example.com/',
    'Example.com/web',
    'kubernetes.io/legacy-unknown',
    '',
  ])('`%s` does not', (signerName) => {
    expect(faults({ signerName })).toHaveLength(1);
  });

  test('usages are known, and each is there once', () => {
    expect(faults({ usages: [] })).toHaveLength(1);
    expect(faults({ usages: ['any', 'any'] })).toEqual([expect.stringContaining('repeats')]);
    expect(faults({ usages: ['web'] })).toEqual([expect.stringContaining('not one of')]);
  });

  test('it lasts ten minutes or more', () => {
    expect(faults({ expirationSeconds: 600 })).toEqual([]);
    expect(faults({ expirationSeconds: 599 })).toHaveLength(1);
  });
});
