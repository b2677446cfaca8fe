import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, runProcess } from '../../../scripts/cluster/process.ts';

/** Of a cert-manager Certificate, what is looked at here. */
export interface CertificateSpec {
  readonly secretName: string;
  readonly commonName?: string;
  readonly dnsNames?: readonly string[];
  readonly subject?: { readonly organizations?: readonly string[] };
  readonly usages?: readonly string[];
  readonly issuerRef: { readonly name: string };
  readonly keystores?: {
    readonly pkcs12?: {
      readonly create: boolean;
      readonly passwordSecretRef: { readonly name: string; readonly key: string };
    };
  };
}

export const certificatePrograms = ['openssl', 'keytool'] as const;

const extendedUsages: Readonly<Record<string, string>> = {
  'server auth': 'serverAuth',
  'client auth': 'clientAuth',
};

/**
 * What cert-manager would put into the Secrets of Certificates: ECDSA keys, with the names and usages that are asked for,
 * signed by one authority for each issuer.
 */
export function certificateAuthority(directory: string) {
  mkdirSync(directory, { recursive: true });
  const authorities = new Map<string, Promise<Authority>>();
  interface Authority {
    readonly certificate: string;
    readonly key: string;
  }

  async function tool(name: string, ...parameters: string[]): Promise<string> {
    const { code, stdout, stderr } = await runProcess([findProgram(name) ?? name, ...parameters]);
    if (code !== 0) throw new Error(`${name} ${parameters[0]} ended with ${code}: ${stderr}${stdout}`);
    return stdout;
  }
  const newKey = (file: string): Promise<string> =>
    tool(
      'openssl',
      'genpkey',
      '-algorithm',
      'EC',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-pkeyopt',
      'ec_param_enc:named_curve',
      '-out',
      file,
    );

  async function makeAuthority(issuer: string): Promise<Authority> {
    const at = join(directory, `authority-${issuer}`);
    await newKey(`${at}.key`);
    await tool(
      'openssl',
      'req',
      '-x509',
      '-new',
      '-key',
      `${at}.key`,
      '-subj',
      `/O=infometis/CN=${issuer}`,
      '-days',
      '2',
      '-addext',
      'keyUsage=critical,keyCertSign,cRLSign',
      '-out',
      `${at}.crt`,
    );
    return { certificate: `${at}.crt`, key: `${at}.key` };
  }
  function authority(issuer: string): Promise<Authority> {
    const known = authorities.get(issuer) ?? makeAuthority(issuer);
    authorities.set(issuer, known);
    return known;
  }

  /**
   * The keys of the Secret.
   *
   * @param passwordOf the value of a key of another Secret
   */
  async function issue(
    spec: CertificateSpec,
    passwordOf: (secret: string, key: string) => string,
  ): Promise<ReadonlyMap<string, Buffer>> {
    const { certificate: caCertificate, key: caKey } = await authority(spec.issuerRef.name);
    const at = join(directory, spec.secretName);
    const subject = [
      ...(spec.subject?.organizations ?? []).map((name) => `/O=${name}`),
      ...(spec.commonName === undefined ? [] : [`/CN=${spec.commonName}`]),
    ].join('');
    const usages = spec.usages ?? ['digital signature', 'key encipherment'];
    const extended = usages.flatMap((usage) => extendedUsages[usage] ?? []);
    const simple = usages
      .filter((usage) => extendedUsages[usage] === undefined)
      .map((usage) => usage.replace(/ (\w)/g, (_, letter: string) => letter.toUpperCase()));
    writeFileSync(
      `${at}.ext`,
      [
        'basicConstraints=critical,CA:FALSE',
        ...(simple.length === 0 ? [] : [`keyUsage=critical,${simple.join(',')}`]),
        ...(extended.length === 0 ? [] : [`extendedKeyUsage=${extended.join(',')}`]),
        ...(spec.dnsNames === undefined
          ? []
          : [`subjectAltName=${spec.dnsNames.map((name) => `DNS:${name}`).join(',')}`]),
      ].join('\n'),
    );
    await newKey(`${at}.key`);
    await tool('openssl', 'req', '-new', '-key', `${at}.key`, '-subj', subject, '-out', `${at}.csr`);
    await tool(
      'openssl',
      'x509',
      '-req',
      '-in',
      `${at}.csr`,
      '-CA',
      caCertificate,
      '-CAkey',
      caKey,
      '-set_serial',
      String(serial++),
      '-days',
      '1',
      '-extfile',
      `${at}.ext`,
      '-out',
      `${at}.crt`,
    );
    const certificate = readFileSync(`${at}.crt`);
    const key = readFileSync(`${at}.key`);
    const secret = new Map<string, Buffer>([
      ['tls.crt', certificate],
      ['tls.key', key],
      ['ca.crt', readFileSync(caCertificate)],
      ['tls-combined.pem', Buffer.concat([key, Buffer.from('\n'), certificate])],
    ]);
    const store = spec.keystores?.pkcs12;
    if (store?.create) {
      const password = passwordOf(store.passwordSecretRef.name, store.passwordSecretRef.key);
      await tool(
        'openssl',
        'pkcs12',
        '-export',
        '-in',
        `${at}.crt`,
        '-inkey',
        `${at}.key`,
        '-certfile',
        caCertificate,
        '-name',
        'certificate',
        '-passout',
        `pass:${password}`,
        '-out',
        `${at}.p12`,
      );
      await tool(
        'keytool',
        '-importcert',
        '-noprompt',
        '-alias',
        'ca',
        '-file',
        caCertificate,
        '-keystore',
        `${at}-trust.p12`,
        '-storetype',
        'PKCS12',
        '-storepass',
        password,
      );
      secret.set('keystore.p12', readFileSync(`${at}.p12`));
      secret.set('truststore.p12', readFileSync(`${at}-trust.p12`));
    }
    return secret;
  }
  return { issue };
}

let serial = 1;
