import { versionSteps } from './image-downgraded.ts';
import { report } from './report.ts';
import type { DangerRule } from './rule.ts';

export const majorSkipped: DangerRule = {
  id: 'major-skipped',
  severity: 'danger',
  title: 'A program leaps over a major version',
  why: 'Data and protocols are carried over from one major version to the next, seldom further: Elasticsearch 9 does not read what 7 wrote, and rolling members of two such versions do not talk to each other.',
  fix: 'Go through each major version, to its last minor one, and let everything come up in between.',
  *check(change) {
    for (const { image, what, from, to, before, after } of versionSteps(change)) {
      const [old = 0, now = 0] = [before[0], after[0]];
      // Years and build numbers are no major versions.
      if (old > 1000 || now > 1000) continue;
      if (now - old > 1)
        yield report(
          image.change,
          image.path,
          `${what} goes from ${from} to ${to}, past ${now - old - 1} major version${now - old === 2 ? '' : 's'}`,
        );
      else if (now - old === 1)
        yield report(image.change, image.path, `${what} goes from ${from} to ${to}, a new major version`, {
          severity: 'notice',
          fix: 'Read its release notes, and the upgrade runbook of the component.',
        });
    }
  },
};
