import { describe } from '../../finding.ts';
import {
  amountAt,
  type Bound,
  boundOf,
  type ContainerDefaults,
  exceeds,
  type PodResource,
  podAmounts,
  printAmount,
} from '../../kubernetes/pod-requests.ts';
import { containersOf } from '../../kubernetes/pod-template.ts';
import type { WorkloadDemand } from '../../kubernetes/workload-demand.ts';
import { locate, type RenderedObject } from '../../render/object.ts';
import { at, entriesAt, itemsAt } from '../../yaml/node.ts';
import type { Report, Rule } from '../rule.ts';
import { defaultsOf, limitsOf } from './admission-limits.ts';
import { type CapacitySubject, resourceWord } from './subject.ts';

export const quota: Rule<CapacitySubject> = {
  id: 'capacity/quota',
  severity: 'error',
  title:
    'The ResourceQuotas of a namespace leave room for its pods, and its pods state what the quotas count',
  why: 'The API server refuses a pod that would go beyond a quota, and every pod that says nothing of what a quota counts: the workload is there and has too few pods, or none.',
  fix: 'Raise the quota, ask for less, or state the requests and limits that it counts.',
  docs: 'https://kubernetes.io/docs/concepts/policy/resource-quotas/',
  scope: 'general',
  *check(subject) {
    for (const object of subject.index.all('', 'ResourceQuota')) {
      // With a scope it counts some pods only.
      if (itemsAt(object.node, ['spec', 'scopes']).length > 0) continue;
      if (at(object.node, ['spec', 'scopeSelector'])) continue;
      const namespace = subject.index.namespaceOf(object) ?? 'default';
      const workloads = subject.workloads.filter(
        (workload) => (subject.index.namespaceOf(workload.object) ?? 'default') === namespace,
      );
      const defaults = defaultsOf(limitsOf(subject, namespace));
      for (const name of entriesAt(object.node, ['spec', 'hard']).keys()) {
        const counted = countedBy(name);
        if (counted === undefined) continue;
        if (counted !== 'pods') yield* checkStated(object, counted, workloads, defaults);
        yield* checkSum(object, name, counted, workloads, defaults);
      }
    }
  },
};

type Counted = 'pods' | { readonly bound: Bound; readonly resource: PodResource };

/** What an entry of a quota counts of pods; undefined of those that count something else. */
function countedBy(name: string): Counted | undefined {
  if (name === 'pods' || name === 'count/pods') return 'pods';
  const match = /^(?:(requests|limits)\.)?(cpu|memory|ephemeral-storage)$/.exec(name);
  return match ? { bound: (match[1] ?? 'requests') as Bound, resource: match[2] as PodResource } : undefined;
}

function* checkSum(
  object: RenderedObject,
  name: string,
  counted: Counted,
  workloads: readonly WorkloadDemand[],
  defaults: ContainerDefaults,
): Generator<Report> {
  const hard = amountAt(object.node, ['spec', 'hard', name]);
  if (hard === undefined) return;
  const ofOne = ({ template }: WorkloadDemand): number =>
    counted === 'pods' ? 1 : podAmounts(template, counted.bound, { defaults })[counted.resource];
  const asked = workloads.reduce((sum, workload) => sum + workload.copies * ofOne(workload), 0);
  const passing = Math.max(0, ...workloads.filter((workload) => workload.passing > 0).map(ofOne));
  if (!exceeds(asked + passing, hard)) return;
  const print = (amount: number): string =>
    printAmount(counted === 'pods' ? 'pods' : counted.resource, amount);
  const verb = counted === 'pods' ? 'are' : counted.bound === 'limits' ? 'have limits of' : 'ask for';
  const beyond = exceeds(asked, hard) ? '' : ` and ${print(passing)} more for the pod of a rollout or a Job`;
  yield {
    message: `${describe(object)} allows ${print(hard)} of \`${name}\`, and the pods of the namespace ${verb} ${print(asked)}${beyond}: the API server refuses what goes beyond`,
    at: locate(object, ['spec', 'hard', name]),
    object,
  };
}

/** A quota of CPU or memory makes them compulsory; one of ephemeral storage does not. */
function* checkStated(
  quotaObject: RenderedObject,
  { bound, resource }: Exclude<Counted, 'pods'>,
  workloads: readonly WorkloadDemand[],
  defaults: ContainerDefaults,
): Generator<Report> {
  if (resource === 'ephemeral-storage') return;
  for (const { object, template } of workloads) {
    if (at(template.spec, ['resources', bound, resource])) continue;
    const silent = containersOf(template).find(
      ({ node }) => boundOf(node, bound, resource, defaults) === undefined,
    );
    if (silent)
      yield {
        message: `${describe(object)}: container \`${silent.name}\` states no ${bound === 'limits' ? 'limit' : 'request'} of ${resourceWord[resource]}, which ${describe(quotaObject)} counts: the API server refuses its pods`,
        fix: `Write \`resources.${bound}.${resource}\`, or give the namespace a LimitRange with a default.`,
        at: locate(object, [...silent.path, 'resources', bound]),
        object,
      };
  }
}
