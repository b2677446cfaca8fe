import type { ValidationCode } from '../../kubernetes/validation/index.ts';
import { locate } from '../../render/object.ts';
import type { Rule, RuleMeta } from '../rule.ts';
import type { ApiServerSubject } from './subject.ts';

/** The rule that reports the faults of one topic. */
export const apiServerRule = (
  code: ValidationCode,
  meta: Omit<RuleMeta, 'id' | 'severity' | 'scope' | 'docs'>,
): Rule<ApiServerSubject> => ({
  id: `api-server/${code}`,
  severity: 'error',
  scope: 'general',
  ...meta,
  *check({ object, errors }) {
    for (const { code: found, message, fix, path, severity } of errors)
      if (found === code)
        yield {
          message,
          fix,
          at: locate(object, path),
          object,
          ...(severity === undefined ? {} : { severity }),
        };
  },
});
