/** The Pod Security Standards of Kubernetes 1.36 and before, as the API server's admission plugin evaluates them. */
import { baselineChecks } from './baseline.ts';
import type { PodSecurityCheck } from './check.ts';
import { describeLevel, type LevelVersion } from './level.ts';
import type { PodToCheck, Violation } from './pod.ts';
import { restrictedChecks } from './restricted.ts';

export type { LevelVersion, NamespacePolicy, PodSecurityLevel, PodSecurityMode } from './level.ts';
export { describeLevel, isLevel, podSecurityLevels, podSecurityModes, policyOf } from './level.ts';
export type { PodToCheck, Violation } from './pod.ts';

/** The minor version since which no check has changed: what `latest` is for a server of 1.36. */
const newest = 35;

const byId = (a: PodSecurityCheck, b: PodSecurityCheck): number => (a.id < b.id ? -1 : 1);

/** Every way in which a pod breaks a level; empty where it may run. Mirrors EvaluatePod of pod-security-admission v0.36. */
export function evaluatePod({ level, version }: LevelVersion, pod: PodToCheck): readonly Violation[] {
  if (level === 'privileged') return [];
  const minor = version === 'latest' ? newest : Math.min(version, newest);
  const current = (check: PodSecurityCheck) => check.versions.findLast(({ since }) => since <= minor);
  const added = level === 'restricted' ? [...restrictedChecks].sort(byId) : [];
  const overridden = new Set(added.flatMap((check) => current(check)?.overrides ?? []));
  const checks = [...[...baselineChecks].sort(byId).filter(({ id }) => !overridden.has(id)), ...added];
  return checks.flatMap((check) => current(check)?.check(pod) ?? []);
}

/** `hostPort (container "a" uses hostPort 80), privileged (…)`: the server's list of what is wrong. */
export const forbiddenDetail = (violations: readonly Violation[]): string =>
  violations.map(({ reason, detail }) => (detail === '' ? reason : `${reason} (${detail})`)).join(', ');

/** `violates PodSecurity "baseline:latest": …`, as the server ends its refusal. */
export const violationMessage = (level: LevelVersion, violations: readonly Violation[]): string =>
  `violates PodSecurity "${describeLevel(level)}": ${forbiddenDetail(violations)}`;
