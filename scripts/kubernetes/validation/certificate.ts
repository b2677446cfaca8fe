/** CertificateSigningRequests. Mirrors `validateCertificateSigningRequest` and `ValidateSignerName`. */
import { certificateRequestFault } from './certificate-request.ts';
import { type Errors, faultsOf } from './error.ts';
import { type Field, get, number, size, text, texts } from './field.ts';
import { type Check, isDnsLabel, isDnsSubdomain } from './formats.ts';

const { fault, missing, oneOf, duplicate } = faultsOf('certificate');

const usages = [
  'any',
  'cert sign',
  'client auth',
  'code signing',
  'content commitment',
  'crl sign',
  'data encipherment',
  'decipher only',
  'digital signature',
  'email protection',
  'encipher only',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'key agreement',
  'key encipherment',
  'microsoft sgc',
  'netscape sgc',
  'ocsp signing',
  's/mime',
  'server auth',
  'signing',
  'timestamping',
];

/** A status is not looked at: the server drops it from what is created. */
export function* validateCertificateSigningRequest(object: Field): Errors {
  const spec = get(object, 'spec');
  const request = get(spec, 'request');
  const wrongRequest = certificateRequestFault(text(request));
  if (wrongRequest !== undefined)
    yield fault(request, wrongRequest, 'write a PEM block CERTIFICATE REQUEST, in base64');
  const wanted = get(spec, 'usages');
  if (size(wanted) === 0) yield missing(wanted);
  const seen = new Set<string>();
  for (const [usage, item] of texts(wanted)) {
    if (!usages.includes(usage)) yield oneOf(item, usages);
    if (seen.has(usage)) yield duplicate(item, usage);
    seen.add(usage);
  }
  const signer = get(spec, 'signerName');
  if (text(signer) === '') yield missing(signer);
  else if (text(signer) === 'kubernetes.io/legacy-unknown')
    yield fault(signer, 'is a signer of old versions, which v1 refuses', 'name the signer');
  else {
    const wrong = isSignerName(text(signer));
    if (wrong !== undefined) yield fault(signer, wrong, 'write a name such as `example.com/signer`');
  }
  const seconds = get(spec, 'expirationSeconds');
  if ((number(seconds) ?? 600) < 600)
    yield fault(seconds, `is ${number(seconds)}, and at least 600 are wanted`, 'write at least 600');
}

/** A domain of two parts or more, a slash, and dotted names. */
const isSignerName: Check = (name) => {
  const [domain = '', path = '', ...others] = name.split('/');
  if (!name.includes('/') || others.length > 0)
    return `is \`${name}\`, which is not a domain and a name such as \`example.com/signer\``;
  if (domain.length > 253) return `has a domain of ${domain.length} characters, and at most 253 are allowed`;
  const labels = domain.split('.');
  if (labels.length < 2) return `is \`${name}\`, whose domain has no dot`;
  const wrong =
    labels.map(isDnsLabel).find((one) => one !== undefined) ??
    path
      .split('.')
      .map(isDnsSubdomain)
      .find((one) => one !== undefined);
  if (wrong !== undefined) return `has a part that ${wrong}`;
  return name.length > 571 ? `has ${name.length} characters, and at most 571 are allowed` : undefined;
};
