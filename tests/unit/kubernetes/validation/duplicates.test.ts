import { describe, expect, test } from 'vitest';
import { says } from '../../../../scripts/checks/api-server/subject.ts';
import type { SchemaError } from '../../../../scripts/kubernetes/schema/index.ts';
import type { ValidationError } from '../../../../scripts/kubernetes/validation/index.ts';

const told = (code: SchemaError['code'], ...path: (string | number)[]): SchemaError => ({
  path,
  at: 'value',
  message: '',
  fix: '',
  code,
});
const found = (...path: (string | number)[]): ValidationError => ({
  path,
  message: '',
  fix: '',
  code: 'pod',
});

describe('what the schema stage says is not said again', () => {
  test('of the same value', () => {
    expect(says(told('enum', 'spec', 'type'), found('spec', 'type'), {})).toBe(true);
    expect(says(told('enum', 'spec', 'type'), found('spec', 'kind'), {})).toBe(false);
  });

  test('of anything in a value of the wrong type', () => {
    expect(says(told('type', 'spec'), found('spec', 'a', 0, 'b'), { spec: 1 })).toBe(true);
  });

  test('of a field that is missing, but not of its neighbours', () => {
    const value = { spec: { present: -1 } };
    expect(says(told('required', 'spec'), found('spec', 'absent'), value)).toBe(true);
    expect(says(told('required', 'spec'), found('spec', 'present'), value)).toBe(false);
  });

  test('of a field that is missing since it is misspelt, or stands elsewhere', () => {
    const value = { spec: { acessModes: [], capacity: { hostPath: {} } } };
    expect(says(told('unknown-field', 'spec', 'acessModes'), found('spec', 'accessModes'), value)).toBe(true);
    expect(
      says(told('unknown-field', 'spec', 'capacity', 'hostPath'), found('spec', 'hostPath'), value),
    ).toBe(true);
    expect(says(told('unknown-field', 'metadata', 'x'), found('spec', 'accessModes'), value)).toBe(false);
  });

  test('of a repeated key, but not of the rest of the item', () => {
    const duplicate = told('duplicate-list-key', 'ports', 1);
    expect(says(duplicate, { ...found('ports', 1, 'name'), repeats: true }, {})).toBe(true);
    expect(says(duplicate, found('ports', 1, 'port'), {})).toBe(false);
  });
});
