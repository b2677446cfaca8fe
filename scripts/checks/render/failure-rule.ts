import type { Build, BuildFailure } from '../../render/environment.ts';
import type { Report, Rule, RuleMeta } from '../rule.ts';

/** A rule that reports what a build failed of: the failures of its stage that have one of the codes. */
export const failureRule = (
  meta: RuleMeta,
  stage: BuildFailure['stage'],
  isOurs: (code: string) => boolean,
): Rule<Build> => ({
  ...meta,
  *check(build) {
    for (const failure of build.failures)
      if (failure.stage === stage && isOurs(failure.code)) yield reportOf(failure, build);
  },
});

const reportOf = ({ message, fix, origin }: BuildFailure, { path }: Build): Report => ({
  message,
  fix: sentence(fix),
  // A directory that does not exist has no file of its own to blame.
  at: origin.file === '' ? { ...origin, file: path } : origin,
});

const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.?!]$/.test(text) ? '' : '.'}`;
