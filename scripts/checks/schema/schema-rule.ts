import type { SchemaErrorCode } from '../../kubernetes/schema/index.ts';
import { locate } from '../../render/object.ts';
import type { Rule, RuleMeta } from '../rule.ts';
import type { SchemaSubject } from './subject.ts';

/** The rule that reports one kind of schema error, and those that are too rare for a rule of their own. */
export const schemaRule = (
  code: SchemaErrorCode,
  meta: Omit<RuleMeta, 'id' | 'severity' | 'scope'>,
  rare?: SchemaErrorCode,
): Rule<SchemaSubject> => ({
  id: `schema/${code}`,
  severity: 'error',
  scope: 'general',
  ...meta,
  *check({ object, errors }) {
    for (const error of errors)
      if (error.code === code || error.code === rare)
        yield { message: error.message, fix: error.fix, at: locate(object, error.path), object };
  },
});
