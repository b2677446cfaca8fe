import type { SchemaError, SchemaErrorCode } from '../../kubernetes/schema/index.ts';
import type { Repository } from '../../render/environment.ts';
import { locate, type RenderedObject } from '../../render/object.ts';
import { lostField } from '../kustomization/unmatched.ts';
import type { Report, Rule, RuleMeta } from '../rule.ts';
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
  *check({ object, errors, repository }) {
    for (const error of errors) {
      if (error.code !== code && error.code !== rare) continue;
      const lost = error.code === 'required' ? lostTo(repository, object, error) : undefined;
      yield { message: error.message, fix: error.fix, at: locate(object, error.path), object, ...lost };
    }
  },
});

/** One report for all objects that lack a field because the patch that sets it matches none of them. */
function lostTo(
  repository: Repository,
  object: RenderedObject,
  { message, path }: SchemaError,
): Pick<Report, 'message' | 'fix' | 'at'> | undefined {
  const field = / has no `([^`]+)`/.exec(message)?.[1];
  const at = field === undefined ? undefined : lostField(repository, object, [...path, field]);
  return (
    at && {
      message: `\`${[...path, field].join('.')}\` is required of each ${object.kind}, and the patch that sets it matches none`,
      fix: 'Let the patch match them.',
      at,
    }
  );
}
