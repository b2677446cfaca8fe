import { describe, expect, test } from 'vitest';
import { openKnownGood } from '../../../scripts/cache/known-good.ts';
import { allStages } from '../../../scripts/checks/index.ts';
import { type GateOptions, runGate } from '../../../scripts/gate.ts';
import type { Repository } from '../../../scripts/render/environment.ts';
import { renderRepository } from '../../../scripts/render/render.ts';
import { openMemory } from '../../../scripts/repository/files.ts';
import { openSources } from '../../../scripts/repository/sources.ts';

const kustomization = (...resources: readonly string[]): string =>
  `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n${resources.map((name) => `  - ${name}\n`).join('')}`;

const flux = (name: string, path: string): string => `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: ${name}
  namespace: flux-system
spec:
  interval: 1h
  path: ./${path}
  prune: true
  sourceRef:
    kind: GitRepository
    name: flux-system
`;

const configMap = (name: string, more = ''): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n  namespace: default\n${more}`;

/** Two environments: `one` with web and db, `two` with web alone; both share what base/web holds. */
const repository = (changes: Readonly<Record<string, string>> = {}): Repository =>
  renderRepository(
    openSources(
      openMemory({
        'flux/one/kustomization.yaml': kustomization('web.yaml', 'db.yaml'),
        'flux/one/web.yaml': flux('web', 'base/web'),
        'flux/one/db.yaml': flux('db', 'base/db'),
        'flux/two/kustomization.yaml': kustomization('web.yaml'),
        'flux/two/web.yaml': flux('web', 'base/web'),
        'base/web/kustomization.yaml': kustomization('web.yaml'),
        'base/web/web.yaml': configMap('web'),
        'base/db/kustomization.yaml': kustomization('db.yaml'),
        'base/db/db.yaml': configMap('db'),
        ...changes,
      }),
    ),
  );

const everything: GateOptions = {
  selection: { environments: [], components: [], stages: [] },
  platform: false,
  strict: false,
  today: '2027-01-01',
};
const select = (selection: Partial<GateOptions['selection']>): GateOptions => ({
  ...everything,
  selection: { ...everything.selection, ...selection },
});

/** Both ConfigMaps have a field that does not exist. */
const faulty = {
  'base/web/web.yaml': configMap('web', 'dta: {}\n'),
  'base/db/db.yaml': configMap('db', 'dta: {}\n'),
};

describe('runGate', () => {
  test('counts per environment what is good', () => {
    const { ok, environments, findings } = runGate(repository(), everything);
    expect(findings).toEqual([]);
    expect(ok).toBe(true);
    expect(environments).toEqual([
      {
        name: 'one',
        components: ['db', 'flux-system', 'web'],
        ...{ objects: 4, valid: 4, invalid: 0, skipped: 0 },
        renderMs: expect.any(Number),
      },
      {
        name: 'two',
        components: ['flux-system', 'web'],
        ...{ objects: 2, valid: 2, invalid: 0, skipped: 0 },
        renderMs: expect.any(Number),
      },
    ]);
  });

  test('is red on an error, and counts the object wherever it is deployed', () => {
    const { ok, environments, findings } = runGate(repository(faulty), everything);
    expect(ok).toBe(false);
    expect(findings.map(({ file, line, rule }) => `${rule} ${file}:${line}`)).toEqual([
      'schema/unknown-field base/db/db.yaml:6',
      'schema/unknown-field base/web/web.yaml:6',
    ]);
    expect(environments.map(({ valid, invalid }) => [valid, invalid])).toEqual([
      [2, 2],
      [1, 1],
    ]);
  });

  test('a component narrows findings and counts', () => {
    const { environments, findings } = runGate(repository(faulty), select({ components: ['db'] }));
    expect(findings.map(({ file }) => file)).toEqual(['base/db/db.yaml']);
    expect(environments[0]).toMatchObject({ components: ['db'], objects: 1, invalid: 1 });
  });

  test('an environment narrows them, too: what both share is still found in the second', () => {
    const { environments, findings } = runGate(repository(faulty), select({ environments: ['two'] }));
    expect(findings.map(({ file }) => file)).toEqual(['base/web/web.yaml']);
    expect(environments.map(({ name, invalid }) => [name, invalid])).toEqual([['two', 1]]);
  });

  test('another stage does not look, and says how many objects it skipped', () => {
    const { ok, environments } = runGate(repository(faulty), select({ stages: ['reference'] }));
    expect(ok).toBe(true);
    expect(environments[0]).toMatchObject({ objects: 4, valid: 0, skipped: 4 });
  });

  test('a warning turns only a strict run red', () => {
    const changes = {
      'base/web/kustomization.yaml': `${kustomization('web.yaml')}commonLabels:\n  example.com/a: b\n`,
    };
    const run = runGate(repository(changes), everything);
    expect(run.findings.map(({ rule, severity }) => [rule, severity])).toContainEqual([
      'kustomization/deprecated-field',
      'warning',
    ]);
    expect(run.ok).toBe(true);
    expect(runGate(repository(changes), { ...everything, strict: true }).ok).toBe(false);
  });

  test('the rules of this platform run only on it', () => {
    const general = runGate(repository(), everything).findings;
    const platform = runGate(repository(), { ...everything, platform: true }).findings;
    const own = new Set(
      allStages.flatMap(({ rules }) =>
        rules.filter(({ scope }) => scope === 'infometis').map(({ id }) => id),
      ),
    );
    expect(general).toEqual([]);
    expect(platform.length).toBeGreaterThan(0);
    for (const { rule } of platform) expect(own.has(rule as never), rule).toBe(true);
  });

  test('a waived error leaves the run green and the object valid', () => {
    const waivers = `- rule: schema/unknown-field
  path: base/
  reason: The server of this cluster knows the field.
  owner: "@ops"
  expires: 2027-03-31
`;
    const { ok, environments, findings, waived } = runGate(
      repository({ ...faulty, 'waivers.yaml': waivers }),
      everything,
    );
    expect({ ok, findings }).toEqual({ ok: true, findings: [] });
    expect(waived).toHaveLength(2);
    expect(environments[0]).toMatchObject({ valid: 4, invalid: 0 });
    expect(runGate(repository({ 'waivers.yaml': waivers }), everything).findings).toMatchObject([
      { rule: 'waiver/unused' },
    ]);
    expect(runGate(repository({ 'waivers.yaml': waivers }), select({ components: ['db'] })).findings).toEqual(
      [],
    );
  });

  test('a repository with no environment is red', () => {
    const empty = renderRepository(openSources(openMemory({ 'README.md': '# Nothing\n' })));
    const { ok, findings } = runGate(empty, everything);
    expect(ok).toBe(false);
    expect(findings).toMatchObject([{ rule: 'render/nothing-found', severity: 'error' }]);
  });

  test('an environment that renders no object is red', () => {
    const empty = renderRepository(
      openSources(
        openMemory({
          'flux/one/kustomization.yaml':
            'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: []\n',
        }),
      ),
    );
    expect(runGate(empty, everything).ok).toBe(false);
  });

  test('what was found good is not looked at again, and a fault is found every time', () => {
    const knownGood = openKnownGood(undefined);
    const once = { ...repository(faulty), knownGood };
    const first = runGate(once, everything).findings;
    expect(first).toHaveLength(2);
    expect(runGate({ ...repository(faulty), knownGood }, everything).findings).toEqual(first);
    expect(runGate({ ...repository(), knownGood }, everything).ok).toBe(true);
    expect(runGate({ ...repository(faulty), knownGood }, everything).findings).toEqual(first);
  });
});

test('every rule has an id of its own, and every stage runs once or in parts of one name', () => {
  const ids = allStages.flatMap(({ rules }) => rules.map(({ id }) => id));
  expect(new Set(ids).size).toBe(ids.length);
});
