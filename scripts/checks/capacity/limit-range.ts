import { describe } from '../../finding.ts';
import {
  boundOf,
  type ContainerDefaults,
  exceeds,
  type PodResource,
  podAmounts,
  podResources,
  printAmount,
} from '../../kubernetes/pod-requests.ts';
import { type Container, containersOf } from '../../kubernetes/pod-template.ts';
import { locate } from '../../render/object.ts';
import type { Workload } from '../reference/index-objects.ts';
import type { Report, Rule } from '../rule.ts';
import { defaultsOf, type Limit, limitsOf } from './admission-limits.ts';
import { type CapacitySubject, resourceWord } from './subject.ts';

export const limitRange: Rule<CapacitySubject> = {
  id: 'capacity/limit-range',
  severity: 'error',
  title: 'Pods keep to the LimitRanges of their namespace',
  why: 'The API server refuses a pod that asks for less or more than a LimitRange allows, also where it is the LimitRange itself that fills in a limit below the request: the workload is there and never has pods.',
  fix: 'Change the request or the limit, or the LimitRange.',
  docs: 'https://kubernetes.io/docs/concepts/policy/limit-range/',
  scope: 'general',
  *check(subject) {
    for (const workload of subject.index.workloads) {
      const limits = limitsOf(subject, workload.namespace);
      if (limits.length === 0) continue;
      const defaults = defaultsOf(limits);
      for (const container of containersOf(workload.template))
        for (const resource of podResources) {
          yield* checkDefault(workload, container, resource, defaults, limits);
          for (const limit of limits.filter(({ type }) => type === 'Container'))
            yield* checkContainer(workload, container, resource, defaults, limit);
        }
      for (const limit of limits.filter(({ type }) => type === 'Pod'))
        for (const resource of podResources) yield* checkPod(workload, resource, defaults, limit);
    }
  },
};

function* checkDefault(
  { object }: Workload,
  { name, node, path }: Container,
  resource: PodResource,
  defaults: ContainerDefaults,
  limits: readonly Limit[],
): Generator<Report> {
  const request = boundOf(node, 'requests', resource);
  const limit = defaults.limits[resource];
  if (request === undefined || limit === undefined || boundOf(node, 'limits', resource) !== undefined) return;
  if (!exceeds(request, limit)) return;
  const range = limits.find(({ type }) => type === 'Container')!;
  yield {
    message: `${describe(object)}: container \`${name}\` asks for ${printAmount(resource, request)} of ${resourceWord[resource]} and has no limit: ${describe(range.object)} gives it one of ${printAmount(resource, limit)}, and the API server refuses its pods`,
    fix: `Write a limit of at least ${printAmount(resource, request)} under \`resources.limits\`.`,
    at: locate(object, [...path, 'resources', 'requests', resource]),
    object,
  };
}

function* checkContainer(
  { object }: Workload,
  { name, node, path }: Container,
  resource: PodResource,
  defaults: ContainerDefaults,
  { object: range, min, max, ratio }: Limit,
): Generator<Report> {
  const request = boundOf(node, 'requests', resource, defaults);
  const limit = boundOf(node, 'limits', resource, defaults);
  const report = (what: string, bound: 'requests' | 'limits'): Report => ({
    message: `${describe(object)}: container \`${name}\` ${what}: the API server refuses its pods`,
    at: locate(object, [...path, 'resources', bound, resource]),
    object,
  });
  const least = min[resource];
  const most = max[resource];
  const told = `of ${resourceWord[resource]}, and ${describe(range)} allows`;
  if (least !== undefined && request !== undefined && exceeds(least, request))
    yield report(
      `asks for ${printAmount(resource, request)} ${told} no less than ${printAmount(resource, least)}`,
      'requests',
    );
  if (most !== undefined && limit !== undefined && exceeds(limit, most))
    yield report(
      `has a limit of ${printAmount(resource, limit)} ${told} no more than ${printAmount(resource, most)}`,
      'limits',
    );
  else if (most !== undefined && request !== undefined && limit === undefined && exceeds(request, most))
    yield report(
      `asks for ${printAmount(resource, request)} ${told} no more than ${printAmount(resource, most)}`,
      'requests',
    );
  const times = ratio[resource];
  if (times !== undefined && request !== undefined && limit !== undefined && request > 0)
    if (exceeds(limit / request, times))
      yield report(
        `has a limit of ${printAmount(resource, limit)}, more than ${times} times its request of ${printAmount(resource, request)} ${told} no more than that`,
        'limits',
      );
}

function* checkPod(
  { object, template }: Workload,
  resource: PodResource,
  defaults: ContainerDefaults,
  { object: range, min, max }: Limit,
): Generator<Report> {
  const asked = podAmounts(template, 'requests', { defaults })[resource];
  const most = max[resource];
  const least = min[resource];
  const allowed = podAmounts(template, 'limits', { defaults })[resource];
  const report = (what: string): Report => ({
    message: `${describe(object)}: a pod ${what} of ${resourceWord[resource]} in all its containers, and ${describe(range)} allows ${most !== undefined && exceeds(Math.max(asked, allowed), most) ? `no more than ${printAmount(resource, most)}` : `no less than ${printAmount(resource, least ?? 0)}`}: the API server refuses it`,
    at: locate(object, template.specPath),
    object,
  });
  if (most !== undefined && exceeds(allowed, most))
    yield report(`has limits of ${printAmount(resource, allowed)}`);
  else if (most !== undefined && exceeds(asked, most))
    yield report(`asks for ${printAmount(resource, asked)}`);
  else if (least !== undefined && exceeds(least, asked))
    yield report(`asks for ${printAmount(resource, asked)}`);
}
