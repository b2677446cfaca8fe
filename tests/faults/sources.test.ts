import { expect, test } from 'vitest';
import { check, checkFromScratch } from './check.ts';
import { testFaultsIn } from './fault.ts';
import { kustomizationFaults } from './kustomization.ts';
import { substitutionFaults } from './substitution.ts';
import { yamlFaults } from './yaml.ts';

test('the repository as it is, is green', () => {
  const { ok, findings } = check([]);
  // Digests cannot be known before Renovate looks them up; each environment is warned.
  expect(
    findings.filter(({ severity }) => severity !== 'info').map(({ rule, file }) => [rule, file]),
  ).toEqual([
    ['policy/admission', 'policies/image-digest.yaml'],
    ['policy/admission', 'policies/image-digest.yaml'],
  ]);
  expect(ok).toBe(true);
});

test('what a run reuses changes nothing in its findings', () => {
  const some = [yamlFaults[4], kustomizationFaults[3], substitutionFaults[2]].flatMap((fault) => fault ?? []);
  expect(some).toHaveLength(3);
  for (const { edits } of some) expect(check(edits).findings).toEqual(checkFromScratch(edits).findings);
});

testFaultsIn('prototype', 'yaml', yamlFaults);
testFaultsIn('prototype', 'kustomization and render', kustomizationFaults);
testFaultsIn('prototype', 'substitution', substitutionFaults);
