import { describe } from '../../finding.ts';
import { locate } from '../../render/object.ts';
import { textAt } from '../../yaml/node.ts';
import type { Rule } from '../rule.ts';
import type { FluxSubject } from './flux-objects.ts';

// Two numbers, `1.x` or `>=1` are ranges: the newest that fits is installed.
const exact = /^v?\d+\.\d+\.\d+([-+].+)?$/;

export const chartVersion: Rule<FluxSubject> = {
  id: 'flux/chart-version',
  severity: 'error',
  title: 'A HelmRelease names one version of its chart',
  why: 'A range, or none at all, installs what its publisher puts out next: production changes without a commit, and nobody can go back by reverting one.',
  fix: 'Write the exact version; Renovate proposes the next one.',
  docs: 'https://fluxcd.io/flux/components/helm/helmreleases/#chart-template',
  scope: 'infometis',
  *check({ helmReleases }) {
    for (const object of helmReleases) {
      // Of a chart in a Git repository the commit is the version.
      if (textAt(object.node, ['spec', 'chart', 'spec', 'sourceRef', 'kind']) !== 'HelmRepository') continue;
      const path = ['spec', 'chart', 'spec', 'version'];
      const version = textAt(object.node, path);
      if (version !== undefined && exact.test(version)) continue;
      yield {
        message: `${describe(object)}: ${version === undefined ? 'its chart has no version' : `the version \`${version}\` of its chart is a range`}: what is installed changes without a commit`,
        at: locate(object, path),
        object,
      };
    }
  },
};
