import { get } from '../json.ts';
import { keptObjects, report } from './report.ts';
import type { DangerRule } from './rule.ts';

export const suspended: DangerRule = {
  id: 'suspended',
  severity: 'danger',
  title: 'A Flux object, a CronJob or a rollout is suspended',
  why: 'Flux stops applying what Git says, repairs nothing and reports nothing: later merges seem to deploy and do not. A suspended CronJob makes no backup any more.',
  fix: 'Suspend for an incident only, with a reminder to resume. What is resumed applies at once all that was merged in between.',
  *check(change) {
    for (const kept of keptObjects(change)) {
      const group = kept.after.apiVersion.split('/')[0] ?? '';
      const field = group.endsWith('.toolkit.fluxcd.io') || group === 'batch' ? 'suspend' : 'paused';
      if (field === 'paused' && group !== 'apps') continue;
      const path = ['spec', field];
      const [before, after] = [kept.before, kept.after].map(({ value }) => get(value, path) === true);
      if (before === after) continue;
      yield after
        ? report(kept, path, `it is ${field === 'paused' ? 'paused' : 'suspended'}`)
        : report(kept, path, 'it is resumed: all that was held back comes at once', {
            severity: 'notice',
            fix: 'Look at what was merged since it was suspended.',
          });
    }
  },
};
