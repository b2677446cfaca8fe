import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { environmentRoots } from '../../../scripts/flux/discover.ts';
import type { Build, Environment } from '../../../scripts/render/environment.ts';
import type { RenderedObject } from '../../../scripts/render/object.ts';
import { openDirectory } from '../../../scripts/repository/files.ts';
import { openSources } from '../../../scripts/repository/sources.ts';
import type { JsonObject } from '../../../scripts/yaml/node.ts';
import { addOns } from '../harness/add-ons.ts';
import { type ControlPlane, programsOf, startControlPlane } from '../harness/control-plane.ts';
import { describeWithTools, keepLogsOnFailure } from '../harness/suite.ts';
import { breakObject, brokenCasesOf, refusingPolicies } from './broken.ts';
import { earlierStates, renderOne } from './history.ts';
import { customStageKinds, dependenciesOf, keyOf } from './order.ts';
import { defineAbsentKinds, kindsOf, prepare } from './prepare.ts';
import { fieldManager, nameOf, type Reconciliation, reconcile, refusalsOf } from './reconcile.ts';
import { judgeWarnings } from './warnings.ts';

const root = join(import.meta.dirname, '../../..');
const sources = openSources(openDirectory(root));
const environments = environmentRoots(sources).map(({ name }) => name);
const earlierCommits = 3;
const programs = [...programsOf(['flux']), ...addOns];
const rendered = new Map<string, Environment>();
const renderNow = (name: string): Environment => {
  const environment = rendered.get(name) ?? renderOne(sources, name);
  rendered.set(name, environment);
  return environment;
};

test('there are environments to accept', () => expect(environments).toContain('prototype'));

describe.each(environments)('%s', (name) => {
  describeWithTools('on an empty cluster', programs, () => {
    let plane: ControlPlane;
    let environment: Environment;
    let first: Reconciliation;

    beforeAll(async () => {
      environment = renderNow(name);
      plane = await startControlPlane();
      await prepare(plane.client, sources, environment);
      const defined = await defineAbsentKinds(plane.client, kindsOf(environment));
      const started = performance.now();
      first = await reconcile(plane, environment, {
        customStageKinds: customStageKinds(sources, environment),
        // Bootstrap has made namespaces as they are in Git, which Flux would leave at that.
        always: true,
      });
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      console.log(
        `${name}: ${first.outcomes.length} of ${environment.objects.length} objects in ${environment.builds.length} builds, ` +
          `${refusalsOf(first).length} refusals, ${judgeWarnings(name, first.outcomes).allowed} allowed warnings, ${seconds} s` +
          (defined.length > 0 ? `; defined from schemas/: ${defined.join(', ')}` : ''),
      );
    });
    beforeEach(() => keepLogsOnFailure(plane));
    afterAll(() => plane?.stop());

    test('every object is accepted, strictly, from the account that applies it', () => {
      expect(refusalsOf(first)).toEqual([]);
      expect(first.outcomes.map(({ object }) => nameOf(object)).sort()).toEqual(
        environment.objects.map(nameOf).sort(),
      );
    });

    test('the API server warns of nothing but what is allowed', () => {
      const { unexpected, unused } = judgeWarnings(name, first.outcomes);
      expect(unexpected).toEqual([]);
      expect(unused, 'take out of warnings.ts what no longer warns').toEqual([]);
    });

    test('applied again, nothing changes', async () => {
      const second = await reconcile(plane, environment, {
        customStageKinds: customStageKinds(sources, environment),
        always: true,
      });
      expect(refusalsOf(second)).toEqual([]);
      expect(
        second.outcomes.filter(({ action }) => action !== 'unchanged').map(({ object }) => nameOf(object)),
      ).toEqual([]);
      const before = new Map(first.outcomes.map((outcome) => [nameOf(outcome.object), stored(outcome)]));
      expect(before.size).toBe(environment.objects.length);
      const changed = second.outcomes.filter(
        (outcome) => !isDeepStrictEqual(stored(outcome), before.get(nameOf(outcome.object))),
      );
      expect(changed.map(({ object }) => nameOf(object))).toEqual([]);
    });

    test.each(brokenCasesOf(name))('$title is refused: $object', async (brokenCase) => {
      const { intact, broken } = breakObject(environment, brokenCase);
      const options = { fieldManager, dryRun: true };
      expect(await plane.client.apply(intact, options)).toMatchObject({ ok: true });
      const verdict = await plane.client.apply(broken, options);
      const messages = Object.entries(brokenCase.refusals).map(
        ([policy, message]) =>
          `ValidatingAdmissionPolicy '${policy}' with binding '${policy}' denied request: ${message}`,
      );
      expect(messages).toContain(
        verdict.ok ? 'accepted' : verdict.message.replace(/^.*? is forbidden: /, ''),
      );
    });

    test('every policy that refuses has been seen to', () =>
      expect(
        [...new Set(brokenCasesOf(name).flatMap(({ refusals }) => Object.keys(refusals)))].sort(),
      ).toEqual(refusingPolicies(environment).sort()));

    test('an edit of what cannot be edited is refused, but for a Job, which is made anew', async () => {
      const part = {
        ...environment,
        builds: withDependencies(environment, 'nifi').map((build) => ({
          ...build,
          objects: build.objects.map(edited),
        })),
      };
      const result = await reconcile(plane, part, { customStageKinds: new Set() });
      expect(refusalsOf(result)).toEqual([
        expect.stringContaining(
          'nifi: StatefulSet infometis/nifi: StatefulSet.apps "nifi" is invalid: spec: Forbidden',
        ),
      ]);
      expect(
        result.outcomes.filter(({ recreated }) => recreated).map(({ object }) => nameOf(object)),
      ).toEqual(['Job infometis/nifi-setup']);
      // Its Kustomization as a whole is tried out first, so the rest of it stays as it is.
      expect(result.outcomes.filter(({ applied }) => applied !== undefined)).toEqual([]);
    });

    test('what depends on a failure is not begun', async () => {
      const cut = {
        ...environment,
        builds: environment.builds.map((build) =>
          build.component === 'policies'
            ? {
                ...build,
                objects: build.objects.map((object) => ({ ...object, value: { ...object.value, spec: 1 } })),
              }
            : build,
        ),
      };
      const { waiting } = await reconcile(plane, cut, { customStageKinds: new Set() });
      expect(waiting.length).toBe(
        environment.builds.filter((build) => dependenciesOf(build).includes('flux-system/policies')).length,
      );
    });

    test('kinds whose controller cannot be had are defined from schemas/', async () => {
      const alert = 'notification.toolkit.fluxcd.io/v1beta3 Alert';
      await defineAbsentKinds(plane.client, [alert, 'v1 Pod']);
      const object = {
        apiVersion: 'notification.toolkit.fluxcd.io/v1beta3',
        kind: 'Alert',
        metadata: { name: 'alert', namespace: 'default' },
        spec: { providerRef: { name: 'chat' }, eventSources: [{ kind: 'Kustomization', name: '*' }] },
      };
      expect(await plane.client.create(object, { dryRun: true })).toMatchObject({ ok: true });
      const wrong = { ...object, spec: { ...object.spec, eventSeverity: 'loud' } };
      expect(await plane.client.create(wrong, { dryRun: true })).toMatchObject({
        ok: false,
        reason: 'Invalid',
      });
    });
  });

  const earlier = earlierStates(root, sources.files, name, earlierCommits);
  if (earlier.ok)
    describeWithTools('over its earlier states', programs, () => {
      test.each(earlier.states)('$commit', async ({ commit, sources: earlierSources }) => {
        const before = renderOne(earlierSources, name);
        const now = renderNow(name);
        const plane = await startControlPlane();
        try {
          keepLogsOnFailure(plane);
          await prepare(plane.client, sources, now);
          await defineAbsentKinds(plane.client, [...kindsOf(before), ...kindsOf(now)]);
          const old = await reconcile(plane, before, {
            customStageKinds: customStageKinds(earlierSources, before),
            asAdmin: true,
          });
          const upgraded = await reconcile(plane, now, { customStageKinds: customStageKinds(sources, now) });
          // What did not go in then is what a cluster of that time would lack as well.
          console.log(
            `${name} over ${commit}: ${old.outcomes.length} objects before, refused then: ${refusalsOf(old).join('\n') || 'none'}; ` +
              `made anew: ${
                upgraded.outcomes
                  .filter(({ recreated }) => recreated)
                  .map(({ object }) => nameOf(object))
                  .join(', ') || 'none'
              }`,
          );
          expect(refusalsOf(upgraded)).toEqual([]);
          expect(upgraded.outcomes).toHaveLength(now.objects.length);
        } finally {
          await plane.stop();
        }
      });
    });
  else test.skip(`over its earlier states (skipped: ${earlier.reason})`, () => {});
});

/** A component's build and every one that has to be there before it. */
function withDependencies({ builds }: Environment, component: string): readonly Build[] {
  const chosen = new Set(builds.filter((build) => build.component === component));
  // The set grows while it is walked.
  for (const build of chosen)
    for (const dependency of dependenciesOf(build))
      for (const other of builds) if (keyOf(other) === dependency) chosen.add(other);
  return [...chosen];
}

/** With what the API server lets nobody change of a StatefulSet and of a Job. */
function edited(object: RenderedObject): RenderedObject {
  const value = structuredClone(object.value);
  const spec = value['spec'] as JsonObject;
  if (object.kind === 'StatefulSet') spec['serviceName'] = 'another';
  if (object.kind === 'Job') {
    const template = spec['template'] as JsonObject;
    (template['spec'] as JsonObject)['terminationGracePeriodSeconds'] = 1;
  }
  return { ...object, value };
}

/**
 * What the server has, its generation included. Not its resourceVersion: the first write after the making of an object
 * whose status has defaults (a claim, a Flux Kustomization) counts it up, since those are not stored with a new object.
 */
function stored({ applied }: Reconciliation['outcomes'][number]): unknown {
  if (!applied?.ok) return undefined;
  const { metadata, ...own } = applied.object;
  const { resourceVersion: _, ...rest } = metadata;
  return { ...own, metadata: rest };
}
