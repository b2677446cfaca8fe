import { describe } from '../../finding.ts';
import { didYouMean } from '../../text/nearest.ts';
import { entriesAt, itemsAt, type Node, textAt } from '../../yaml/node.ts';
import type { Report, Rule } from '../rule.ts';
import { configFilesOf, imageName, mainContainers } from './config-files.ts';
import { argumentsOf } from './kafka-clients.ts';
import { type ParsedFile, parsed } from './prometheus.ts';
import type { ConfigurationSubject } from './subject.ts';

const topFields: ReadonlySet<string> = new Set([
  'global',
  'inhibit_rules',
  'mute_time_intervals',
  'receivers',
  'route',
  'templates',
  'time_intervals',
]);

export const alertmanagerConfiguration: Rule<ConfigurationSubject> = {
  id: 'configuration/alertmanager-configuration',
  severity: 'error',
  title: 'Alertmanager can read its configuration, and every route leads to a receiver',
  why: 'Alertmanager does not start over an unknown field or a receiver that is not defined: no alert reaches anybody.',
  fix: 'Correct the name, or define the receiver.',
  docs: 'https://prometheus.io/docs/alerting/0.26/configuration/',
  scope: 'infometis',
  *check({ index }) {
    for (const workload of index.workloads)
      for (const container of mainContainers(workload)) {
        if (imageName(container) !== 'alertmanager') continue;
        const named = argumentsOf(workload, container).find(({ key }) => key === '--config.file')?.value;
        const name = (named ?? 'alertmanager.yml').replace(/^.*\//, '');
        const file = configFilesOf(index, workload).find(({ path }) => path.replace(/^.*\//, '') === name);
        if (file)
          for (const report of checkFile(parsed(file)))
            yield { ...report, message: `${describe(workload.object)}: ${report.message}` };
      }
  },
};

function* checkFile({ file, root, problems }: ParsedFile): Generator<Report> {
  const report = (message: string, node: { readonly origin: Node['origin'] }): Report => ({
    message,
    at: node.origin,
    object: file.object,
  });
  for (const { message, origin } of problems)
    yield report(`\`${file.key}\` cannot be read: ${message}`, { origin });
  if (!root) return;
  for (const [field, entry] of entriesAt(root, []))
    if (!topFields.has(field))
      yield report(
        `\`${file.key}\` has a field \`${field}\`, which Alertmanager does not know: it does not start${didYouMean(field, topFields)}`,
        entry,
      );
  const receivers = new Set<string>();
  for (const receiver of itemsAt(root, ['receivers'])) {
    const name = textAt(receiver, ['name']);
    if (name === undefined) yield report('a receiver has no name: it does not start', receiver);
    else if (receivers.has(name))
      yield report(`two receivers are named \`${name}\`: it does not start`, receiver);
    else receivers.add(name);
  }
  const intervals = new Set(
    ['time_intervals', 'mute_time_intervals'].flatMap((list) =>
      itemsAt(root, [list]).flatMap((item) => textAt(item, ['name']) ?? []),
    ),
  );
  const route = entriesAt(root, []).get('route');
  if (!route) yield report(`\`${file.key}\` has no \`route\`: it does not start`, root);
  else {
    if (textAt(route.value, ['receiver']) === undefined)
      yield report('the first route has no `receiver`: it does not start', route);
    yield* checkRoute(route.value, receivers, intervals, report);
  }
}

function* checkRoute(
  route: Node,
  receivers: ReadonlySet<string>,
  intervals: ReadonlySet<string>,
  report: (message: string, node: { readonly origin: Node['origin'] }) => Report,
): Generator<Report> {
  const entry = entriesAt(route, []).get('receiver');
  const receiver = entry && textAt(entry.value, []);
  if (entry && receiver !== undefined && !receivers.has(receiver))
    yield report(
      `a route leads to the receiver \`${receiver}\`, which is not defined: it does not start${didYouMean(receiver, receivers)}`,
      entry,
    );
  for (const list of ['mute_time_intervals', 'active_time_intervals'])
    for (const item of itemsAt(route, [list])) {
      const name = textAt(item, []);
      if (name !== undefined && !intervals.has(name))
        yield report(
          `a route names the time interval \`${name}\`, which is not defined: it does not start${didYouMean(name, intervals)}`,
          item,
        );
    }
  for (const inner of itemsAt(route, ['routes'])) yield* checkRoute(inner, receivers, intervals, report);
}
