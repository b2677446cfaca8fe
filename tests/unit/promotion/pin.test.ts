import { describe, expect, test } from 'vitest';
import { promotionSubject } from '../../../scripts/checks/promotion/subject.ts';
import { branchOf, pinPlace, withPins } from '../../../scripts/promotion/pin.ts';
import { renderRepository } from '../../../scripts/render/render.ts';
import { openMemory } from '../../../scripts/repository/files.ts';
import { openSources } from '../../../scripts/repository/sources.ts';

const [old, now] = ['a'.repeat(40), 'b'.repeat(40)];

const source = (name: string, ref: string): string => `apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata:
  name: ${name}
  namespace: flux-system
spec:
  url: https://git.example.com/platform
${ref}  interval: 1h
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: ${name}
  namespace: flux-system
spec:
  sourceRef:
    kind: GitRepository
    name: ${name}
  path: ./apps/${name}
  prune: true
  interval: 1h
`;

/** An environment of these Flux files, and those of its components that can be promoted. */
function world(files: Readonly<Record<string, string>>, patches = '') {
  const memory = openMemory({
    ...Object.fromEntries(Object.entries(files).map(([name, text]) => [`flux/test/${name}`, text])),
    'flux/test/kustomization.yaml': `resources: [${Object.keys(files)
      .filter((name) => !name.endsWith('.patch.yaml'))
      .join(', ')}]\n${patches}`,
    'apps/web/kustomization.yaml': 'resources: []\n',
    'apps/api/kustomization.yaml': 'resources: []\n',
  });
  const repository = renderRepository(openSources(memory));
  const { components } = promotionSubject(repository, repository.environments[0]!);
  const edit = (...names: string[]) =>
    withPins(
      memory,
      components
        .filter(({ component }) => names.includes(component))
        .map((component) => ({ component, to: now })),
    );
  return { components, edit };
}

describe('a commit that YAML would read as a number', () => {
  const number = `${'1'.repeat(20)}e${'2'.repeat(19)}`;
  const edited = (ref: string) => {
    const memory = openMemory({
      'flux/test/kustomization.yaml': 'resources: [web.yaml]\n',
      'flux/test/web.yaml': source('web', ref),
      'apps/web/kustomization.yaml': 'resources: []\n',
    });
    const { components } = promotionSubject(
      renderRepository(openSources(memory)),
      renderRepository(openSources(memory)).environments[0]!,
    );
    const edits = withPins(memory, [{ component: components[0]!, to: number }]);
    return edits.ok ? edits.texts.get('flux/test/web.yaml') : edits.error.message;
  };
  test.each([
    '  ref:\n    branch: main\n',
    `  ref:\n    branch: main\n    commit: ${old}\n`,
    `  ref:\n    branch: main\n    commit: '${old}'\n`,
  ])('is quoted: %j', (ref) => {
    expect(edited(ref)).toBe(source('web', `  ref:\n    branch: main\n    commit: '${number}'\n`));
  });
});

describe('a pin', () => {
  test.each([
    [
      'is put below the branch',
      '  ref:\n    branch: main\n',
      `  ref:\n    branch: main\n    commit: ${now}\n`,
    ],
    [
      'is put between the branch and what follows',
      '  ref:\n    branch: main # ours\n    name: refs/heads/main\n',
      `  ref:\n    branch: main # ours\n    commit: ${now}\n    name: refs/heads/main\n`,
    ],
    [
      'is put in as deep as the branch stands',
      '  ref:\n      branch: main\n',
      `  ref:\n      branch: main\n      commit: ${now}\n`,
    ],
    [
      'is replaced',
      `  ref:\n    branch: main\n    commit: ${old} # since Monday\n`,
      `  ref:\n    branch: main\n    commit: ${now} # since Monday\n`,
    ],
    [
      'keeps its quotes, and its place',
      `  ref:\n    commit:  "${old}"\n    branch: main\n`,
      `  ref:\n    commit:  "${now}"\n    branch: main\n`,
    ],
    [
      'is replaced where it stands twice',
      `  ref:\n    # was ${old}\n    branch: main\n    commit: ${old}\n`,
      `  ref:\n    # was ${old}\n    branch: main\n    commit: ${now}\n`,
    ],
  ])('%s', (_, before, after) => {
    const { edit, components } = world({ 'web.yaml': source('web', before) });
    expect(components.map(branchOf)).toEqual(['main']);
    expect(edit('web')).toEqual({
      ok: true,
      texts: new Map([['flux/test/web.yaml', source('web', after)]]),
    });
  });

  test('leaves the ends of lines as they are', () => {
    const before = source('web', '  ref:\n    branch: main\n').replaceAll('\n', '\r\n');
    const edited = world({ 'web.yaml': before }).edit('web');
    expect(edited).toEqual({
      ok: true,
      texts: new Map([
        ['flux/test/web.yaml', before.replace('branch: main\r\n', `branch: main\r\n    commit: ${now}\r\n`)],
      ]),
    });
  });

  test('may be the last line of a file without an end of line', () => {
    const own = `kind: GitRepository
apiVersion: source.toolkit.fluxcd.io/v1
metadata: {name: web, namespace: flux-system}
spec:
  url: https://git.example.com/platform
  ref:
    branch: main`;
    const kustomization = source('web', '').split('---\n')[1]!;
    const edited = world({ 'web.yaml': own, 'web-kustomization.yaml': kustomization }).edit('web');
    expect(edited).toEqual({
      ok: true,
      texts: new Map([['flux/test/web.yaml', `${own}\n    commit: ${now}`]]),
    });
  });

  test('of several components in one file goes to each', () => {
    const text = (web: string, api: string): string =>
      `${source('web', `  ref:\n    branch: main\n${web}`)}---\n${source('api', `  ref:\n    branch: main\n${api}`)}`;
    const pin = (id: string): string => `    commit: ${id}\n`;
    const edited = world({ 'all.yaml': text('', pin(old)) }).edit('web', 'api');
    expect(edited).toEqual({
      ok: true,
      texts: new Map([['flux/test/all.yaml', text(pin(now), pin(now))]]),
    });
  });

  test.each([
    ['on one line', '  ref: {branch: main}\n', 'flux/test/web.yaml:8'],
    ['in a list of keys that is quoted', '  ref:\n    "branch": main\n', 'flux/test/web.yaml:9'],
  ])('is not written into a reference %s', (_, ref, place) => {
    const edited = world({ 'web.yaml': source('web', ref) }).edit('web');
    expect(edited).toMatchObject({ ok: false, error: { message: expect.stringContaining(place) } });
  });

  test('is not written into a patch, which would move every component', () => {
    const { edit, components } = world(
      {
        'web.yaml': source('web', ''),
        'ref.patch.yaml': `apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata:
  name: any
spec:
  ref:
    branch: main
`,
      },
      'patches: [{path: ref.patch.yaml, target: {kind: GitRepository}}]\n',
    );
    expect(pinPlace(components[0]!).file).toBe('flux/test/ref.patch.yaml');
    expect(edit('web')).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining('in the file of GitRepository web') },
    });
  });
});
