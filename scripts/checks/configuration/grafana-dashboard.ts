import { describe } from '../../finding.ts';
import { nearestName } from '../../text/nearest.ts';
import { itemsAt, textAt } from '../../yaml/node.ts';
import type { Report, Rule } from '../rule.ts';
import {
  type ConfigFile,
  configFilesOf,
  imageName,
  mainContainers,
  placeIn,
  rootOf,
} from './config-files.ts';
import type { ConfigurationSubject } from './subject.ts';

// Grafana's own, and what a variable of the dashboard chooses.
const builtIn = /^(?:-- .+ --|grafana|__expr__|\$.*)$/;

export const grafanaDashboard: Rule<ConfigurationSubject> = {
  id: 'configuration/grafana-dashboard',
  severity: 'error',
  title: 'Grafana can read its dashboards, each has a uid of its own, and their data sources are provisioned',
  why: 'Grafana leaves out a file that it cannot read, and of two with one uid it loads neither for good; a panel whose data source does not exist stays empty.',
  fix: 'Correct the file; data sources are referred to by their `uid` in config/provisioning.',
  docs: 'https://grafana.com/docs/grafana/v10.0/administration/provisioning/#dashboards',
  scope: 'infometis',
  *check({ index }) {
    for (const workload of index.workloads) {
      if (!mainContainers(workload).some((container) => imageName(container) === 'grafana')) continue;
      const files = configFilesOf(index, workload);
      const sources = new Set(
        files
          .filter(({ text, path }) => /\.ya?ml$/.test(path) && /^datasources:/m.test(text))
          .flatMap((file) => itemsAt(rootOf(file), ['datasources']))
          .flatMap((source) => textAt(source, ['uid']) ?? []),
      );
      const uids = new Map<string, string>();
      for (const file of files)
        if (file.path.endsWith('.json'))
          for (const report of checkFile(file, sources, uids))
            yield { ...report, message: `${describe(workload.object)}: ${report.message}` };
    }
  },
};

function* checkFile(
  file: ConfigFile,
  sources: ReadonlySet<string>,
  uids: Map<string, string>,
): Generator<Report> {
  const { key, object, text } = file;
  const report = (message: string, offset: number): Report => ({
    message: `dashboard \`${key}\` ${message}`,
    at: placeIn(file, Math.max(offset, 0)),
    object,
  });
  let dashboard: unknown;
  try {
    dashboard = JSON.parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    yield report(
      `is no JSON (${message}): Grafana leaves it out`,
      Number(/position (\d+)/.exec(message)?.[1] ?? 0),
    );
    return;
  }
  const uid = (dashboard as { uid?: unknown } | null)?.uid;
  if (typeof uid !== 'string' || uid === '')
    yield report('has no `uid`: its address changes with every import', 0);
  else {
    const other = uids.get(uid);
    const place = text.search(new RegExp(`"uid"\\s*:\\s*"${uid.replaceAll(/[^\w-]/g, '\\$&')}"`));
    if (other !== undefined)
      yield report(`has the uid \`${uid}\`, which \`${other}\` has: the two overwrite each other`, place);
    else uids.set(uid, key);
  }
  if (sources.size === 0) return;
  const told = new Set<string>();
  for (const match of text.matchAll(/"datasource"\s*:\s*\{[^{}]*?"uid"\s*:\s*"([^"]+)"/g)) {
    const name = match[1]!;
    if (sources.has(name) || builtIn.test(name) || told.has(name)) continue;
    told.add(name);
    const nearest = nearestName(name, sources);
    yield report(
      `reads the data source \`${name}\`, which is not provisioned: its panels stay empty${nearest === undefined ? '' : `; did you mean \`${nearest}\`?`}`,
      match.index + match[0].length,
    );
  }
}
