/**
 * docs/licences.md and docs/vulnerabilities.md against what is pinned. A row may be of an older version than the pinned one: a bump
 * is not held up, and the page shows what nobody has read again since.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compareVersions, versionOf } from '../../../scripts/diff/version.ts';
import { walk } from '../../renovate/walk.ts';
import { bare, inlineCode, type Row, read, root, table, tracked } from './pages.ts';

/** The versions of everything that runs, by name; without the images that the site builds from it. */
function pinned(within: RegExp): ReadonlyMap<string, readonly string[]> {
  const versions = new Map<string, Set<string>>();
  const paths = tracked.filter((path) => within.test(path));
  for (const { name, value, fixed } of walk(root, paths))
    if (fixed !== 'built by the site')
      versions.set(name, (versions.get(name) ?? new Set()).add(value.replace(/@sha256:.*$/, '')));
  return new Map([...versions].map(([name, found]) => [name, [...found]]));
}

/** Whether a row is about a version that is pinned, or was before a bump. */
function isPinnedOrOlder(
  pins: ReadonlyMap<string, readonly string[]>,
  name: string,
  version: string,
): boolean {
  const own = versionOf(version);
  return (pins.get(name) ?? []).some((pin) => {
    const now = versionOf(pin);
    return pin === version || (own !== undefined && now !== undefined && compareVersions(own, now) < 0);
  });
}

/** What the rows of a table say that is not so: names without a row, rows without a pin. */
function wrongRows(rows: readonly Row[], name: string, pins: ReadonlyMap<string, readonly string[]>) {
  const listed = new Set(rows.map((row) => bare(row[name])));
  return [
    ...[...pins.keys()].filter((pin) => !listed.has(pin)).map((pin) => `no row for ${pin}`),
    ...rows
      .map((row) => [bare(row[name]), bare(row['Version'])] as const)
      .filter(([own, version]) => !isPinnedOrOlder(pins, own, version))
      .map(([own, version]) => `${own} ${version} is not pinned`),
  ];
}
const runs = /^(?:base|components|overlays|images)\//;

const licences = read('docs/licences.md');
const vulnerabilities = read('docs/vulnerabilities.md');

interface Package {
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}
const json = <T>(path: string) => JSON.parse(readFileSync(join(root, path), 'utf8')) as T;

test('every image, chart, jar and tool that is pinned has a row with its licence, and nothing else has', () => {
  const rows = table(licences, 'Name', 'Version', 'Licence', 'Known from');
  expect(rows.length).toBeGreaterThan(30);
  expect(
    wrongRows(rows, 'Name', pinned(/^(?:(?:base|components|overlays|images|k0s)\/|versions\.yaml$)/)),
  ).toEqual([]);
  for (const row of rows) {
    expect(row['Licence'], row['Name']).not.toBe('');
    expect(['source', 'upstream', 'memory'], row['Name']).toContain(row['Known from']);
  }
});

test('every npm dependency has the licence that its package states', () => {
  const manifest = json<Package>('package.json');
  const stated = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }).map((name) => [
    name,
    json<Package>(`node_modules/${name}/package.json`).license,
  ]);
  expect(stated.length).toBeGreaterThan(10);
  expect(table(licences, 'Package', 'Licence').map((row) => [bare(row['Package']), row['Licence']])).toEqual(
    stated.sort(([one = ''], [other = '']) => (one < other ? -1 : 1)),
  );
});

test('the licences of all that npm installs are the ones that are listed', () => {
  const lock = json<{ packages: Readonly<Record<string, Package>> }>('package-lock.json');
  const stated = Object.entries(lock.packages)
    .filter(([path]) => path !== '')
    .map(([path, { license }]) => license ?? `none stated by ${path}`);
  const sentence = licences.split('\n').find((line) => line.includes('all of `package-lock.json`')) ?? '';
  expect(inlineCode(sentence).filter((code) => code !== 'package-lock.json')).toEqual(
    [...new Set(stated)].sort(),
  );
});

test('everything that runs is listed as looked up for vulnerabilities, or not', () => {
  const rows = table(vulnerabilities, 'Component', 'Version', 'Looked up', 'Rows');
  expect(wrongRows(rows, 'Component', pinned(runs))).toEqual([]);
  const days = rows.map((row) => row['Looked up'] ?? '').filter((day) => day !== 'no');
  expect(days.length).toBeGreaterThan(5);
  for (const day of days) expect(day).toMatch(/^20\d\d-\d\d-\d\d$/);
  // The date at the top is that of the latest look.
  expect(vulnerabilities).toContain(`**${days.sort().at(-1)}**`);
});

test('every known vulnerability is of something that is pinned, and says where its mitigation stands', () => {
  const rows = table(vulnerabilities, 'Component', 'Version', 'CVE', 'Mitigation', 'Source');
  const looked = table(vulnerabilities, 'Component', 'Version', 'Looked up', 'Rows');
  expect(rows.length).toBeGreaterThan(30);
  const pins = pinned(runs);
  for (const row of rows) {
    const what = `${row['Component']} ${row['CVE']}`;
    expect(isPinnedOrOlder(pins, bare(row['Component']), bare(row['Version'])), what).toBe(true);
    expect(row['CVE']).toMatch(/^CVE-20\d\d-\d{4,}$/);
    expect(['confirmed', 'memory'], what).toContain(row['Source']);
    for (const column of ['What', 'Reachable here', 'Mended in']) expect(row[column], what).not.toBe('');
    const paths = inlineCode(row['Mitigation'] ?? '').filter((code) => code.includes('/'));
    if (!/^None\b/.test(row['Mitigation'] ?? '')) expect(paths, what).not.toEqual([]);
  }
  const names = rows.map((row) => `${row['Component']} ${row['CVE']}`);
  expect(new Set(names).size).toBe(names.length);
  for (const row of looked)
    expect(
      String(rows.filter((known) => known['Component'] === row['Component']).length),
      row['Component'],
    ).toBe(row['Rows']);
});

test.each([
  ['1.2.3', true],
  ['1.2.2', true],
  ['1.10.0', false],
  ['latest', false],
])('a row of version %s beside the pin 1.2.3', (version, allowed) => {
  const pins = new Map([['web', ['1.2.3']]]);
  expect(isPinnedOrOlder(pins, 'web', version)).toBe(allowed);
  expect(wrongRows([{ Name: '`web`', Version: version }], 'Name', pins)).toHaveLength(allowed ? 0 : 1);
  expect(wrongRows([], 'Name', pins)).toEqual(['no row for web']);
});
