import { expect, test } from 'vitest';
import { check } from './check.ts';
import { testFaults } from './fault.ts';
import { kustomizationFaults } from './kustomization.ts';
import { substitutionFaults } from './substitution.ts';
import { yamlFaults } from './yaml.ts';

test('the repository as it is, is green', () => {
  const { ok, findings } = check([]);
  expect(findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
  expect(ok).toBe(true);
});

testFaults('yaml', yamlFaults);
testFaults('kustomization and render', kustomizationFaults);
testFaults('substitution', substitutionFaults);
