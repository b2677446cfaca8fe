import { expect, test } from 'vitest';
import {
  checkExpression,
  policyVariables,
  schemaType,
} from '../../../../scripts/kubernetes/validation/expression.ts';
import { rootOf } from '../../../../scripts/kubernetes/validation/field.ts';

const variables = policyVariables({ params: false, authorizer: true });

test.each([
  'object.spec.containers.all(c, c.image != "")',
  'has(object.spec) && "a" in object.metadata.labels',
  'request.userInfo.groups.exists(g, g == "x")',
  'object.?spec.?x.orValue("") == ""',
  'quantity("1Gi").isGreaterThan(quantity("1Mi"))',
])('%s is a condition', (expression) => {
  expect(checkExpression(expression, variables, ['bool']).fault).toBeUndefined();
});

test.each([
  ['object.spec.x +', 'no valid CEL'],
  ['params.x == 1', 'params'],
  ['variables.x == 1', 'variables'],
  ['1 + 2', 'type int'],
  ['object.spec', 'type dyn'],
  ['object.spec.foo()', 'foo'],
])('%s is none: %s', (expression, why) => {
  expect(checkExpression(expression, variables, ['bool']).fault).toContain(why);
});

test('the fields of self are those of the schema', () => {
  const self = schemaType(
    rootOf({
      type: 'object',
      properties: {
        size: { type: 'integer' },
        parts: { type: 'array', items: { type: 'object', properties: { 'my-name': { type: 'string' } } } },
        any: { 'x-kubernetes-int-or-string': true },
        labels: { type: 'object', additionalProperties: { type: 'string' } },
      },
    }),
    true,
  );
  const fault = (rule: string): string | undefined =>
    checkExpression(rule, { self, oldSelf: self }, ['bool']).fault;
  expect(fault('self.size > 0 && self.metadata.name != ""')).toBeUndefined();
  expect(fault('self.parts.all(p, p.my__dash__name != "")')).toBeUndefined();
  expect(fault('self.any == 1 || self.labels["x"] == "y"')).toBeUndefined();
  expect(fault('self.length > 0')).toContain('length');
  expect(fault('self.parts.all(p, p.name != "")')).toContain('name');
  expect(fault('self.size == "x"')).toContain('_==_');
});
