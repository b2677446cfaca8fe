import { describe, expect, it } from 'vitest';
import { bootstrap } from '../../../scripts/bootstrap/run.ts';
import {
  type ComponentSource,
  componentSources,
  otherAddress,
  otherBranch,
  unpinned,
} from '../../../scripts/bootstrap/sources.ts';
import type { Build, Environment } from '../../../scripts/render/environment.ts';
import { surroundings } from '../cluster/fakes.ts';
import { fixture, objectsOf } from './fixture.ts';

const pin = 'a'.repeat(40);

/** An environment of components, each with a GitRepository of its own. */
function environmentOf(refs: Readonly<Record<string, string>>): Environment {
  const objects = Object.entries(refs).flatMap(([name, ref]) =>
    objectsOf(
      'flux-system',
      `
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: ${name}, namespace: flux-system}
spec: {url: "https://h/r.git", ref: {${ref}}}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: ${name}, namespace: flux-system}
spec: {sourceRef: {kind: GitRepository, name: ${name}}}
`,
    ),
  );
  const builds = objects.flatMap((object): Build[] =>
    object.kind === 'Kustomization'
      ? [
          {
            environment: 'small-production',
            component: object.name,
            path: '.',
            kustomization: object,
            objects: [],
            failures: [],
            notices: [],
            reads: new Set(),
          },
        ]
      : [],
  );
  return { name: 'small-production', path: 'flux/small-production', builds, objects };
}

const sourcesOf = (refs: Readonly<Record<string, string>>): readonly ComponentSource[] =>
  componentSources(environmentOf(refs));

describe('unpinned', () => {
  it('lets pass what is pinned, and environments whose components follow the root', () => {
    expect(unpinned(sourcesOf({ kafka: `branch: main, commit: ${pin}` }))).toBeUndefined();
    expect(unpinned(sourcesOf({ 'flux-system': 'branch: main' }))).toBeUndefined();
  });

  it('names every component without a commit, and what makes the first pins', () => {
    const error = unpinned(
      sourcesOf({ kafka: 'branch: main', nifi: `branch: main, commit: ${pin}`, flink: 'branch: main' }),
    );
    expect(error?.message).toMatch(/^kafka, flink: no commit is pinned \(flux-system\.yaml:\d+ and 1 more\)/);
    expect(error?.fix).toContain('`npm run promote -- --all`');
  });
});

describe('otherBranch', () => {
  it('refuses a root that follows another branch than its components', () => {
    const sources = sourcesOf({ kafka: `branch: main, commit: ${pin}` });
    expect(otherBranch(sources, 'main')).toBeUndefined();
    const error = otherBranch(sources, 'dev');
    expect(error?.message).toMatch(/root would follow branch dev, but kafka follows main/);
    expect(error?.fix).toContain('--branch main');
  });
});

it('tells of another address, whatever the protocol and the ending', () => {
  const sources = sourcesOf({ kafka: 'branch: main' });
  expect(otherAddress(sources, 'ssh://git@h/r')).toEqual([]);
  expect(otherAddress(sources, 'https://h/other')).toEqual([
    'components are fetched from https://h/r.git (fact repositoryUrl)',
  ]);
});

describe('bootstrap', () => {
  const run = async (refs: Readonly<Record<string, string>>, dryRun: boolean, branch = 'main') => {
    const environment = environmentOf(refs);
    const { sources, paths } = fixture({ 'secrets.yaml': 'small-production: []\n' });
    let text = '';
    const outcome = await bootstrap(
      { sources, paths, environments: [environment] },
      {
        environment: environment.name,
        only: [],
        url: 'https://h/r',
        branch,
        readOnly: true,
        yes: true,
        dryRun,
        timeoutMs: 1,
      },
      {
        ...surroundings({ environment: { PATH: '' } }),
        write: (words) => {
          text += words;
        },
      },
    );
    return { error: outcome.ok ? '' : outcome.error.message, text };
  };

  it('deploys nothing that is not pinned, but shows it', async () => {
    expect((await run({ kafka: 'branch: main' }, false)).error).toMatch(/^kafka: no commit is pinned/);
    const shown = await run({ kafka: 'branch: main' }, true);
    expect(shown.error).toBe('');
    expect(shown.text).toMatch(/Not yet\n {2}kafka: no commit is pinned.*\n.*npm run promote -- --all/);
  });

  it('deploys no branch that its components do not follow, but shows it', async () => {
    const pinned = { kafka: `branch: main, commit: ${pin}` };
    expect((await run(pinned, false, 'dev')).error).toMatch(/kafka follows main/);
    expect((await run(pinned, true, 'dev')).text).toMatch(/note: .*kafka follows main/);
    // It goes on until it needs a cluster.
    expect((await run(pinned, false)).error).toMatch(/neither kubectl nor k0s/);
  });
});
