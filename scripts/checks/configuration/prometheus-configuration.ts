import { describe } from '../../finding.ts';
import { didYouMean } from '../../text/nearest.ts';
import { entriesAt, itemsAt, textAt } from '../../yaml/node.ts';
import type { Report, Rule } from '../rule.ts';
import { type Prometheus, prometheuses } from './prometheus.ts';
import type { ConfigurationSubject } from './subject.ts';

const topFields: ReadonlySet<string> = new Set([
  'alerting',
  'global',
  'remote_read',
  'remote_write',
  'rule_files',
  'scrape_config_files',
  'scrape_configs',
  'storage',
  'tracing',
]);

const globalFields: ReadonlySet<string> = new Set([
  'body_size_limit',
  'evaluation_interval',
  'external_labels',
  'keep_dropped_targets',
  'label_limit',
  'label_name_length_limit',
  'label_value_length_limit',
  'query_log_file',
  'sample_limit',
  'scrape_interval',
  'scrape_timeout',
  'target_limit',
]);

// Of Prometheus 2.47; those that end with _sd_configs are told by their ending.
const jobFields: ReadonlySet<string> = new Set([
  'authorization',
  'basic_auth',
  'body_size_limit',
  'enable_compression',
  'enable_http2',
  'follow_redirects',
  'honor_labels',
  'honor_timestamps',
  'http_headers',
  'job_name',
  'keep_dropped_targets',
  'label_limit',
  'label_name_length_limit',
  'label_value_length_limit',
  'metric_relabel_configs',
  'metrics_path',
  'native_histogram_bucket_limit',
  'no_proxy',
  'oauth2',
  'params',
  'proxy_connect_header',
  'proxy_from_environment',
  'proxy_url',
  'relabel_configs',
  'sample_limit',
  'scheme',
  'scrape_classic_histograms',
  'scrape_interval',
  'scrape_timeout',
  'static_configs',
  'target_limit',
  'tls_config',
  'track_timestamps_staleness',
]);

export const prometheusConfiguration: Rule<ConfigurationSubject> = {
  id: 'configuration/prometheus-configuration',
  severity: 'error',
  title: 'Prometheus can read its configuration, and every file that it includes is there',
  why: 'Prometheus does not start over a line that it cannot read, and with a rule file that is not there nothing is ever alerted.',
  fix: 'Correct the field; job names are unique over all files.',
  docs: 'https://prometheus.io/docs/prometheus/2.47/configuration/configuration/',
  scope: 'infometis',
  *check({ index }) {
    for (const prometheus of prometheuses(index)) {
      const title = describe(prometheus.workload.object);
      for (const report of checkOne(prometheus)) yield { ...report, message: `${title}: ${report.message}` };
    }
  },
};

function* checkOne({ main, scrapes, rules, jobs }: Prometheus): Generator<Report> {
  for (const { file, root, problems } of [...(main ? [main] : []), ...scrapes]) {
    const object = file.object;
    for (const { message, origin } of problems)
      yield { message: `\`${file.key}\` cannot be read: ${message}`, at: origin, object };
    for (const [field, { origin }] of entriesAt(root, ['global']))
      if (!globalFields.has(field))
        yield {
          message: `\`global\` of \`${file.key}\` has a field \`${field}\`, which Prometheus does not know: it does not start${didYouMean(field, globalFields)}`,
          at: origin,
          object,
        };
    for (const [field, { origin }] of entriesAt(root, []))
      if (!topFields.has(field))
        yield {
          message: `\`${file.key}\` has a field \`${field}\`, which Prometheus does not know: it does not start${didYouMean(field, topFields)}`,
          at: origin,
          object,
        };
  }
  const seen = new Set<string>();
  for (const { name, node, file } of jobs) {
    const { object } = file;
    if (textAt(node, ['job_name']) === undefined)
      yield {
        message: `a job of \`${file.key}\` has no \`job_name\`: it does not start`,
        at: node.origin,
        object,
      };
    else if (seen.has(name))
      yield { message: `two jobs are named \`${name}\`: it does not start`, at: node.origin, object };
    seen.add(name);
    for (const [field, { origin }] of entriesAt(node, []))
      if (!jobFields.has(field) && !field.endsWith('_sd_configs'))
        yield {
          message: `job \`${name}\` has a field \`${field}\`, which Prometheus does not know: it does not start${didYouMean(field, jobFields)}`,
          at: origin,
          object,
        };
  }
  if (!main) return;
  for (const [field, files] of [
    ['rule_files', rules],
    ['scrape_config_files', scrapes],
  ] as const)
    for (const item of itemsAt(main.root, [field])) {
      const pattern = textAt(item, []);
      // A pattern for files that Components may add is allowed to fit none; rules are never meant to be none.
      if (pattern === undefined || (field === 'scrape_config_files' && pattern.includes('*'))) continue;
      const last = new RegExp(
        `^${pattern
          .replace(/^.*\//, '')
          .replaceAll(/[.+^$()|[\]{}\\]/g, '\\$&')
          .replaceAll('*', '.*')
          .replaceAll('?', '.')}$`,
      );
      if (!files.some(({ file }) => last.test(file.path.replace(/^.*\//, ''))))
        yield {
          message: `\`${field}\` includes \`${pattern}\`, and no mounted file fits`,
          at: item.origin,
          object: main.file.object,
        };
    }
}
