import type { Outcome } from './measure.ts';
import type { Difference } from './report.ts';

/** A difference between gate and server that is known, and why it is there. Any other one fails the suite. */
export interface KnownDifference {
  readonly outcome: Exclude<Outcome, 'both accept' | 'both refuse'>;
  readonly kind?: RegExp;
  /** Of what the side that refuses says. */
  readonly says: RegExp;
  readonly cause: string;
  /** Not every seed brings it up. */
  readonly rare?: boolean;
}

export const knownDifferences: readonly KnownDifference[] = [
  {
    outcome: 'only the gate refuses',
    says: /^range: .* an integer from -2147483648 to 2147483647 is wanted/,
    cause:
      'On purpose: applied, a number beyond 32 bits is cut to another number and stored; created, it is refused. Nobody means it.',
  },
  {
    outcome: 'only the server refuses',
    kind: /^resource\.k8s\.io\//,
    says: /./,
    cause: 'Dynamic resource allocation has no checks beyond the schema yet: nothing here uses it.',
  },
  {
    outcome: 'only the server refuses',
    kind: /^(v1|events\.k8s\.io\/v1) Event$/,
    says: /./,
    cause: 'Events have no checks beyond the schema yet: nobody keeps them in Git.',
  },
  {
    outcome: 'only the server refuses',
    kind: /^networking\.k8s\.io\/v1 (IPAddress|ServiceCIDR)$/,
    says: /./,
    cause: 'Addresses and ranges of Services have few checks beyond the schema yet.',
  },
  {
    outcome: 'only the server refuses',
    kind: /^certificates\.k8s\.io\/v1 CertificateSigningRequest$/,
    says: /spec\./,
    cause: 'Certificate signing requests have no checks beyond the schema yet: nobody keeps them in Git.',
  },
  {
    outcome: 'only the gate refuses',
    kind: /^certificates\.k8s\.io\/v1 CertificateSigningRequest$/,
    says: /^name: `metadata\.name`/,
    cause: 'The server takes any name for a certificate signing request.',
  },
  {
    outcome: 'only the gate refuses',
    kind: /^(certificates|resource)\.k8s\.io\/v1 /,
    says: /^name: `metadata\.generateName`/,
    cause: 'These kinds have their names checked by newer code, which does not look at generateName.',
  },
  {
    outcome: 'only the gate refuses',
    kind: /^v1 Service$/,
    says: /nodePort` is \d+, which is not between 30000 and 32767/,
    cause: 'A dry run takes no port out of the range, so it does not see that there is none.',
    rare: true,
  },
  {
    outcome: 'only the server refuses',
    says: /integer value of priority .* must not be provided in pod spec/,
    cause: 'The Priority admission plugin, which knows the classes of the cluster.',
    rare: true,
  },
  {
    outcome: 'only the server refuses',
    says: /metadata\.ownerReferences\.apiVersion: .*version must not be empty/,
    cause: 'An owner with two slashes in its apiVersion.',
  },
  {
    outcome: 'only the server refuses',
    says: /metadata\.generation: Invalid value: -1/,
    cause: 'The server resets the generation of most kinds, and refuses a negative one of the rest.',
  },
  {
    outcome: 'only the server refuses',
    says: /openAPIV3Schema.*(default|\$ref|enum)|conversionReviewVersions|selectableFields/,
    kind: /CustomResourceDefinition$/,
    cause: 'Rare rules of the schema inside a definition.',
  },
  {
    outcome: 'only the gate refuses',
    kind: /^v1 PersistentVolumeClaim$/,
    says: /`spec\.dataSourceRef` has no apiGroup/,
    cause:
      'The server drops a data source in another namespace, behind a feature gate, before it looks at it.',
  },
  {
    outcome: 'only the gate refuses',
    says: /serviceAccountToken` must not be set: the pod has no serviceAccountName/,
    cause: 'The ServiceAccount admission plugin writes the name before the server looks.',
  },
  {
    outcome: 'only the server refuses',
    says: /seLinuxChangePolicy: Unsupported value: "MountOption"/,
    cause: 'Of a feature gate that is off.',
  },
  {
    outcome: 'only the server refuses',
    says: /must be less than or equal to|min value .* is greater than max value|must be greater than zero/,
    cause: 'A quantity with blanks around it, or without digits, is not compared.',
  },
  {
    outcome: 'only the server refuses',
    says: /only divisor's values/,
    cause: 'A divisor written with an exponent.',
  },
];

/** Which entry a difference falls under; undefined for a new one. */
export const knownCause = (difference: Difference): KnownDifference | undefined =>
  knownDifferences.find(
    ({ outcome, kind, says }) =>
      outcome === difference.outcome &&
      (kind === undefined || kind.test(difference.kind)) &&
      says.test(outcome === 'only the gate refuses' ? difference.gate : difference.server),
  );
