/** Which pods a selector finds, and which it nearly finds. */

import { describe } from '../../finding.ts';
import { type Labels, printRequirement, type Requirement, unmet } from '../../kubernetes/selectors.ts';
import { isKind } from '../../render/object.ts';
import { editDistance } from '../../text/nearest.ts';
import type { ReferenceSubject, Workload } from './index-objects.ts';

// Labels that controllers add to the pods they make.
const addedByControllers: ReadonlySet<string> = new Set([
  'apps.kubernetes.io/pod-index',
  'batch.kubernetes.io/controller-uid',
  'batch.kubernetes.io/job-completion-index',
  'controller-revision-hash',
  'controller-uid',
  'pod-template-generation',
  'pod-template-hash',
  'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone',
]);

/** What of the conditions the pods of a workload do not fulfil. */
export function unmetBy(workload: Workload, requirements: readonly Requirement[]): readonly Requirement[] {
  const { object, template } = workload;
  const labels: Labels = isKind(object, 'batch', 'Job')
    ? { 'job-name': object.name, 'batch.kubernetes.io/job-name': object.name, ...template.labels }
    : template.labels;
  return unmet(labels, requirements).filter(
    (requirement) => !(addedByControllers.has(requirement.key) || isOwnPodName(workload, requirement)),
  );
}

const isOwnPodName = ({ object }: Workload, { key, values }: Requirement): boolean =>
  key === 'statefulset.kubernetes.io/pod-name' &&
  isKind(object, 'apps', 'StatefulSet') &&
  values.some(
    (value) => value.startsWith(`${object.name}-`) && /^[0-9]+$/.test(value.slice(object.name.length + 1)),
  );

export const selectedWorkloads = (
  subject: ReferenceSubject,
  namespace: string,
  requirements: readonly Requirement[],
): readonly Workload[] =>
  subject.workloadsIn(namespace).filter((workload) => unmetBy(workload, requirements).length === 0);

export interface NearMiss {
  readonly workload: Workload;
  /** The condition that it fails. */
  readonly requirement: Requirement;
  /** What it has instead; undefined where it lacks the label. */
  readonly has: string | undefined;
  /** Whether the difference looks like a slip of the finger. */
  readonly slip: boolean;
}

/** The workload that fails only one condition, the likeliest first. */
export function nearestWorkload(
  workloads: readonly Workload[],
  requirements: readonly Requirement[],
): NearMiss | undefined {
  const misses = workloads.flatMap((workload) => {
    const failed = unmetBy(workload, requirements);
    if (failed.length !== 1) return [];
    const requirement = failed[0]!;
    const has = workload.template.labels[requirement.key];
    const keySlip = Object.keys(workload.template.labels).find(
      (key) =>
        editDistance(key, requirement.key) <= 2 &&
        requirement.values.includes(workload.template.labels[key]!),
    );
    const distance =
      has === undefined
        ? keySlip === undefined
          ? Number.POSITIVE_INFINITY
          : 1
        : Math.min(...requirement.values.map((value) => editDistance(value, has)));
    return [{ workload, requirement, has, distance, slip: distance <= 2 }];
  });
  return misses.sort((a, b) => a.distance - b.distance)[0];
}

/** How the nearest workload differs, for a message; empty where none is near. */
export const printNearMiss = (miss: NearMiss | undefined): string =>
  miss === undefined
    ? ''
    : `; ${describe(miss.workload.object)} differs only in ${printRequirement(miss.requirement)}: its pods have ${miss.has === undefined ? 'no such label' : `\`${miss.has}\``}`;
