/**
 * The forms of names, keys and addresses. Mirrors apimachinery's pkg/util/validation and pkg/api/validate/content: each
 * check returns what is wrong with a text as a predicate, or undefined where all is well.
 */
import { shown } from './error.ts';

export type Check = (text: string) => string | undefined;

const label = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?';
const dnsLabel = new RegExp(`^${label}$`);
const dnsSubdomain = new RegExp(`^${label}(?:\\.${label})*$`);
const wildcardSubdomain = new RegExp(`^\\*\\.${label}(?:\\.${label})*$`);
const underscoreLabel = '_?[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?';
const underscoreSubdomain = new RegExp(`^${underscoreLabel}(?:\\.${underscoreLabel})*$`);
const dns1035Label = /^[a-z](?:[-a-z0-9]*[a-z0-9])?$/;
const qualifiedPart = /^(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const labelValue = /^(?:(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;

const form =
  (pattern: RegExp, limit: number, wanted: string): Check =>
  (text) => {
    if (text.length > limit) return `has ${text.length} characters, and at most ${limit} are allowed`;
    return pattern.test(text) ? undefined : `is ${shown(text)}, which is not ${wanted}`;
  };

/** `IsDNS1123Label`. */
export const isDnsLabel = form(
  dnsLabel,
  63,
  'lower-case letters, digits and `-`, beginning and ending with a letter or digit',
);
/** `IsDNS1123Subdomain`. */
export const isDnsSubdomain = form(
  dnsSubdomain,
  253,
  'lower-case letters, digits, `-` and `.`, each part beginning and ending with a letter or digit',
);
/** `IsDNS1035Label`. */
export const isDns1035Label = form(
  dns1035Label,
  63,
  'lower-case letters, digits and `-`, beginning with a letter and ending with a letter or digit',
);
/** `IsDNS1123SubdomainWithUnderscore`. */
export const isDnsSearchPath = form(underscoreSubdomain, 253, 'a DNS name in lower case');
/** `IsWildcardDNS1123Subdomain`. */
export const isWildcardName = form(wildcardSubdomain, 253, 'a DNS name after one leading `*.`');
/** `IsLabelValue`. */
export const isLabelValue = form(
  labelValue,
  63,
  'letters, digits, `-`, `_` and `.`, beginning and ending with a letter or digit',
);

/** `IsQualifiedName`: a label's key, `name` or `prefix/name`. */
export const isQualifiedName: Check = (text) => {
  const parts = text.split('/');
  if (parts.length > 2) return `is ${shown(text)}, which has more than one \`/\``;
  const name = parts.at(-1) ?? '';
  if (parts.length === 2) {
    if (parts[0] === '') return `is ${shown(text)}, whose part before the \`/\` is empty`;
    const wrong = isDnsSubdomain(parts[0] ?? '');
    if (wrong !== undefined)
      return `is ${shown(text)}, whose part before the \`/\` is no DNS name in lower case`;
  }
  if (name === '') return `is ${shown(text)}, whose name is empty`;
  if (name.length > 63) return `has a name of ${name.length} characters, and at most 63 are allowed`;
  return qualifiedPart.test(name)
    ? undefined
    : `is ${shown(text)}, which is not letters, digits, \`-\`, \`_\` and \`.\`, beginning and ending with a letter or digit`;
};

/** `IsDomainPrefixedPath`: `example.com/path`. */
export const isDomainPrefixedPath: Check = (text) => {
  const slash = text.indexOf('/');
  const ok =
    slash > 0 &&
    isDnsSubdomain(text.slice(0, slash)) === undefined &&
    /^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/.test(text.slice(slash + 1));
  return ok ? undefined : `is ${shown(text)}, which is not a domain and a path such as \`example.com/name\``;
};

/** `IsValidPortName`: the IANA form of service names. */
export const isPortName: Check = (text) => {
  if (text.length > 15)
    return `is ${shown(text)}, which has ${text.length} characters, and at most 15 are allowed`;
  if (!/^[-a-z0-9]+$/.test(text))
    return `is ${shown(text)}, which is not lower-case letters, digits and \`-\``;
  if (!/[a-z]/.test(text)) return `is ${shown(text)}, which has no letter`;
  if (text.includes('--')) return `is ${shown(text)}, which has two \`-\` in a row`;
  if (text.startsWith('-') || text.endsWith('-')) return `is ${shown(text)}, which begins or ends with \`-\``;
  return undefined;
};

/** `IsConfigMapKey`. */
export const isConfigMapKey: Check = (text) => {
  if (text.length > 253) return `has ${text.length} characters, and at most 253 are allowed`;
  if (!/^[-._a-zA-Z0-9]+$/.test(text))
    return `is ${shown(text)}, which is not letters, digits, \`-\`, \`_\` and \`.\``;
  if (text === '.' || text.startsWith('..')) return `is ${shown(text)}, which could be read as a directory`;
  return undefined;
};

/** `IsRelaxedEnvVarName`. */
export const isEnvironmentName: Check = (text) =>
  text !== '' && /^[\x20-\x7e]+$/.test(text) && !text.includes('=')
    ? undefined
    : `is ${shown(text)}, and only printable ASCII characters other than \`=\` are allowed`;

/** `IsPathSegmentName`: what may stand between two slashes of a URL. */
export const isPathSegment: Check = (text) =>
  text === '.' || text === '..' || text.includes('/') || text.includes('%')
    ? `is ${shown(text)}, which must not be \`.\` or \`..\` and must not have \`/\` or \`%\``
    : undefined;

/** `IsFullyQualifiedName`: at least three parts. */
export const isFullyQualifiedName: Check = (text) =>
  isDnsSubdomain(text) ??
  (text.split('.').length < 3
    ? `is ${shown(text)}, which has fewer than three parts between dots`
    : undefined);

/** `IsHTTPHeaderName`. */
export const isHeaderName: Check = (text) =>
  /^[-A-Za-z0-9]+$/.test(text) ? undefined : `is ${shown(text)}, which is not letters, digits and \`-\``;

/** `IsValidPercent`: `25%`. */
export const isPercent = (text: string): boolean => /^[0-9]+%$/.test(text);

/** `IsValidPortNum`. */
export const isPortNumber = (port: number): boolean => port >= 1 && port <= 65535;

/** What is wrong with a path inside a volume, `validateLocalDescendingPath`. */
export const isDescendingPath: Check = (text) => {
  if (text.startsWith('/')) return `is ${shown(text)}, and only a relative path is allowed`;
  return hasNoBacksteps(text);
};

/** `validatePathNoBacksteps`. */
export const hasNoBacksteps: Check = (text) =>
  text.split('/').includes('..') ? `is ${shown(text)}, which has a \`..\` in it` : undefined;

/** `ValidateLocalNonReservedPath`. */
export const isNonReservedPath: Check = (text) =>
  isDescendingPath(text) ??
  (text.startsWith('..') && !text.startsWith('../')
    ? `is ${shown(text)}, and names that begin with \`..\` are reserved`
    : undefined);
