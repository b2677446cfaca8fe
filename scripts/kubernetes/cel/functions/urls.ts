/** Kubernetes' functions on URLs, as Go's net/url reads them: nothing is normalised but the scheme. */
import { global, member, type Overload } from '../overload.ts';
import { CelError, type Key, type Opaque, type Value } from '../values.ts';

const URL_TYPE = 'kubernetes.URL';

interface Url {
  readonly text: string;
  readonly scheme: string;
  readonly host: string;
  readonly path: string;
  readonly query: string;
}

const badEscape = /%(?![0-9a-fA-F]{2})/;

/** What ParseRequestURI makes of a text: absolute, or a path from the root; a string says why it is neither. */
function parse(text: string): Url | string {
  const fail = (why: string): string => `parse ${JSON.stringify(text)}: ${why}`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what Go refuses
  if (/[\x00-\x1f\x7f]/.test(text)) return fail('net/url: invalid control character in URL');
  if (text === '') return fail('empty url');
  let rest = text;
  let scheme = '';
  const colon = rest.indexOf(':');
  const first = /^[A-Za-z]/.test(rest) ? /^[A-Za-z][A-Za-z0-9+.-]*:/.exec(rest) : null;
  if (first) {
    scheme = first[0].slice(0, -1).toLowerCase();
    rest = rest.slice(first[0].length);
  } else if (colon === 0) return fail('missing protocol scheme');
  const mark = rest.indexOf('?');
  const query = mark === -1 ? '' : rest.slice(mark + 1);
  if (mark !== -1) rest = rest.slice(0, mark);
  if (!rest.startsWith('/')) {
    if (scheme !== '') return { text, scheme, host: '', path: '', query };
    return fail('invalid URI for request');
  }
  let host = '';
  if (scheme !== '' && rest.startsWith('//')) {
    const end = rest.indexOf('/', 2);
    const authority = end === -1 ? rest.slice(2) : rest.slice(2, end);
    rest = end === -1 ? '' : rest.slice(end);
    const at = authority.lastIndexOf('@');
    host = authority.slice(at + 1);
    const port = host.startsWith('[') ? host.slice(host.lastIndexOf(']') + 1) : /:.*$/.exec(host)?.[0];
    if (host.startsWith('[') && !host.includes(']')) return fail("missing ']' in host");
    if (port && !/^:\d*$/.test(port)) return fail(`invalid port ${JSON.stringify(port)} after host`);
    const bad = /[ "<>\\^`{|}]/.exec(host);
    if (bad) return fail(`invalid character ${JSON.stringify(bad[0])} in host name`);
    if (badEscape.test(host)) return fail(`invalid URL escape ${JSON.stringify(badEscapeOf(host))}`);
  }
  if (badEscape.test(rest)) return fail(`invalid URL escape ${JSON.stringify(badEscapeOf(rest))}`);
  return { text, scheme, host, path: rest, query };
}

const badEscapeOf = (text: string): string => text.slice(text.search(badEscape)).slice(0, 3);

/** url.Parse, which the value is made with, cuts off the fragment. */
function read(text: string): Url {
  const whole = parse(text);
  if (typeof whole === 'string')
    throw new CelError(`URL parse error during conversion from string: ${whole}`);
  const [bare] = text.split('#') as [string];
  const url = bare === '' ? { ...whole, path: '', query: '' } : parse(bare);
  if (typeof url === 'string') throw new CelError(`URL parse error during conversion from string: ${url}`);
  return { ...url, text };
}

const dataOf = (value: Opaque): Url => value.data as Url;

function splitHost(host: string): { name: string; port: string } {
  const match = /^(\[.*\]|[^:]*)(?::(.*))?$/.exec(host);
  const name = match?.[1] ?? host;
  return { name: name.startsWith('[') ? name.slice(1, -1) : name, port: match?.[2] ?? '' };
}

const escapePath = (path: string): string =>
  path.replace(/[^A-Za-z0-9\-_.~$&+,/:;=@!'()*%[\]]/gu, (rune) => encodeURIComponent(rune));

function parseQuery(query: string): ReadonlyMap<Key, Value> {
  const result = new Map<Key, Value>();
  const decode = (text: string): string | undefined =>
    badEscape.test(text) ? undefined : Buffer.from(unescape(text.replaceAll('+', ' ')), 'latin1').toString();
  for (const pair of query.split('&')) {
    if (pair === '' || pair.includes(';')) continue;
    const equals = pair.indexOf('=');
    const key = decode(equals === -1 ? pair : pair.slice(0, equals));
    const value = decode(equals === -1 ? '' : pair.slice(equals + 1));
    if (key === undefined || value === undefined) continue;
    result.set(key, [...((result.get(key) as readonly Value[] | undefined) ?? []), value]);
  }
  return result;
}

/** Whether Go's url.ParseRequestURI takes the text. */
export const isRequestUri = (text: string): boolean => typeof parse(text) !== 'string';

export const urlFunctions: readonly Overload[] = [
  global('url', 'string', URL_TYPE, (text: string): Opaque => {
    const data = read(text);
    return {
      type: 'opaque',
      name: URL_TYPE,
      data,
      equals: (other) => data.text === dataOf(other).text,
    };
  }),
  global('isURL', 'string', 'bool', isRequestUri),
  member('getScheme', URL_TYPE, 'string', (value: Opaque) => dataOf(value).scheme),
  member('getHost', URL_TYPE, 'string', (value: Opaque) => dataOf(value).host),
  member('getHostname', URL_TYPE, 'string', (value: Opaque) => splitHost(dataOf(value).host).name),
  member('getPort', URL_TYPE, 'string', (value: Opaque) => splitHost(dataOf(value).host).port),
  member('getEscapedPath', URL_TYPE, 'string', (value: Opaque) => escapePath(dataOf(value).path)),
  member('getQuery', URL_TYPE, 'map<string, list<string>>', (value: Opaque) =>
    parseQuery(dataOf(value).query),
  ),
];
