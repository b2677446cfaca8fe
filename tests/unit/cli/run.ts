import type { Run } from '../../../scripts/cli/reporters/reporter.ts';
import type { Finding } from '../../../scripts/finding.ts';

export const finding: Finding = {
  rule: 'schema/unknown-field',
  severity: 'error',
  message: 'unknown field `replcas` in the deployment spec; did you mean `replicas`?',
  fix: 'write `replicas` instead of `replcas`',
  file: 'base/web/deployment.yaml',
  line: 2,
  column: 3,
  object: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web' },
  environment: 'prototype',
  component: 'web',
};

export const warning: Finding = {
  rule: 'kustomization/deprecated-field',
  severity: 'warning',
  message: '`commonLabels` is deprecated in kustomize',
  fix: 'Write `labels`.',
  file: 'base/web/kustomization.yaml',
  line: 7,
  column: 1,
};

/** A run with one error, one warning and one waived error. */
export const run: Run = {
  ok: false,
  environments: [
    { name: 'prototype', components: ['web'], objects: 3, valid: 2, invalid: 1, skipped: 0 },
    { name: 'small-production', components: ['db', 'web'], objects: 1, valid: 1, invalid: 0, skipped: 0 },
  ],
  findings: [finding, warning],
  waived: [
    {
      finding: { ...finding, rule: 'reference/service-selector', line: 1 },
      waiver: {
        rule: 'reference/service-selector',
        path: 'base/web/',
        reason: 'The chart is being replaced.',
        owner: '@ops',
        expires: '2027-03-31',
        origin: { file: 'waivers.yaml', line: 1, column: 3 },
      },
    },
  ],
  durationMs: 1234.56,
  read: ({ file }) => (file === finding.file ? 'spec:\n  replcas: 2\n' : undefined),
  place: (file) => `checkout/${file}`,
  color: false,
};
