import { describe, expect, test } from 'vitest';
import { json } from '../../../scripts/cli/reporters/json.ts';
import { pretty } from '../../../scripts/cli/reporters/pretty.ts';
import { finding, run, warning } from './run.ts';

describe('pretty', () => {
  test('shows the line, the fix, what is waived and a summary', () => {
    expect(
      pretty(run),
    ).toBe(`error schema/unknown-field  unknown field \`replcas\` in the deployment spec; did you mean \`replicas\`?
  checkout/base/web/deployment.yaml:2:3  Deployment shop/web, prototype/web
    2 |   replcas: 2
      |   ^
  fix: write \`replicas\` instead of \`replcas\`

warning kustomization/deprecated-field  \`commonLabels\` is deprecated in kustomize
  checkout/base/web/kustomization.yaml:7:1
  fix: Write \`labels\`.

Waived: 1
  reference/service-selector at checkout/base/web/deployment.yaml:1:3 until 2027-03-31 (@ops): The chart is being replaced.

prototype: 1 component, 3 objects: 2 valid, 1 invalid, 0 skipped
small-production: 2 components, 1 object: 1 valid, 0 invalid, 0 skipped
red: 1 error, 1 warning, 0 info in 1.23 s
`);
  });

  test('is short when all is well', () => {
    const [environment] = run.environments;
    expect(pretty({ ...run, ok: true, findings: [], waived: [], environments: [environment!] })).toBe(
      'prototype: 1 component, 3 objects: 2 valid, 1 invalid, 0 skipped\ngreen: 0 errors, 0 warnings, 0 info in 1.23 s\n',
    );
  });

  test('without color there is no escape sequence, with it there is', () => {
    expect(pretty(run)).not.toContain('\u001B');
    expect(pretty({ ...run, color: true })).toContain('\u001B[');
  });

  test('color changes nothing else', () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequences of colors.
    const plain = pretty({ ...run, color: true }).replace(/\u001B\[\d+m/g, '');
    expect(plain).toBe(pretty(run));
  });

  test('shows a line of a file with CRLF without its carriage return', () =>
    expect(pretty({ ...run, read: () => 'spec:\r\n  replcas: 2\r\n' })).toBe(
      pretty({ ...run, read: () => 'spec:\n  replcas: 2\n' }),
    ));

  test('cuts a long line, and a line that cannot be read is left out', () => {
    const long = pretty({ ...run, read: () => `spec:\n${'x'.repeat(300)}\n` });
    expect(long).toContain(`    2 | ${'x'.repeat(119)}…\n`);
    expect(pretty({ ...run, findings: [{ ...finding, line: 99 }] })).not.toContain('   99 |');
  });
});

describe('json', () => {
  test('has exactly the promised fields', () => {
    const report = JSON.parse(json({ ...run, waived: [] }));
    expect(Object.keys(report)).toEqual(['ok', 'environments', 'findings', 'waived', 'durationMs']);
    expect(report).toEqual({
      ok: false,
      environments: run.environments,
      findings: [finding, warning],
      waived: [],
      durationMs: 1235,
    });
    expect(Object.keys(report.environments[0])).toEqual([
      'name',
      'components',
      'objects',
      'valid',
      'invalid',
      'skipped',
    ]);
    expect(Object.keys(report.findings[0])).toEqual([
      'rule',
      'severity',
      'message',
      'fix',
      'file',
      'line',
      'column',
      'object',
      'environment',
      'component',
    ]);
    expect(Object.keys(report.findings[0].object)).toEqual(['apiVersion', 'kind', 'namespace', 'name']);
  });

  test('says who waived what', () => {
    const [waived] = JSON.parse(json(run)).waived;
    expect(waived).toMatchObject({
      rule: 'reference/service-selector',
      file: finding.file,
      waiver: { reason: 'The chart is being replaced.', owner: '@ops', expires: '2027-03-31' },
    });
  });

  test('is one document with a line feed at its end, whatever color says', () => {
    expect(json({ ...run, color: true })).toBe(json(run));
    expect(json(run).endsWith('}\n')).toBe(true);
  });
});
