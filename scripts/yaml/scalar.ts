import type { Scalar } from './node.ts';

const decimal = /^[-+]?(?:0|[1-9][0-9_]*)$/;
const legacyOctal = /^([-+]?)0([0-7_]+)$/;
const prefixed = /^([-+]?)0([xob])([0-9a-fA-F_]+)$/;
const float = /^[-+]?(?:\.[0-9]+|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?$/;
const timestamp =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:[Tt]|[ \t]+)(\d{1,2}):(\d{2}):(\d{2})(\.\d*)?(?:[ \t]*(Z|[-+]\d{1,2}(?::?\d{2})?))?)?$/;
const bases: Record<string, number> = { x: 16, o: 8, b: 2 };

/**
 * The value of a plain (unquoted) scalar as Kubernetes' YAML reader (go-yaml v3, then JSON) resolves it: `yes` and `on`
 * are strings, `012` is 10, `0x1F` is 31, `1_0` is 10, `1.0` is 1, a date becomes an RFC 3339 string.
 * Integers past 2^53 lose precision, as every JSON number here does; manifests have none.
 */
export function resolvePlain(text: string): Scalar {
  switch (text) {
    case '':
    case '~':
    case 'null':
    case 'Null':
    case 'NULL':
      return null;
    case 'true':
    case 'True':
    case 'TRUE':
      return true;
    case 'false':
    case 'False':
    case 'FALSE':
      return false;
  }
  const first = text.charCodeAt(0);
  const numeric = (first >= 48 && first <= 57) || first === 43 || first === 45 || first === 46;
  if (!numeric) return text;
  if (decimal.test(text)) return Number(text.replaceAll('_', ''));
  const octal = legacyOctal.exec(text);
  if (octal) return sign(octal[1]) * Number.parseInt(octal[2]!.replaceAll('_', ''), 8);
  const other = prefixed.exec(text);
  if (other) {
    const digits = other[3]!.replaceAll('_', '');
    const base = bases[other[2]!]!;
    const value = Number.parseInt(digits, base);
    if (!Number.isNaN(value) && value.toString(base).length >= digits.replace(/^0+(?=.)/, '').length)
      return sign(other[1]) * value;
    return text;
  }
  if (float.test(text)) {
    const value = Number(text.replaceAll('_', ''));
    if (Number.isFinite(value)) return value;
  }
  const date = timestamp.exec(text);
  if (date) return rfc3339(date) ?? text;
  return text;
}

const sign = (text: string | undefined): number => (text === '-' ? -1 : 1);

function rfc3339(match: RegExpExecArray): string | undefined {
  const [, year, month, day, hour, minute, second, fraction, zone] = match;
  const pad = (value: string | undefined): string => (value ?? '0').padStart(2, '0');
  const date = `${year}-${pad(month)}-${pad(day)}T${pad(hour)}:${minute ?? '00'}:${second ?? '00'}`;
  if (Number.isNaN(Date.parse(`${date}Z`))) return undefined;
  const digits = (fraction ?? '').replace(/0+$/, '').replace(/\.$/, '');
  if (zone === undefined || zone === 'Z') return `${date}${digits}Z`;
  const offset = /^([-+])(\d{1,2}):?(\d{2})?$/.exec(zone);
  return offset ? `${date}${digits}${offset[1]}${pad(offset[2])}:${offset[3] ?? '00'}` : undefined;
}
