import { expect, test } from 'vitest';
import { CelSyntaxError, compile, parseType } from '../../../scripts/kubernetes/cel/index.ts';

const thrown = (expression: string): unknown => {
  try {
    return compile(expression, { object: parseType('dyn') });
  } catch (error) {
    return error;
  }
};

test.each([
  '[?object.?a]',
  "{?'a': object.?a}",
  'google.protobuf.Int32Value{value: 1}',
  'Object{spec: Object.spec{}}',
])('syntax that the parser lacks is named, not taken for wrong: %s', (expression) => {
  const error = thrown(expression);
  expect(error).toBeInstanceOf(CelSyntaxError);
  expect((error as CelSyntaxError).unsupported).toBe(true);
});

test('what is wrong is wrong', () => {
  expect((thrown('object.a +') as CelSyntaxError).unsupported).toBe(false);
  // The server has them switched off.
  expect((thrown('object.`a-b`') as CelSyntaxError).unsupported).toBe(false);
  expect((thrown('Foo{a: 1}') as CelSyntaxError).unsupported).toBe(false);
  expect((thrown('9223372036854775808 > 0') as CelSyntaxError).message).toContain('invalid int literal');
  expect(thrown('-9223372036854775808 < 0')).not.toBeInstanceOf(Error);
  expect((thrown('nope(object)') as CelSyntaxError).message).toContain("undeclared reference to 'nope'");
});
