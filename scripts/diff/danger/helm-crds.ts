import type { Json } from '../../yaml/node.ts';
import { textIn } from '../json.ts';
import { keptObjects, report } from './report.ts';
import type { DangerRule } from './rule.ts';

const defaults: Readonly<Record<string, string>> = { install: 'Create', upgrade: 'Skip' };

export const helmCrds: DangerRule = {
  id: 'helm-crds',
  severity: 'notice',
  title: 'A HelmRelease treats the CustomResourceDefinitions of its chart in another way',
  why: '`Skip` leaves the definitions behind the chart: the new controller may want fields that the API server then drops. `CreateReplace` overwrites them, also with older ones, and versions that objects are stored in can vanish.',
  fix: 'Compare the definitions of both chart versions, and say in the pull request why the policy changes.',
  *check(change) {
    for (const kept of keptObjects(change, 'helm.toolkit.fluxcd.io/HelmRelease'))
      for (const action of ['install', 'upgrade']) {
        const path = ['spec', action, 'crds'];
        const policy = (value: Json): string => textIn(value, path) ?? defaults[action] ?? '';
        const [before, after] = [policy(kept.before.value), policy(kept.after.value)];
        if (before !== after)
          yield report(kept, path, `on ${action} its CRDs are treated by ${after} instead of ${before}`);
      }
  },
};
