import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findTool } from '../../../scripts/tools/find.ts';
import { describeWithTools } from '../../cluster/harness/suite.ts';

const root = join(import.meta.dirname, '../../..');
const base = join(root, 'base/alertmanager/config/alertmanager.yml');
const webhook = join(root, 'components/alert-webhook/alertmanager/config/alertmanager.yml');

function amtool(...parameters: string[]): string {
  const found = findTool('amtool');
  if (!found.ok) throw new Error(found.reason);
  return execFileSync(found.path, parameters, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

// The configuration of every environment, on Alertmanager's own checker.
describeWithTools('Alertmanager', ['amtool'], () => {
  test.each([base, webhook])('takes %s', (file) => {
    expect(amtool('check-config', file)).toContain('SUCCESS');
  });

  test.each([
    ['alertname=Watchdog', 'severity=none'],
    ['alertname=KafkaDown', 'severity=critical'],
    ['alertname=TargetDown', 'severity=warning'],
    ['alertname=NodeExporterCollectorFailing', 'severity=info'],
  ])('production tells somebody of %s, %s', (...labels) => {
    expect(amtool('config', 'routes', 'test', `--config.file=${webhook}`, ...labels).trim()).toBe('webhook');
  });
});
