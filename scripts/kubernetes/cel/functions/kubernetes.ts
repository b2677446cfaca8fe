/** Kubernetes' remaining additions: quantities, formats, semantic versions and the authorizer. */
import {
  addQuantities,
  compareQuantities,
  parseQuantity,
  type Quantity,
  quantityAsInt64,
  quantityFromInt,
} from '../../exact-quantity.ts';
import { global, member, type Overload } from '../overload.ts';
import { CelError, none, type Opaque, some, type Value } from '../values.ts';
import { parseTimestamp } from './times.ts';
import { isRequestUri } from './urls.ts';

const QUANTITY = 'kubernetes.Quantity';

const quantity = (data: Quantity): Opaque => ({
  type: 'opaque',
  name: QUANTITY,
  data,
  equals: (other) => compareQuantities(data, other.data as Quantity) === 0,
});

const quantityOf = (value: Opaque): Quantity => value.data as Quantity;

function readQuantity(text: string): Quantity {
  const parsed = parseQuantity(text);
  if (parsed === undefined)
    throw new CelError(
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    );
  return parsed;
}

const quantityFunctions: readonly Overload[] = [
  global('quantity', 'string', QUANTITY, (text: string) => quantity(readQuantity(text))),
  global('isQuantity', 'string', 'bool', (text: string) => parseQuantity(text) !== undefined),
  // Upstream declares sign as a function, not as a member.
  global('sign', QUANTITY, 'int', (value: Opaque) => {
    const { nanos } = quantityOf(value);
    return nanos === 0n ? 0n : nanos < 0n ? -1n : 1n;
  }),
  member(
    'isGreaterThan',
    `${QUANTITY}, ${QUANTITY}`,
    'bool',
    (a: Opaque, b: Opaque) => compareQuantities(quantityOf(a), quantityOf(b)) > 0,
  ),
  member(
    'isLessThan',
    `${QUANTITY}, ${QUANTITY}`,
    'bool',
    (a: Opaque, b: Opaque) => compareQuantities(quantityOf(a), quantityOf(b)) < 0,
  ),
  member('compareTo', `${QUANTITY}, ${QUANTITY}`, 'int', (a: Opaque, b: Opaque) =>
    BigInt(compareQuantities(quantityOf(a), quantityOf(b))),
  ),
  member('asApproximateFloat', QUANTITY, 'double', (value: Opaque) => Number(quantityOf(value).nanos) / 1e9),
  member('asInteger', QUANTITY, 'int', (value: Opaque) => {
    const whole = quantityAsInt64(quantityOf(value));
    if (whole === undefined) throw new CelError('cannot convert value to integer');
    return whole;
  }),
  member('isInteger', QUANTITY, 'bool', (value: Opaque) => quantityAsInt64(quantityOf(value)) !== undefined),
  member('add', `${QUANTITY}, ${QUANTITY}`, QUANTITY, (a: Opaque, b: Opaque) =>
    quantity(addQuantities(quantityOf(a), quantityOf(b), 1n)),
  ),
  member('add', `${QUANTITY}, int`, QUANTITY, (a: Opaque, b: bigint) =>
    quantity(addQuantities(quantityOf(a), quantityFromInt(b), 1n)),
  ),
  member('sub', `${QUANTITY}, ${QUANTITY}`, QUANTITY, (a: Opaque, b: Opaque) =>
    quantity(addQuantities(quantityOf(a), quantityOf(b), -1n)),
  ),
  member('sub', `${QUANTITY}, int`, QUANTITY, (a: Opaque, b: bigint) =>
    quantity(addQuantities(quantityOf(a), quantityFromInt(b), -1n)),
  ),
];

const FORMAT = 'kubernetes.NamedFormat';

const tooLong = (limit: number): string => `must be no more than ${limit} bytes`;
const pattern = (message: string, regex: string, ...examples: readonly string[]): string =>
  `${message} (e.g. ${examples.map((example) => `'${example}', `).join(' or ')}regex used for validation is '${regex}')`;

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const subdomain = `${label}(\\.${label})*`;
const label1035 = '[a-z]([-a-z0-9]*[a-z0-9])?';
const qualified = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const labelValue = `(${qualified})?`;

const named = (limit: number, regex: string, message: string, ...examples: string[]) => {
  const test = new RegExp(`^(?:${regex})$`);
  return (text: string): string[] => [
    ...(Buffer.byteLength(text) > limit ? [tooLong(limit)] : []),
    ...(test.test(text) ? [] : [pattern(message, regex, ...examples)]),
  ];
};

const isLabel = named(
  63,
  label,
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  'my-name',
  '123-abc',
);
const isSubdomain = named(
  253,
  subdomain,
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  'example.com',
);
const isLabel1035 = named(
  63,
  label1035,
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  'my-name',
  'abc-123',
);
const isLabelValue = named(
  63,
  labelValue,
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  'MyValue',
  'my_value',
  '12345',
);
const isQualifiedPart = named(
  63,
  qualified,
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  'MyName',
  'my.name',
  '123-abc',
);

function isQualifiedName(text: string): string[] {
  const parts = text.split('/');
  if (parts.length > 2)
    return [
      `a qualified name ${pattern("must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character", qualified, 'MyName', 'my.name', '123-abc')} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  const [prefix, name] = parts.length === 2 ? [parts[0]!, parts[1]!] : [undefined, parts[0]!];
  const errors: string[] = [];
  if (prefix === '') errors.push('prefix part must be non-empty');
  else if (prefix !== undefined)
    errors.push(...isSubdomain(prefix).map((message) => `prefix part ${message}`));
  if (name === '') errors.push('name part must be non-empty');
  return [...errors, ...isQualifiedPart(name)];
}

/** A prefix for generateName may end in a dash, which the server's random letters follow. */
const asPrefix =
  (check: (text: string) => string[]) =>
  (text: string): string[] =>
    check(text.endsWith('-') && text.length > 1 ? `${text.slice(0, -1)}a` : text);

const orMessage =
  (test: (text: string) => boolean, message: string) =>
  (text: string): string[] =>
    test(text) ? [] : [message];

const formats: Readonly<Record<string, (text: string) => string[]>> = {
  dns1123Label: isLabel,
  dns1123Subdomain: isSubdomain,
  dns1035Label: isLabel1035,
  qualifiedName: isQualifiedName,
  dns1123LabelPrefix: asPrefix(isLabel),
  dns1123SubdomainPrefix: asPrefix(isSubdomain),
  dns1035LabelPrefix: asPrefix(isLabel1035),
  labelValue: isLabelValue,
  uri: orMessage(isRequestUri, 'invalid URI for request'),
  uuid: orMessage(
    (text) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i.test(text),
    'does not match the UUID format',
  ),
  byte: orMessage(
    (text) => /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text),
    'invalid base64',
  ),
  date: orMessage(
    (text) => /^\d{4}-\d\d-\d\d$/.test(text) && parseTimestamp(`${text}T00:00:00Z`) !== undefined,
    'invalid date',
  ),
  datetime: orMessage(
    (text) => parseTimestamp(text.replace(/t/, 'T').replace(/z$/, 'Z')) !== undefined,
    'invalid datetime',
  ),
};

const format = (name: string): Opaque => ({
  type: 'opaque',
  name: FORMAT,
  data: name,
  equals: (other) => other.data === name,
});

const formatFunctions: readonly Overload[] = [
  ...Object.keys(formats).map((name) => global(`format.${name}`, '', FORMAT, () => format(name))),
  global('format.named', 'string', `optional<${FORMAT}>`, (name: string) =>
    Object.hasOwn(formats, name) ? some(format(name)) : none,
  ),
  member('validate', `${FORMAT}, string`, 'optional<list<string>>', (value: Opaque, text: string) => {
    const errors = formats[value.data as string]!(text);
    return errors.length === 0 ? none : some(errors);
  }),
];

const SEMVER = 'kubernetes.Semver';

interface Semver {
  readonly numbers: readonly [bigint, bigint, bigint];
  readonly pre: readonly string[];
}

const semverPattern =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)(?:\.(?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*))*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;

function parseSemver(text: string): Semver | undefined {
  const match = semverPattern.exec(text);
  if (!match) return undefined;
  const numbers = [match[1]!, match[2]!, match[3]!].map(BigInt) as [bigint, bigint, bigint];
  if (numbers.some((number) => number >= 2n ** 64n)) return undefined;
  return { numbers, pre: match[4]?.split('.') ?? [] };
}

/** `v1.2`, `01.2.3`: what people write for a version. */
function normalise(text: string): string | undefined {
  const parts = splitInThree(text.startsWith('v') ? text.slice(1) : text).map((part) => {
    if (part.length <= 1) return part;
    const bare = part.replace(/^0+/, '');
    return /^\d/.test(bare) ? bare : `0${bare}`;
  });
  if (parts.length < 3 && /[+-]/.test(parts.at(-1) ?? '')) return undefined;
  while (parts.length < 3) parts.push('0');
  return parts.join('.');
}

function splitInThree(text: string): string[] {
  const parts = text.split('.');
  return parts.length <= 3 ? parts : [parts[0]!, parts[1]!, parts.slice(2).join('.')];
}

function compareSemver(a: Semver, b: Semver): number {
  for (let i = 0; i < 3; i += 1) {
    const [x, y] = [a.numbers[i]!, b.numbers[i]!];
    if (x !== y) return x < y ? -1 : 1;
  }
  if (a.pre.length === 0 || b.pre.length === 0) return Math.sign(b.pre.length - a.pre.length);
  for (let i = 0; i < Math.min(a.pre.length, b.pre.length); i += 1) {
    const [x, y] = [a.pre[i]!, b.pre[i]!];
    if (x === y) continue;
    const [nx, ny] = [/^\d+$/.test(x), /^\d+$/.test(y)];
    if (nx && ny) return BigInt(x) < BigInt(y) ? -1 : 1;
    if (nx !== ny) return nx ? -1 : 1;
    return x < y ? -1 : 1;
  }
  return Math.sign(a.pre.length - b.pre.length);
}

function readSemver(text: string, lenient: boolean): Semver | undefined {
  const wanted = lenient ? normalise(text) : text;
  return wanted === undefined ? undefined : parseSemver(wanted);
}

function semver(text: string, lenient: boolean): Opaque {
  const data = readSemver(text, lenient);
  if (data === undefined)
    throw new CelError(
      text.split('.').length < 3
        ? 'No Major.Minor.Patch elements found'
        : `Invalid semantic version ${JSON.stringify(text)}`,
    );
  return {
    type: 'opaque',
    name: SEMVER,
    data,
    equals: (other) => compareSemver(data, other.data as Semver) === 0,
  };
}

const semverOf = (value: Opaque): Semver => value.data as Semver;

const semverFunctions: readonly Overload[] = [
  global('semver', 'string', SEMVER, (text: string) => semver(text, false)),
  global('semver', 'string, bool', SEMVER, semver),
  global('isSemver', 'string', 'bool', (text: string) => readSemver(text, false) !== undefined),
  global(
    'isSemver',
    'string, bool',
    'bool',
    (text: string, lenient: boolean) => readSemver(text, lenient) !== undefined,
  ),
  member(
    'isGreaterThan',
    `${SEMVER}, ${SEMVER}`,
    'bool',
    (a: Opaque, b: Opaque) => compareSemver(semverOf(a), semverOf(b)) > 0,
  ),
  member(
    'isLessThan',
    `${SEMVER}, ${SEMVER}`,
    'bool',
    (a: Opaque, b: Opaque) => compareSemver(semverOf(a), semverOf(b)) < 0,
  ),
  member('compareTo', `${SEMVER}, ${SEMVER}`, 'int', (a: Opaque, b: Opaque) =>
    BigInt(compareSemver(semverOf(a), semverOf(b))),
  ),
  ...(['major', 'minor', 'patch'] as const).map((name, i) =>
    member(name, SEMVER, 'int', (value: Opaque) => semverOf(value).numbers[i] as bigint),
  ),
];

export const AUTHORIZER = 'kubernetes.authorization.Authorizer';
export const RESOURCE_CHECK = 'kubernetes.authorization.ResourceCheck';
const PATH_CHECK = 'kubernetes.authorization.PathCheck';
const GROUP_CHECK = 'kubernetes.authorization.GroupCheck';
const DECISION = 'kubernetes.authorization.Decision';

/** Only a running API server can say who may do what. */
export const askAuthorizer = (): never => {
  throw new CelError("`authorizer` asks the API server's own authorizer, which is not at hand here", true);
};

const authorizerFunctions: readonly Overload[] = (
  [
    ['path', `${AUTHORIZER}, string`, PATH_CHECK],
    ['group', `${AUTHORIZER}, string`, GROUP_CHECK],
    ['serviceAccount', `${AUTHORIZER}, string, string`, AUTHORIZER],
    ['resource', `${GROUP_CHECK}, string`, RESOURCE_CHECK],
    ['subresource', `${RESOURCE_CHECK}, string`, RESOURCE_CHECK],
    ['namespace', `${RESOURCE_CHECK}, string`, RESOURCE_CHECK],
    ['name', `${RESOURCE_CHECK}, string`, RESOURCE_CHECK],
    ['fieldSelector', `${RESOURCE_CHECK}, string`, RESOURCE_CHECK],
    ['labelSelector', `${RESOURCE_CHECK}, string`, RESOURCE_CHECK],
    ['check', `${PATH_CHECK}, string`, DECISION],
    ['check', `${RESOURCE_CHECK}, string`, DECISION],
    ['errored', DECISION, 'bool'],
    ['error', DECISION, 'string'],
    ['allowed', DECISION, 'bool'],
    ['reason', DECISION, 'string'],
  ] as const
).map(([name, params, result]) => member(name, params, result, askAuthorizer as () => Value));

export const kubernetesFunctions: readonly Overload[] = [
  ...quantityFunctions,
  ...formatFunctions,
  ...semverFunctions,
  ...authorizerFunctions,
];
