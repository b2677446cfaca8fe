/** Counts and percentages, which many kinds have. */
import type { Errors, Faults } from './error.ts';
import { type Field, isSet, number } from './field.ts';
import { isPercent } from './formats.ts';

/** `ValidateNonnegativeField`. */
export function* notNegative(field: Field, { fault }: Faults): Errors {
  const value = number(field);
  if (value !== undefined && value < 0)
    yield fault(field, `is ${value}, which is negative`, 'write 0 or more');
}

/** `ValidatePositiveIntOrPercent`: a number or a percentage, neither negative. */
export function* numberOrPercent(field: Field, { fault }: Faults): Errors {
  const { value } = field;
  if (typeof value === 'number' && value < 0)
    yield fault(field, `is ${value}, which is negative`, 'write 0 or more');
  if (typeof value === 'string' && !isPercent(value))
    yield fault(
      field,
      `is \`${value}\`, which is neither a number nor a percentage`,
      'write a number without quotes, or a percentage such as 25%',
    );
}

/** `IsNotMoreThan100Percent`. */
export function* atMostAll(field: Field, { fault }: Faults): Errors {
  const { value } = field;
  if (typeof value === 'string' && isPercent(value) && Number.parseInt(value, 10) > 100)
    yield fault(field, `is ${value}, which is more than 100%`, 'write 100% or less');
}

/** `getIntOrPercentValue`; what is missing has a default. */
export function countOf(field: Field, missing: number): number {
  const { value } = field;
  if (!isSet(field)) return missing;
  if (typeof value === 'string' && isPercent(value)) return Number.parseInt(value, 10);
  return typeof value === 'number' ? value : /^-?\d+$/.test(String(value)) ? Number(value) : 0;
}
