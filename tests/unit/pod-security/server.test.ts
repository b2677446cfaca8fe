import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { syncAppArmor } from '../../../scripts/kubernetes/admission/prepare.ts';
import { defaultObject, type JsonObject } from '../../../scripts/kubernetes/defaults/index.ts';
import { evaluatePod, policyOf, violationMessage } from '../../../scripts/kubernetes/pod-security/index.ts';
import { loadSchemas } from '../../../scripts/kubernetes/schema/index.ts';

/** An object made in a namespace with these labels, and the words of kube-apiserver 1.36.3. */
interface Case {
  readonly labels: Readonly<Record<string, string>>;
  readonly object: JsonObject;
  readonly refused: string;
  readonly warned: readonly string[];
}

const schemas = loadSchemas(join(import.meta.dirname, '../../../schemas'));
const cases = JSON.parse(
  readFileSync(join(import.meta.dirname, 'fixtures/server-verdicts.json'), 'utf8'),
) as Case[];

const at = (object: JsonObject, ...path: string[]): JsonObject =>
  path.reduce((current, key) => (current[key] ?? {}) as JsonObject, object);

const templatePath = (kind: unknown): string[] =>
  kind === 'Pod'
    ? []
    : kind === 'CronJob'
      ? ['spec', 'jobTemplate', 'spec', 'template']
      : ['spec', 'template'];

test.each(cases.map((one, index) => [index, String(one.object['kind']), one] as const))(
  'case %i, a %s',
  (_, kind, { labels, object, refused, warned }) => {
    const full = defaultObject(
      schemas.store,
      schemas.store.kind(`${object['apiVersion']} ${object['kind']}`)!,
      object,
    );
    const template = at(full, ...templatePath(kind));
    const annotations = at(template, 'metadata', 'annotations');
    const spec = at(template, 'spec');
    if (kind === 'Pod') syncAppArmor(annotations, spec);
    const pod = { annotations: annotations as Record<string, string>, spec };
    const { enforce, warn } = policyOf(labels).modes;
    const enforced = kind === 'Pod' ? evaluatePod(enforce, pod) : [];
    expect(enforced.length > 0 ? violationMessage(enforce, enforced) : '').toBe(refused);
    const lenient = enforced.length > 0 ? [] : evaluatePod(warn, pod);
    const words =
      lenient.length > 0 ? [`would ${violationMessage(warn, lenient).replace('violates', 'violate')}`] : [];
    expect(words).toEqual(warned);
  },
);

test('levels are refused and let pass', () => {
  expect(cases.filter(({ refused }) => refused !== '').length).toBeGreaterThan(10);
  expect(cases.filter(({ refused }) => refused === '').length).toBeGreaterThan(10);
});

test('labels that are no levels: enforce falls to restricted, audit and warn to nothing', () => {
  const policy = policyOf({
    'pod-security.kubernetes.io/enforce': 'high',
    'pod-security.kubernetes.io/audit': 'high',
    'pod-security.kubernetes.io/warn-version': '1.36',
  });
  expect(policy.modes.enforce).toEqual({ level: 'restricted', version: 'latest' });
  expect(policy.modes.audit.level).toBe('privileged');
  expect(policy.invalid.map(({ label }) => label)).toEqual([
    'pod-security.kubernetes.io/enforce',
    'pod-security.kubernetes.io/audit',
    'pod-security.kubernetes.io/warn-version',
  ]);
});
