/** Formats as the API server treats them: Go decoding for built-in kinds, kube-openapi's strfmt for custom ones. */

/** A check and what the value has to look like, in words. */
export interface Format {
  readonly type: 'string' | 'number';
  readonly test: (value: never) => boolean;
  readonly expected: string;
}

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)([.,]\d+)?([Zz]|[+-]\d\d:\d\d)$/;

function isDateTime(text: string): boolean {
  const match = RFC3339.exec(text);
  if (match === null) return false;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (month < 1 || month > 12 || hour > 23 || minute > 59 || second > 59) return false;
  return day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function isDate(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text) && isDateTime(`${text}T00:00:00Z`);
}

/** Go's base64.StdEncoding: padded, newlines ignored. */
function isBase64(text: string): boolean {
  const bare = text.replace(/[\r\n]/g, '');
  return bare.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(bare);
}

/** govalidator's IsBase64, which takes neither newlines nor an empty string. */
const STRICT_BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** Name of the format that `byte` is in a custom kind: there it is matched, not decoded. */
export const CUSTOM_BYTE = 'custom-byte';

/** Go's time.ParseDuration. */
function isDuration(text: string): boolean {
  return text === '0' || /^[+-]?((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))+$/.test(text);
}

const IPV4 = /^((25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(\.|$)){4}$/;

function isUri(text: string): boolean {
  // net/url's ParseRequestURI: absolute, or a path from the root.
  return text.startsWith('/') || URL.canParse(text);
}

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';

const string = (expected: string, test: (text: string) => boolean): Format => ({
  type: 'string',
  test,
  expected,
});
const number = (expected: string, test: (value: number) => boolean): Format => ({
  type: 'number',
  test,
  expected,
});

/** Formats that are checked; the server ignores every other name, and so do we. */
export const FORMATS: Readonly<Record<string, Format>> = {
  int32: number('an integer from -2147483648 to 2147483647', (n) => n >= -(2 ** 31) && n < 2 ** 31),
  int64: number('an integer of at most 64 bits', (n) => n >= -(2 ** 63) && n < 2 ** 63),
  double: number('a number', Number.isFinite),
  float: number('a number', Number.isFinite),
  byte: string('base64 with padding', isBase64),
  [CUSTOM_BYTE]: string('base64 with padding, on one line and not empty', (text) => {
    return text.length % 4 === 0 && STRICT_BASE64.test(text);
  }),
  'date-time': string('a time such as 2026-01-31T15:04:05Z', isDateTime),
  datetime: string('a time such as 2026-01-31T15:04:05Z', isDateTime),
  date: string('a date such as 2026-01-31', isDate),
  duration: string('a duration such as 1h30m', isDuration),
  uri: string('a URI such as https://example.com/path', isUri),
  ipv4: string('an IPv4 address', (text) => IPV4.test(text)),
  uuid: string('a UUID', (text) => UUID.test(text)),
  'k8s-micro-time': string(
    'a time with six decimals, such as 2026-01-31T15:04:05.000000Z',
    (text) => /T\d\d:\d\d:\d\d\.\d{6}(Z|[+-]\d\d:\d\d)$/.test(text) && isDateTime(text),
  ),
  'k8s-short-name': string('a DNS label of at most 63 characters', (text) => {
    return text.length <= 63 && new RegExp(`^${LABEL}$`).test(text);
  }),
  'k8s-long-name': string('a DNS subdomain of at most 253 characters', (text) => {
    return text.length <= 253 && new RegExp(`^${LABEL}(\\.${LABEL})*$`).test(text);
  }),
};

/** The grammar of resource.Quantity (k8s.io/apimachinery/pkg/api/resource): without digits it is 0. */
const QUANTITY = /^ *(?! *$)[+-]?\d*\.?\d*([KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)? *$/;

export function isQuantity(value: unknown): boolean {
  return typeof value === 'number'
    ? Number.isFinite(value)
    : typeof value === 'string' && QUANTITY.test(value);
}
