/** PKCS #10 certificate signing requests. Mirrors `ParseCSR` of pkg/apis/certificates and `CheckSignature` of Go's crypto/x509. */
import { createPublicKey, verify } from 'node:crypto';

/** One value of DER: where its bytes begin, where its contents do, and where it ends. */
interface Element {
  readonly tag: number;
  readonly start: number;
  readonly body: number;
  readonly end: number;
}

const sequence = 0x30;
const integer = 0x02;
const objectIdentifier = 0x06;
const bitString = 0x03;

/** Algorithms of signatures by object identifier in hex, with the digest that node:crypto asks for. */
const digests: Readonly<Record<string, string | null>> = {
  '2a864886f70d01010b': 'sha256',
  '2a864886f70d01010c': 'sha384',
  '2a864886f70d01010d': 'sha512',
  '2a8648ce3d040302': 'sha256',
  '2a8648ce3d040303': 'sha384',
  '2a8648ce3d040304': 'sha512',
  '2b6570': null,
};

/**
 * What is wrong with a request in base64, as a predicate. A signature whose algorithm or key is not known here counts as
 * right.
 */
export function certificateRequestFault(base64: string): string | undefined {
  const pem = Buffer.from(base64, 'base64').toString('latin1');
  const block = /-----BEGIN ([^\n-]*)-----\s*\n([\s\S]*?)-----END \1-----/.exec(pem);
  if (block?.[1] !== 'CERTIFICATE REQUEST') return 'holds no PEM block of the type CERTIFICATE REQUEST';
  const der = Buffer.from((block[2] ?? '').replace(/^(?:[^\n]*: [^\n]*\n)+\s*\n/, ''), 'base64');
  const request = read(der, 0, der.length);
  if (request === undefined || request.tag !== sequence || request.end !== der.length) return noRequest;
  const [info, algorithm, signature] = children(der, request);
  if (info?.tag !== sequence || algorithm?.tag !== sequence || signature?.tag !== bitString) return noRequest;
  const [version, subject, key] = children(der, info);
  if (version?.tag !== integer || subject?.tag !== sequence || key?.tag !== sequence) return noRequest;
  const [oid] = children(der, algorithm);
  if (oid?.tag !== objectIdentifier) return noRequest;
  const signed = isSigned(
    der.subarray(info.start, info.end),
    der.subarray(key.start, key.end),
    // The first byte of a bit string counts its unused bits.
    der.subarray(signature.body + 1, signature.end),
    digests[der.subarray(oid.body, oid.end).toString('hex')],
  );
  return signed ? undefined : 'is not signed by its own key';
}

const noRequest = 'holds no certificate signing request in DER';

function isSigned(info: Buffer, key: Buffer, signature: Buffer, digest: string | null | undefined): boolean {
  if (digest === undefined) return true;
  try {
    return verify(digest, info, createPublicKey({ key, format: 'der', type: 'spki' }), signature);
  } catch {
    return true;
  }
}

function children(der: Buffer, parent: Element): Element[] {
  const found: Element[] = [];
  for (let at = parent.body; at < parent.end; ) {
    const element = read(der, at, parent.end);
    if (element === undefined) return [];
    found.push(element);
    at = element.end;
  }
  return found;
}

function read(der: Buffer, start: number, limit: number): Element | undefined {
  const [tag, first] = [der[start], der[start + 1]];
  if (tag === undefined || first === undefined) return undefined;
  let body = start + 2;
  let length = first;
  if (first >= 0x80) {
    const bytes = first & 0x7f;
    if (bytes === 0 || bytes > 4 || body + bytes > limit) return undefined;
    length = der.readUIntBE(body, bytes);
    body += bytes;
  }
  const end = body + length;
  return end > limit ? undefined : { tag, start, body, end };
}
