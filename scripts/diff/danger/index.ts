import { findingKey } from '../../finding.ts';
import type { EnvironmentChange, Timing } from '../change.ts';
import { budgetBlocksDrain } from './budget-blocks-drain.ts';
import { definitionRemoved } from './definition-removed.ts';
import { helmCrds } from './helm-crds.ts';
import { helmIdentity } from './helm-identity.ts';
import { imageDowngraded } from './image-downgraded.ts';
import { immutableField } from './immutable-field.ts';
import { kustomizationRemoved } from './kustomization-removed.ts';
import { majorSkipped } from './major-skipped.ts';
import { namespaceRemoved } from './namespace-removed.ts';
import { networkOpened } from './network-opened.ts';
import { objectMoved } from './object-moved.ts';
import { pinDropped } from './pin-dropped.ts';
import { podSecurityLowered } from './pod-security-lowered.ts';
import { pruneProtectionDropped } from './prune-protection-dropped.ts';
import { rbacWidened } from './rbac-widened.ts';
import { reclaimDelete } from './reclaim-delete.ts';
import { replicasReduced } from './replicas-reduced.ts';
import type { DangerReport, DangerRule, DangerSeverity } from './rule.ts';
import { storeRemoved } from './store-removed.ts';
import { suspended } from './suspended.ts';
import { volumeRemoved } from './volume-removed.ts';
import { volumeShrunk } from './volume-shrunk.ts';
import { volumeUnmounted } from './volume-unmounted.ts';

export const dangerRules: readonly DangerRule[] = [
  immutableField,
  volumeShrunk,
  volumeRemoved,
  volumeUnmounted,
  reclaimDelete,
  storeRemoved,
  namespaceRemoved,
  definitionRemoved,
  kustomizationRemoved,
  objectMoved,
  pruneProtectionDropped,
  imageDowngraded,
  majorSkipped,
  replicasReduced,
  budgetBlocksDrain,
  rbacWidened,
  networkOpened,
  podSecurityLowered,
  helmIdentity,
  helmCrds,
  suspended,
  pinDropped,
];

/** What a rule found, with all that a person needs to judge it. */
export interface Danger extends DangerReport {
  readonly rule: string;
  readonly severity: DangerSeverity;
  readonly fix: string;
  readonly why: string;
  readonly environment: string;
  readonly timing: Timing;
}

/** All rules over one environment's change: dangers first, then as the rules are listed. */
export function lintDangers(change: EnvironmentChange): readonly Danger[] {
  const found = new Map<string, Danger>();
  for (const rule of dangerRules)
    for (const report of rule.check(change)) {
      const danger: Danger = {
        ...report,
        rule: rule.id,
        severity: report.severity ?? rule.severity,
        fix: report.fix ?? rule.fix,
        why: rule.why,
        environment: change.environment,
        timing: change.timing,
      };
      found.set(findingKey({ ...danger, ...danger.at, severity: 'error' }), danger);
    }
  // In an environment that is new everything is: only what is dangerous for itself is worth a word.
  const all = [...found.values()].filter((danger) => change.before.length > 0 || isDanger(danger));
  return [...all.filter(isDanger), ...all.filter((danger) => !isDanger(danger))];
}

export const isDanger = ({ severity }: Danger): boolean => severity === 'danger';
