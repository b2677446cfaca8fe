/** Resource quantities: `500m`, `1Gi`, `2e3`. */

const suffixes: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

const pattern = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:[eE]([+-]?\d+)|(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?)$/;

/**
 * The value of a quantity in its base unit (cores, bytes), or undefined where it is none. Mirrors `resource.ParseQuantity`,
 * in floating point: exact enough to compare sizes.
 */
export function parseQuantity(quantity: string | number): number | undefined {
  const match = pattern.exec(String(quantity));
  if (!match) return undefined;
  const [, digits, exponent, suffix] = match;
  return exponent === undefined ? Number(digits) * suffixes[suffix ?? '']! : Number(`${digits}e${exponent}`);
}
