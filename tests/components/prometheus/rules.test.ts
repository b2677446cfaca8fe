import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { findTool } from '../../../scripts/tools/find.ts';
import { describeWithTools } from '../../cluster/harness/suite.ts';

const root = join(import.meta.dirname, '../../..');
const config = join(root, 'base/prometheus/config');
const secured = join(root, 'components/tls/prometheus/config/prometheus.yml');
const files = (directory: string, ending: string): string[] =>
  readdirSync(directory)
    .filter((name) => name.endsWith(ending))
    .map((name) => join(directory, name));

// What Components add: components/<feature>/prometheus/config/<kind>/*.yml.
const added = (kind: string): string[] =>
  readdirSync(join(root, 'components')).flatMap((feature) => {
    const directory = join(root, 'components', feature, 'prometheus/config', kind);
    return existsSync(directory) ? files(directory, '.yml') : [];
  });

interface Job {
  readonly job_name: string;
  readonly scheme?: string;
  readonly tls_config?: unknown;
  readonly static_configs?: unknown;
  readonly dns_sd_configs?: unknown;
}
const jobsOf = (file: string): Job[] => parse(readFileSync(file, 'utf8')).scrape_configs;

function promtool(...parameters: string[]): string {
  const found = findTool('promtool');
  if (!found.ok) throw new Error(found.reason);
  return execFileSync(found.path, parameters, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

// The alert rules and the configuration of every environment, on Prometheus' own checker.
describeWithTools('Prometheus', ['promtool'], () => {
  test.each([join(config, 'prometheus.yml'), secured])('takes %s', (file) => {
    expect(promtool('check', 'config', '--syntax-only', file)).toContain('SUCCESS');
  });

  test('takes every rule file', () => {
    const rules = [...files(join(config, 'rules'), '.yml'), ...added('rules')];
    expect(added('rules').length).toBeGreaterThan(0);
    expect(promtool('check', 'rules', ...rules)).not.toContain('FAILED');
  });

  test('takes every scrape file beside the main one', () => {
    const scrapes = added('scrape');
    expect(scrapes.length).toBeGreaterThan(0);
    const directory = mkdtempSync(join(tmpdir(), 'infometis-prometheus-'));
    try {
      const main = join(directory, 'prometheus.yml');
      writeFileSync(main, `scrape_config_files: ${JSON.stringify(scrapes)}\n`);
      expect(promtool('check', 'config', '--syntax-only', main)).toContain('SUCCESS');
    } finally {
      rmSync(directory, { recursive: true });
    }
    const names = [secured, ...scrapes].flatMap(jobsOf).map(({ job_name }) => job_name);
    expect(names).toEqual([...new Set(names)]);
  });

  test('the file for TLS has the jobs of the base, which differ in how a target is reached and in nothing else', () => {
    const rest = ({ scheme, tls_config, static_configs, dns_sd_configs, ...other }: Job) => other;
    expect(jobsOf(secured).map(rest)).toEqual(jobsOf(join(config, 'prometheus.yml')).map(rest));
  });

  test.each(files(import.meta.dirname, '.test.yml').map((file) => [file.slice(root.length + 1), file]))(
    '%s',
    (_, file) => {
      expect(promtool('test', 'rules', file)).toContain('SUCCESS');
    },
  );
});
