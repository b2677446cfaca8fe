import { describe, expect, test } from 'vitest';
import { diffReporters } from '../../../scripts/diff/format/index.ts';
import { lineDifference } from '../../../scripts/diff/lines.ts';
import { compareVersions, parseImage, versionOf } from '../../../scripts/diff/version.ts';
import { diffTrees, type Tree, tree } from './world.ts';

const base = { id: '0123456789abcdef0123456789abcdef01234567', label: 'main' };
const print = (format: keyof typeof diffReporters, before: Tree, after: Tree): string =>
  diffReporters[format]({ base, diffs: diffTrees(before, after), color: false });
const deployment = (tag: string, env = '1'): string =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\nspec:\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec: {containers: [{name: app, image: "example.com/web:${tag}", env: [{name: A, value: "${env}"}]}]}\n`;
const map = (name: string, text = 'x'): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {text: ${JSON.stringify(text)}}\n`;

test('text', () => {
  const before = tree({ web: `${deployment('1.1.0')}---\n${map('gone')}` });
  const after = tree({ web: `${deployment('1.0.0', '2')}---\n${map('new')}`, api: map('api') });
  expect(print('text', before, after)).toBe(`0123456789ab (main) → working tree

test: 1 object changed, 3 added, 1 removed; 1 workload restarts; 1 notice
  notice image-downgraded  Deployment shop/web: image example.com/web goes back from 1.1.0 to 1.0.0
    apps/web/objects.yaml:8
    fix: Nothing, if it is meant: it keeps no data of its own.
  Kustomizations
    + api
  Images
    example.com/web: 1.1.0 → 1.0.0  Deployment shop/web (app)
  Restarts
    Deployment shop/web, new pods before old ones go: spec.containers[app].env[A].value, spec.containers[app].image
  Flux deletes
    ConfigMap gone
  api
    + ConfigMap api
  flux-system
    + Kustomization flux-system/api
  web
    - ConfigMap gone
    + ConfigMap new
    ~ Deployment shop/web
    ~   spec.template.spec.containers[app].image: example.com/web:1.1.0 → example.com/web:1.0.0
    ~   spec.template.spec.containers[app].env[A].value: "1" → "2"
`);
});

test('no change', () => {
  const same = tree({ web: map('a') });
  expect(print('text', same, same)).toBe('0123456789ab (main) → working tree\n\ntest: no change\n');
});

test('json has what the text has, and no value of a Secret', () => {
  const secret = (value: string): string =>
    `apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {k: ${value}}\n`;
  const printed = print('json', tree({ web: secret('topsecret1') }), tree({ web: secret('topsecret2') }));
  expect(JSON.parse(printed)).toMatchObject({
    base,
    dangers: 0,
    environments: [
      {
        name: 'test',
        timing: 'merge',
        objects: [
          {
            status: 'changed',
            component: 'web',
            fields: [{ path: 'stringData.k', kind: 'changed', hidden: true }],
          },
        ],
      },
    ],
  });
  for (const format of ['text', 'json', 'markdown'] as const)
    expect(
      print(format, tree({ web: secret('topsecret1') }), tree({ web: secret('topsecret2') })),
    ).not.toContain('topsecret');
});

describe('markdown', () => {
  test('nothing from the repository is taken for markup', () => {
    const before = tree({ web: map('a', 'one\ntwo') });
    const printed = print('markdown', before, tree({ web: map('a', 'one\n````\n</details> @octocat') }));
    expect(printed).toContain('`````diff\n');
    const broken = {
      ...before,
      'apps/web/objects.yaml': '',
      'apps/web/kustomization.yaml': 'resources: ["<img src=x> @octocat **b**"]\n',
    };
    const failed = print('markdown', before, broken);
    expect(failed).toContain('octocat');
    expect(failed).not.toMatch(/<img|@octocat|\*\*b/);
  });
  test('is never longer than GitHub takes, and says what is missing', () => {
    const many = (text: string): Tree =>
      tree(
        Object.fromEntries(
          Array.from({ length: 30 }, (_, index) => [
            `c${index}`,
            map(
              `m${index}`,
              `${text}\n`
                .repeat(50)
                .split('\n')
                .map((line, n) => `${line}${n}${'x'.repeat(60)}`)
                .join('\n'),
            ),
          ]),
        ),
      );
    const printed = print('markdown', many('a'), many('b'));
    expect(printed.length).toBeLessThan(65_536);
    expect(printed).toMatch(/\d+ more components did not fit/);
    expect(printed.match(/<details>/g)?.length).toBe(printed.match(/<\/details>/g)?.length);
  });
  test('the same input, the same output', () => {
    const [before, after] = [tree({ web: deployment('1') }), tree({ web: deployment('2') })];
    expect(print('markdown', before, after)).toBe(print('markdown', before, after));
  });
});

test('lines: what differs, with two lines around it', () => {
  const text = (...lines: readonly string[]): string => lines.join('\n');
  expect(
    lineDifference(
      text('1', '2', '3', '4', '5', '6', '7', '8'),
      text('1', '2', '3', '4', 'x', '5', '6', '8'),
    ).map(({ sign, text: line }) => sign + line),
  ).toEqual(['…', ' 3', ' 4', '+x', ' 5', ' 6', '-7', ' 8']);
  expect(lineDifference('a', 'b').map(({ sign, text: line }) => sign + line)).toEqual(['-a', '+b']);
  const long = (letter: string): string =>
    Array.from({ length: 3000 }, (_, index) => letter + index).join('\n');
  expect(lineDifference(long('a'), long('b'))).toHaveLength(6000);
});

test.each([
  ['localhost:5000/a/web', { repository: 'localhost:5000/a/web', tag: '', digest: '' }],
  ['web:1.0@sha256:ab', { repository: 'web', tag: '1.0', digest: 'sha256:ab' }],
  ['web@sha256:ab', { repository: 'web', tag: '', digest: 'sha256:ab' }],
])('image %s', (image, parts) => {
  expect(parseImage(image)).toEqual(parts);
});
test.each([
  ['v3.7.11', [3, 7, 11]],
  ['1.18.1-scala_2.12-java11', [1, 18, 1]],
  ['7', [7]],
  ['latest', undefined],
  ['>=1.0.0', undefined],
  ['sha-1a2b', undefined],
])('version %s', (text, numbers) => {
  expect(versionOf(text)).toEqual(numbers);
});
test('versions count number by number', () => {
  expect(compareVersions([1, 10], [1, 9, 9])).toBeGreaterThan(0);
  expect(compareVersions([1, 2], [1, 2, 0])).toBe(0);
});
