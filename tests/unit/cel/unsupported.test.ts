import { expect, test } from 'vitest';
import { CelSyntaxError, compile, parseType } from '../../../scripts/kubernetes/cel/index.ts';

const thrown = (expression: string): unknown => {
  try {
    return compile(expression, { object: parseType('dyn') });
  } catch (error) {
    return error;
  }
};

test.each(['[?object.?a]', "{?'a': object.?a}", 'object.`a-b`'])(
  'syntax that the parser lacks is named, not taken for wrong: %s',
  (expression) => {
    const error = thrown(expression);
    expect(error).toBeInstanceOf(CelSyntaxError);
    expect((error as CelSyntaxError).unsupported).toBe(true);
  },
);

test('what is wrong is wrong', () => {
  expect((thrown('object.a +') as CelSyntaxError).unsupported).toBe(false);
  expect((thrown('nope(object)') as CelSyntaxError).message).toContain("undeclared reference to 'nope'");
});
