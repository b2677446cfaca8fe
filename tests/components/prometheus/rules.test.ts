import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findTool } from '../../../scripts/tools/find.ts';
import { describeWithTools } from '../../cluster/harness/suite.ts';

const root = join(import.meta.dirname, '../../..');
const config = join(root, 'base/prometheus/config');
const files = (directory: string, ending: string): string[] =>
  readdirSync(directory)
    .filter((name) => name.endsWith(ending))
    .map((name) => join(directory, name));

function promtool(...parameters: string[]): string {
  const found = findTool('promtool');
  if (!found.ok) throw new Error(found.reason);
  return execFileSync(found.path, parameters, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

// The alert rules and the configuration that the prototype runs, on Prometheus' own checker.
describeWithTools('Prometheus', ['promtool'], () => {
  test('takes its configuration', () => {
    expect(promtool('check', 'config', '--syntax-only', join(config, 'prometheus.yml'))).toContain('SUCCESS');
  });

  test('takes every rule file', () => {
    const rules = files(join(config, 'rules'), '.yml');
    expect(rules.length).toBeGreaterThan(0);
    expect(promtool('check', 'rules', ...rules)).not.toContain('FAILED');
  });

  test.each(files(import.meta.dirname, '.test.yml').map((file) => [file.slice(root.length + 1), file]))(
    '%s',
    (_, file) => {
      expect(promtool('test', 'rules', file)).toContain('SUCCESS');
    },
  );
});
