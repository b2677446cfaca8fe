import { textIn } from '../json.ts';
import { keptObjects, report } from './report.ts';
import type { DangerRule } from './rule.ts';

export const pinDropped: DangerRule = {
  id: 'pin-dropped',
  severity: 'danger',
  title: 'A source loses the commit that it was pinned to',
  why: 'From then on every merge reaches this environment at once, without promotion.',
  fix: 'Keep `spec.ref.commit`; `npm run promote` moves it.',
  *check(change) {
    for (const kept of keptObjects(change, 'source.toolkit.fluxcd.io/GitRepository')) {
      const path = ['spec', 'ref', 'commit'];
      const [before, after] = [kept.before, kept.after].map(({ value }) => textIn(value, path));
      if (before !== undefined && after === undefined)
        yield report(
          kept,
          ['spec', 'ref'],
          `it is no longer pinned to ${before.slice(0, 12)}, and follows its branch`,
        );
    }
  },
};
