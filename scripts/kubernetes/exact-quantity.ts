/** Resource quantities without rounding, and in the form in which the API server writes them. Mirrors resource.Quantity. */

export type QuantityFormat = 'decimal' | 'binary' | 'exponent';

export interface Quantity {
  /** The value in billionths, the smallest step that a quantity has. */
  readonly nanos: bigint;
  readonly format: QuantityFormat;
  /** The power of ten of upstream's short form; undefined where upstream needs its long form. */
  readonly scale: number | undefined;
  /** The text, where upstream takes it as it stands. */
  readonly text?: string;
}

const binaryPowers: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };
const decimalPowers: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};

const pattern = /^([+-]?)(?:(\d+)\.?(\d*)|\.(\d+))([KMGTPE]i|[numkMGTPE]?|[eE][+-]?\d+)$/;
const nano = 1_000_000_000n;
const maxAllowed = (2n ** 63n - 1n) * nano;
/** Digits that an int64 holds with certainty. */
const safeDigits = 18;

/** Reads a quantity; undefined where it is none. Values finer than a billionth are rounded away from zero. */
export function parseQuantity(text: string): Quantity | undefined {
  const match = pattern.exec(text);
  if (!match) return undefined;
  const whole = (match[2] ?? '').replace(/^0+/, '') || '0';
  const fraction = match[3] || match[4] || '';
  const suffix = match[5] ?? '';
  const negative = match[1] === '-';
  const digits = BigInt(whole + fraction);
  const signed = (value: bigint): bigint => (negative ? -value : value);
  const binary = binaryPowers[suffix];
  if (binary !== undefined) {
    const exact = digits * 2n ** BigInt(binary) * nano;
    const divisor = 10n ** BigInt(fraction.length);
    let nanos = exact / divisor + (exact % divisor === 0n ? 0n : 1n);
    if (nanos > maxAllowed) nanos = maxAllowed;
    const precision = fraction.length > 0 ? -1 : 15 - whole.length - Math.trunc((binary * 3) / 10) - 1;
    const format = precision < 0 && nanos > 0n && nanos < nano ? 'decimal' : 'binary';
    const keeps = precision >= 0 && digits % 8n !== 0n;
    return {
      nanos: signed(nanos),
      format,
      scale: precision >= 0 ? 0 : undefined,
      ...(keeps ? { text } : {}),
    };
  }
  const named = decimalPowers[suffix];
  const power = named ?? Number(suffix.slice(1));
  if (Math.abs(power) > 1_000) return undefined;
  const scale = power - fraction.length;
  const shift = scale + 9;
  const unit = 10n ** BigInt(Math.abs(shift));
  const nanos = shift >= 0 ? digits * unit : digits / unit + (digits % unit === 0n ? 0n : 1n);
  const short = whole.length + fraction.length <= safeDigits && scale >= -9;
  const shifted = whole + fraction;
  const keeps = short && scale % 3 === 0 && !shifted.endsWith('000') && !shifted.startsWith('0');
  return {
    nanos: signed(nanos),
    format: named === undefined ? 'exponent' : 'decimal',
    scale: short ? scale : undefined,
    ...(keeps || text === '0' ? { text } : {}),
  };
}

export const quantityFromInt = (value: bigint): Quantity => ({
  nanos: value * nano,
  format: 'exponent',
  scale: 0,
});

export const compareQuantities = (a: Quantity, b: Quantity): -1 | 0 | 1 =>
  a.nanos < b.nanos ? -1 : a.nanos > b.nanos ? 1 : 0;

/** `a + sign × b`; the result is written as `a` is. */
export function addQuantities(a: Quantity, b: Quantity, sign: 1n | -1n): Quantity {
  const scale =
    a.scale === undefined || b.scale === undefined
      ? undefined
      : a.nanos === 0n
        ? b.scale
        : b.nanos === 0n
          ? a.scale
          : Math.min(a.scale, b.scale);
  return { nanos: a.nanos + sign * b.nanos, format: a.nanos === 0n ? b.format : a.format, scale };
}

/** The value where upstream can tell that it is whole: `1000m` is not, to it. */
export function quantityAsInt64({ nanos, scale }: Quantity): bigint | undefined {
  if (scale === undefined || scale < 0) return undefined;
  const value = nanos / nano;
  return value >= -(2n ** 63n) && value < 2n ** 63n ? value : undefined;
}

/**
 * A quantity as the API server writes it: `1024Mi` is `1Gi`, `1000m` is `1`. With `rounded` to thousandths, as the lists of
 * resources are. Undefined where the text is no quantity.
 */
export function canonicalQuantity(text: string, rounded = false): string | undefined {
  const parsed = parseQuantity(text);
  if (parsed === undefined) return undefined;
  if (parsed.text !== undefined && !rounded) return parsed.text;
  return printQuantity(rounded ? { ...parsed, nanos: roundUp(parsed.nanos, 1_000_000n) } : parsed);
}

function roundUp(nanos: bigint, step: bigint): bigint {
  const rest = nanos % step;
  return rest === 0n ? nanos : nanos - rest + (nanos > 0n ? step : -step);
}

function printQuantity({ nanos, format }: Quantity): string {
  if (nanos === 0n) return '0';
  const sign = nanos < 0n ? '-' : '';
  const size = nanos < 0n ? -nanos : nanos;
  if (format === 'binary' && size >= 1024n * nano && size % nano === 0n) {
    let value = size / nano;
    let power = 0;
    while (value % 1024n === 0n && power < 60) {
      value /= 1024n;
      power += 10;
    }
    const suffix = Object.keys(binaryPowers).find((key) => binaryPowers[key] === power) ?? '';
    return `${sign}${value}${suffix}`;
  }
  let value = size;
  let power = -9;
  while (value % 1000n === 0n && (power < 18 || format === 'exponent')) {
    value /= 1000n;
    power += 3;
  }
  if (format === 'exponent') return `${sign}${value}${power === 0 ? '' : `e${power}`}`;
  const suffix = Object.keys(decimalPowers).find((key) => decimalPowers[key] === power) ?? '';
  return `${sign}${value}${suffix}`;
}
