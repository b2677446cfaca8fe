import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Repository } from '../../../scripts/render/environment.ts';
import { openRepository } from '../../../scripts/render/open.ts';
import { type ControlPlane, programsOf, startControlPlane } from '../harness/control-plane.ts';
import { describeWithTools, keepLogsOnFailure } from '../harness/suite.ts';
import { type Case, kindOf, type Seed } from './case.ts';
import { generate } from './generate.ts';
import { knownCause, knownDifferences } from './known-differences.ts';
import { type Measurement, measure } from './measure.ts';
import { measurePodSecurity, podsOf } from './pod-security.ts';
import { measurePolicies, policyCases } from './policies.ts';
import { randomFor } from './random.ts';
import { agreementOf, percent, printMeasurement, type Report, reportOf } from './report.ts';
import { openSchemas } from './schema.ts';
import { renderedSeeds, writtenSeeds } from './seeds.ts';
import { prepareServer } from './verdicts.ts';

/** AGREEMENT=full runs every case; otherwise a part of the same ones, for every day. */
const full = process.env['AGREEMENT'] === 'full';
const seed = 1;
const allCases = 12_000;
const sampled = 1_500;
const pods = full ? 1_000 : 100;
const policyObjects = full ? 1_300 : 150;

/** What was reached; it may only go up. Of all cases, and of those of kinds that the environments deploy. */
const floor = { all: 0.999, deployed: 0.999 };

describeWithTools('agreement of the gate with the API server', programsOf(), () => {
  let plane: ControlPlane;
  let repository: Repository;
  let seeds: readonly Seed[];
  let cases: readonly Case[];
  let measurement: Measurement;
  let report: Report;

  beforeAll(async () => {
    const opened = await openRepository(join(import.meta.dirname, '../../..'), {
      cache: true,
      deployed: false,
    });
    if (!opened.ok) throw new Error(opened.error.message);
    ({ repository } = opened);
    seeds = [...writtenSeeds(), ...renderedSeeds(repository)];
    const all = generate(openSchemas(), seeds, { seed, cases: allCases });
    cases = full ? all : sample(all);
    plane = await startControlPlane();
    await prepareServer(plane.client);
    measurement = await measure(plane.client, cases);
    report = reportOf(measurement.gate);
    console.log(`seed ${seed}\n${printMeasurement(measurement)}`);
  }, 600_000);

  afterAll(() => plane?.stop());

  test('the generator makes the same cases each time, over every kind', () => {
    const schemas = openSchemas();
    const once = (): Case[] => generate(schemas, writtenSeeds(), { seed, cases: 300 });
    expect(once()).toEqual(once());
    expect(new Set(seeds.map(({ kind }) => kind))).toEqual(new Set(schemas.kinds));
    expect(cases.length).toBe(full ? allCases : sampled);
    expect(new Set(cases.map(({ id, object }) => id + JSON.stringify(object))).size).toBe(cases.length);
  });

  test('server and gate take every seed', () => {
    keepLogsOnFailure(plane);
    const refused = report.differences.filter(({ family }) => family === 'seed');
    expect(refused).toEqual([]);
    // Both refusing a seed would say nothing of the cases that are made from it.
    expect(report.byFamily['seed']?.['both refuse'] ?? 0).toBe(0);
  });

  test(`they agree on at least ${percent(floor.all)} of the cases`, () => {
    expect(report.agreement).toBeGreaterThanOrEqual(floor.all);
    const deployed = new Set(renderedSeeds(repository).map(({ kind }) => kind));
    const rows = Object.entries(report.byKind).flatMap(([kind, counts]) =>
      deployed.has(kind) ? [counts] : [],
    );
    expect(agreementOf(rows)).toBeGreaterThanOrEqual(floor.deployed);
  });

  test('the gate refuses nothing that the server takes', () => {
    expect(report.differences.filter(({ outcome }) => outcome === 'false rejection')).toEqual([]);
  });

  test('every difference is known', () => {
    const unknown = report.differences.filter((one) => knownCause(one) === undefined);
    expect(unknown.map(({ id, server, checker }) => ({ id, server, checker }))).toEqual([]);
  });

  test('no known difference is gone', async () => {
    keepLogsOnFailure(plane);
    const examples = knownDifferences.map(({ example, cause }): Case => {
      return { id: cause, kind: kindOf(example), family: 'known', description: cause, object: example };
    });
    const { differences } = reportOf((await measure(plane.client, examples)).gate);
    const found = new Map(differences.map((one) => [one.id, knownCause(one)]));
    for (const known of knownDifferences) expect(found.get(known.cause), known.cause).toBe(known);
  });

  test('the gate is at least as near to the server as kubeconform, on the same cases', ({ skip }) => {
    const { kubeconform } = measurement;
    if (!kubeconform.ok) return skip(kubeconform.reason);
    const theirs = reportOf(kubeconform.results);
    expect(theirs.cases).toBe(cases.length);
    expect(theirs.compared).toBe(report.compared);
    // It had a schema for every kind, and could read it.
    const { kinds } = openSchemas();
    const without = kubeconform.results.filter(
      ({ case: { object }, checker }) =>
        !checker.accepts && checker.message.includes('find schema') && kinds.includes(kindOf(object)),
    );
    expect(without.map(({ case: { id } }) => id)).toEqual([]);
    expect(report.agreement).toBeGreaterThanOrEqual(theirs.agreement);
  });

  test('Pod Security: verdict and message are the server’s', async () => {
    keepLogsOnFailure(plane);
    const security = await measurePodSecurity(plane.client, podsOf(seeds, seed, pods));
    console.log(
      `Pod Security: ${security.pods} pods, ${security.verdicts} verdicts, ${security.refused} refusals, ` +
        `${security.differences.length} differences`,
    );
    expect(security.differences).toEqual([]);
    expect(security.pods).toBeGreaterThanOrEqual(full ? 500 : 50);
    expect(security.refused).toBeGreaterThan(security.verdicts / 10);
  }, 300_000);

  test('policies: verdict and message are the server’s', async () => {
    keepLogsOnFailure(plane);
    for (const environment of repository.environments) {
      const policies = await measurePolicies(
        plane.client,
        environment,
        policyCases(environment, seed, policyObjects),
      );
      console.log(
        `policies of ${environment.name}: ${policies.objects} objects, ${policies.denied} denied, ` +
          `${policies.differences.length} differences; violations ${JSON.stringify(policies.violations)}`,
      );
      expect(policies.differences).toEqual([]);
      expect(policies.objects).toBeGreaterThanOrEqual(full ? 1_000 : 100);
      expect(policies.denied).toBeGreaterThan(0);
      // A policy that nothing breaks has not been compared.
      if (full) expect(policies.policies.filter((name) => !policies.violations[name])).toEqual([]);
    }
  }, 300_000);
});

/** Every seed, and of the other cases a random part that is the same each time. */
function sample(all: readonly Case[]): Case[] {
  const random = randomFor(seed, 'sample');
  const [first, rest] = [
    all.filter(({ family }) => family === 'seed'),
    all.filter(({ family }) => family !== 'seed'),
  ];
  return [...first, ...random.shuffle(rest)].slice(0, sampled);
}
