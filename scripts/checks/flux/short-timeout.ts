import { describe } from '../../finding.ts';
import { booleanAt } from '../../kubernetes/pod-template.ts';
import { locate } from '../../render/object.ts';
import { itemsAt, textAt } from '../../yaml/node.ts';
import type { Rule } from '../rule.ts';
import type { FluxSubject } from './flux-objects.ts';

const floor = 30;

export const shortTimeout: Rule<FluxSubject> = {
  id: 'flux/short-timeout',
  severity: 'warning',
  title: 'A Kustomization that waits has at least 30 seconds to do so',
  why: 'Flux does not wait less than 30 seconds, and few workloads are ready before: the value promises what does not happen.',
  fix: 'Write the time that the slowest object needs to become ready, at least `30s`.',
  docs: 'https://fluxcd.io/flux/components/kustomize/kustomizations/#timeout',
  scope: 'general',
  *check(subject) {
    for (const object of subject.kustomizations) {
      const waits =
        booleanAt(object.node, ['spec', 'wait']) === true ||
        itemsAt(object.node, ['spec', 'healthChecks']).length > 0;
      const timeout = textAt(object.node, ['spec', 'timeout']);
      const seconds = timeout === undefined ? undefined : parseDuration(timeout);
      if (!waits || seconds === undefined || seconds >= floor) continue;
      yield {
        message: `${describe(object)} waits for health with a timeout of ${timeout}, and Flux waits no less than ${floor}s`,
        at: locate(object, ['spec', 'timeout']),
        object,
      };
    }
  },
};

const units: Readonly<Record<string, number>> = {
  ns: 1e-9,
  us: 1e-6,
  µs: 1e-6,
  ms: 1e-3,
  s: 1,
  m: 60,
  h: 3600,
};

/** Seconds of a Go duration such as `1m30s`; undefined where it is none. */
function parseDuration(text: string): number | undefined {
  if (!/^([0-9.]+(ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined;
  let seconds = 0;
  for (const [, amount, unit] of text.matchAll(/([0-9.]+)(ns|us|µs|ms|s|m|h)/g))
    seconds += Number(amount) * units[unit!]!;
  return seconds;
}
