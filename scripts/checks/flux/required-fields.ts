import { describe } from '../../finding.ts';
import { locate } from '../../render/object.ts';
import { at } from '../../yaml/node.ts';
import { lostField } from '../kustomization/unmatched.ts';
import { bootstrapName } from '../reference/own-source.ts';
import type { Rule } from '../rule.ts';
import type { FluxSubject } from './flux-objects.ts';

const fields: ReadonlyMap<string, string> = new Map([
  ['interval', 'drift is not undone in a time that anyone chose'],
  ['retryInterval', 'a failed attempt is repeated only after the whole interval'],
  ['timeout', 'Flux waits for health as long as the interval is'],
  ['prune', 'what is removed from Git stays in the cluster'],
  ['wait', 'Ready says only that the objects were accepted, not that they run'],
  ['serviceAccountName', 'everything is applied with the rights of cluster-admin'],
]);

const named = (absent: readonly (readonly [string, string])[]): string =>
  absent.map(([field]) => `\`${field}\``).join(', ');

export const requiredFields: Rule<FluxSubject> = {
  id: 'flux/required-fields',
  severity: 'error',
  title: 'Every Kustomization says how it is applied',
  why: 'The defaults are long intervals, no waiting, no pruning and the rights of cluster-admin.',
  fix: 'Set interval, retryInterval, timeout, prune, wait and serviceAccountName; all but the last have shared defaults in flux/<environment>/defaults.patch.yaml.',
  docs: 'https://fluxcd.io/flux/components/kustomize/kustomizations/',
  scope: 'infometis',
  *check(subject) {
    for (const object of subject.kustomizations) {
      // `flux bootstrap` writes this one.
      if (object.name === bootstrapName) continue;
      const absent = [...fields].filter(([field]) => at(object.node, ['spec', field]) === undefined);
      const lost = absent.flatMap(([field]) => lostField(subject.repository, object, ['spec', field]) ?? []);
      const [patch] = lost;
      // One report for all that the patch was to change.
      if (patch && lost.length === absent.length)
        yield {
          message: `the Kustomizations that this patch does not match go without ${named(absent)}`,
          fix: 'Let the patch match them.',
          at: patch,
          object,
        };
      else if (absent.length > 0)
        yield {
          message: `${describe(object)} does not set ${named(absent)}: ${absent.map(([, effect]) => effect).join('; ')}`,
          at: locate(object, ['spec']),
          object,
        };
    }
  },
};
