import { nameOf, type Outcome } from './reconcile.ts';

/** A warning of the API server that is known and borne. */
export interface AllowedWarning {
  readonly environment: string;
  /** Objects as `Kind namespace/name`. */
  readonly object: RegExp;
  readonly text: RegExp;
  readonly reason: string;
}

export const allowedWarnings: readonly AllowedWarning[] = [
  {
    environment: 'prototype',
    object: /^(?:DaemonSet|Deployment|Job|StatefulSet) infometis\//,
    text: /^Validation failed for ValidatingAdmissionPolicy 'infometis-image-digest' with binding 'infometis-image-digest': image without digest /,
    reason: 'Renovate writes the digests; the policy warns until every image has one.',
  },
  {
    environment: 'prototype',
    object: /^Deployment infometis\/traefik$/,
    text: /^would violate PodSecurity "baseline:latest": hostPort \(container "traefik" uses hostPorts 443, 80, 8082, 8083\)$/,
    reason:
      'Traefik alone takes ports of the node; the namespace warns of whatever else goes beyond baseline.',
  },
  {
    environment: 'small-production',
    object: /^(?:CronJob|DaemonSet|Deployment|Job|StatefulSet) infometis\//,
    text: /^Validation failed for ValidatingAdmissionPolicy 'infometis-image-digest' with binding 'infometis-image-digest': image without digest /,
    reason: 'Renovate writes the digests; the policy warns until every image has one.',
  },
];

export interface WarningsSeen {
  /** Warnings that are not allowed, one line each. */
  readonly unexpected: readonly string[];
  /** What is allowed and was not seen: it is to be taken out of the list. */
  readonly unused: readonly AllowedWarning[];
  readonly allowed: number;
}

export function judgeWarnings(environment: string, outcomes: readonly Outcome[]): WarningsSeen {
  const candidates = allowedWarnings.filter((entry) => entry.environment === environment);
  const used = new Set<AllowedWarning>();
  const unexpected: string[] = [];
  let allowed = 0;
  for (const { object, dryRun, applied } of outcomes) {
    const name = nameOf(object);
    for (const text of new Set([...dryRun.warnings, ...(applied?.warnings ?? [])])) {
      const entry = candidates.find((candidate) => candidate.object.test(name) && candidate.text.test(text));
      if (entry) {
        used.add(entry);
        allowed += 1;
      } else unexpected.push(`${name}: ${text}`);
    }
  }
  return { unexpected, unused: candidates.filter((entry) => !used.has(entry)), allowed };
}
