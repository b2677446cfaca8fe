import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { fluxNamespace } from '../../../scripts/cluster/names.ts';
import { renderDeployed } from '../../../scripts/render/deployed.ts';
import type { Build } from '../../../scripts/render/environment.ts';
import { renderRepository } from '../../../scripts/render/render.ts';
import { openCommit } from '../../../scripts/repository/commit.ts';
import { openDirectory } from '../../../scripts/repository/files.ts';
import { openSources } from '../../../scripts/repository/sources.ts';
import { edit, replace } from '../../faults/overlay-files.ts';
import { addOns } from '../harness/add-ons.ts';
import { programsOf } from '../harness/control-plane.ts';
import { describeWithTools, keepLogsOnFailure } from '../harness/suite.ts';
import { disagreements } from '../reconciliation/agreement.ts';
import {
  type DeployedEnvironment,
  deployEnvironment,
  parts,
  type Site,
} from '../reconciliation/deployed-environment.ts';
import { eventually } from '../reconciliation/eventually.ts';
import { allReady, fetchNow, reconcile } from '../reconciliation/flux-objects.ts';
import { encryptionPrograms, smallProductionSite } from '../reconciliation/small-production-site.ts';
import { changed } from '../reconciliation/workloads.ts';

const root = join(import.meta.dirname, '../../..');

/** What the promoted component needs, and one that nobody promotes. */
const kept = [
  'secrets',
  'namespace',
  'policies',
  'cert-manager',
  'certificates',
  'kafka-exporter',
  'kube-state-metrics',
];
const pinned = kept.filter((name) => name !== 'secrets');

const site: Site = {
  ...smallProductionSite,
  async prepare(copy, scratch) {
    const key = await smallProductionSite.prepare(copy, scratch);
    const file = join(copy.directory, 'flux/small-production/kustomization.yaml');
    const text = readFileSync(file, 'utf8');
    writeFileSync(
      file,
      text.replaceAll(/^ {2}- ([\w-]+)\.yaml\n/gm, (line, name: string) => (kept.includes(name) ? line : '')),
    );
    return key;
  },
};

vi.setConfig({ testTimeout: 300_000 });

// One cluster lives through all of it, in this order, as a cluster does.
describeWithTools(
  'promotion to small-production, applied by Flux',
  [...programsOf(parts), ...addOns, ...encryptionPrograms],
  () => {
    let environment: DeployedEnvironment;
    let first: string;
    let merged: string;
    let atFirst: ReadonlyMap<string, string>;
    let firstImage: string | undefined;

    beforeAll(async () => {
      environment = await deployEnvironment(root, 'small-production', site);
      first = environment.served.first;
    });
    beforeEach(() => keepLogsOnFailure(environment.plane));
    afterAll(() => environment?.stop());

    describe('the first pins', () => {
      test('follow what runs, and change nothing', async () => {
        await allReady(environment.client, first, [fluxNamespace, ...kept]);
        atFirst = await objects();
        expect(atFirst.size).toBeGreaterThan(20);
        firstImage = await imageOf('kafka-exporter');
        // Without most of its components the environment is red by itself.
        const { status, stdout } = promote('--all', '--allow', 'gate');
        expect(stdout).toContain('small-production: no change');
        expect(status).toBe(0);
        await deployed('Pins', new Map(pinned.map((name) => [name, first])));
        expect(changed(atFirst, await objects())).toEqual([]);
      });
    });

    describe('a merge to main', () => {
      test('does not reach what is pinned', async () => {
        merged = environment.served.commit('A newer kafka-exporter', [
          edit('base/kafka-exporter/kustomization.yaml', (text) =>
            text.replace(/newTag: .*/, 'newTag: v1.999.0'),
          ),
          edit('base/kube-state-metrics/kustomization.yaml', (text) =>
            text.replace(/newTag: .*/, 'newTag: v2.999.0'),
          ),
        ]);
        await fetchNow(environment.client);
        await allReady(environment.client, merged, [fluxNamespace, 'secrets']);
        // Asked once more: even a component that looks again finds nothing new.
        for (const name of ['kafka-exporter', 'kube-state-metrics'])
          await reconcile(environment.client, name);
        await allReady(environment.client, first, pinned);
        expect(changed(atFirst, await objects())).toEqual([]);
      });

      test('is told by --status', () => {
        const { components } = JSON.parse(promote('--status', '--format', 'json').stdout) as {
          components: { component: string; differs: boolean; images: string[] }[];
        };
        expect(
          components
            .filter(({ differs }) => differs)
            .map(({ component, images }) => [component, images.length]),
        ).toEqual([
          ['kube-state-metrics', 1],
          ['kafka-exporter', 1],
        ]);
      });
    });

    describe('a promotion', () => {
      test('is refused while its commit has not soaked, and writes nothing', () => {
        const { status, stdout, stderr } = promote('kafka-exporter', '--to', merged);
        expect(stdout).toMatch(/refused not-soaked {2}commit \w{8} reached origin\/main/);
        expect(stderr).toContain('Nothing was written');
        expect(status).toBe(1);
      });

      test('changes the objects of its component, and no other', async () => {
        const { status } = promote('kafka-exporter', '--to', merged, '--allow', 'not-soaked');
        expect(status).toBe(0);
        await deployed(
          'Promote kafka-exporter',
          new Map(pinned.map((name) => [name, name === 'kafka-exporter' ? merged : first])),
        );
        expect(changed(atFirst, await objects())).toEqual(['Deployment infometis/kafka-exporter']);
        expect(await imageOf('kafka-exporter')).toMatch(/:v1\.999\.0$/);
        expect(await imageOf('kube-state-metrics')).not.toMatch(/:v2\.999\.0$/);
      });

      test('is refused where it is dangerous, as the API server would refuse it', async () => {
        const labels = '      app.kubernetes.io/name: kafka-exporter\n';
        const bad = environment.served.commit('Another selector', [
          replace(
            'base/kafka-exporter/deployment.yaml',
            `    matchLabels:\n${labels}  template:\n    metadata:\n      labels:\n  ${labels}`,
            `    matchLabels:\n${labels}      example.com/tier: metrics\n  template:\n    metadata:\n      labels:\n  ${labels}        example.com/tier: metrics\n`,
          ),
        ]);
        const pinFile = join(environment.served.directory, 'flux/small-production/kafka-exporter.yaml');
        const before = readFileSync(pinFile, 'utf8');
        const { status, stdout } = promote('kafka-exporter', '--to', bad, '--allow', 'not-soaked');
        expect(stdout).toMatch(
          /refused immutable-field {2}Deployment infometis\/kafka-exporter: .*\n {2}base\/kafka-exporter\/deployment\.yaml:\d+ at \w{8}\n/,
        );
        expect(status).toBe(1);
        expect(readFileSync(pinFile, 'utf8')).toBe(before);
        const verdict = await environment.client.mergePatch(
          { ...deploymentKind, namespace: 'infometis', name: 'kafka-exporter' },
          { spec: { selector: { matchLabels: { 'example.com/tier': 'metrics' } } } },
          { dryRun: true },
        );
        expect(verdict).toMatchObject({ ok: false, message: expect.stringContaining('field is immutable') });
      });

      test('is taken back by --rollback', async () => {
        const { status } = promote('kafka-exporter', '--rollback');
        expect(status).toBe(0);
        await deployed('Roll kafka-exporter back', new Map(pinned.map((name) => [name, first])));
        expect(await imageOf('kafka-exporter')).toBe(firstImage);
        expect(changed(atFirst, await objects())).toEqual(['Deployment infometis/kafka-exporter']);
      });
    });

    const deploymentKind = { apiVersion: 'apps/v1', kind: 'Deployment' };

    /** As a person runs it in a clone of the served repository. */
    const promote = (...parameters: string[]) =>
      spawnSync(
        process.execPath,
        [join(root, 'scripts/run.mjs'), 'promote', '--root', environment.served.directory, ...parameters],
        { encoding: 'utf8', env: { ...process.env, CI: '1', NO_COLOR: '1' } },
      );

    /** Commits what was promoted and waits until each component is Ready at its pin, and the cluster holds what the gate renders. */
    async function deployed(message: string, pins: ReadonlyMap<string, string>): Promise<void> {
      const { client, served } = environment;
      const commit = served.commit(message, []);
      await fetchNow(client);
      await allReady(client, commit, [fluxNamespace, 'secrets']);
      for (const pin of new Set(pins.values()))
        await allReady(
          client,
          pin,
          [...pins].filter(([, own]) => own === pin).map(([name]) => name),
        );
      await eventually('what is rendered', async () =>
        (await disagreements(client, mix(pins))).map((problem) => JSON.stringify(problem)),
      );
    }

    /** What the gate says that runs. */
    function mix(pins: ReadonlyMap<string, string>): readonly Build[] {
      const { directory } = environment.served;
      const sources = openSources(openDirectory(directory));
      const { environments } = renderRepository(sources, { environments: ['small-production'] });
      const rendered = renderDeployed(sources, environments, {
        openPin: (commit) => openCommit(directory, commit),
        parsed: new Map(),
      });
      if (!rendered.ok) throw new Error(rendered.error.message);
      const [found] = rendered.deployed;
      expect(found?.pins).toEqual(pins);
      return found!.environment.builds.filter(({ failures }) => failures.length === 0);
    }

    /** Every object of the components, by what changes when Flux writes it. */
    async function objects(): Promise<ReadonlyMap<string, string>> {
      const owned = environment.builds
        .filter(({ component }) => pinned.includes(component))
        .flatMap((build) => build.objects);
      const entries = await Promise.all(
        owned.map(async ({ apiVersion, kind, namespace, name }) => {
          const { metadata } = (await environment.client.get({ apiVersion, kind, namespace, name })) ?? {};
          return [
            `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`,
            // What counts generations changes its version with its status, too.
            `${metadata?.uid} ${metadata?.generation ?? metadata?.resourceVersion}`,
          ] as const;
        }),
      );
      return new Map(entries);
    }

    async function imageOf(name: string): Promise<string | undefined> {
      const deployment = await environment.client.get({ ...deploymentKind, namespace: 'infometis', name });
      const spec = deployment?.['spec'] as
        | { template: { spec: { containers: { image: string }[] } } }
        | undefined;
      return spec?.template.spec.containers[0]?.image;
    }
  },
);
