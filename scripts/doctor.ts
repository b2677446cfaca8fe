import './cli/setup.ts';
import { join } from 'node:path';
import { parseArguments, texts } from './cli/arguments.ts';
import { type ExitCode, exitCode, fail, interrupted } from './cli/exit.ts';
import { openProgress } from './cli/progress.ts';
import { connectionOf } from './cluster/arguments.ts';
import { allChecks } from './doctor/checks/index.ts';
import { thisMachine } from './doctor/machine.ts';
import { jsonReport, textReport } from './doctor/report.ts';
import { count, runChecks } from './doctor/run.ts';
import { readTarget } from './doctor/target.ts';
import { openDirectory } from './repository/files.ts';
import { openSources } from './repository/sources.ts';
import { didYouMean } from './text/nearest.ts';

const help = `Looks at the machine that is, or is to be, a k0s node, and at the cluster that kubectl points at: will the environment run
here, and keep its data? It changes nothing. Run it on each node, and before \`npm run bootstrap\`.

Usage: npm run doctor [-- ENVIRONMENT] [OPTIONS]

  ENVIRONMENT          what is to run here (default: prototype)
  --only NAME          only this check (may be given more than once, or as a,b)
  --context NAME       the kubectl context of the cluster (default: the current one)
  --kubeconfig FILE    the kubeconfig with that context (default: as kubectl)
  --json               the results as JSON, on standard output; call it with \`npm run --silent doctor\`
  --help               this text

Checks: ${allChecks.map(({ id }) => id).join(', ')}.

What cannot be looked at is \`unknown\`, with the reason, and never counts as good; as root (\`sudo\`) more can be seen.
Exit codes: 0 no problem, 1 problems, 2 wrong usage, or the repository cannot be rendered, 130 Ctrl-C.
`;

const options = {
  only: { type: 'string', multiple: true },
  context: { type: 'string' },
  kubeconfig: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

const root = join(import.meta.dirname, '..');

async function main(argv: readonly string[]): Promise<ExitCode | typeof interrupted> {
  const parsed = parseArguments(argv, options, true);
  if (!parsed.ok) return fail(parsed.error);
  const { values, positionals } = parsed;
  if (values.help) {
    process.stdout.write(help);
    return exitCode.good;
  }
  const [environment = 'prototype', ...more] = positionals;
  if (more.length > 0)
    return fail({
      message: `one environment at a time, not also ${more.join(', ')}`,
      fix: 'npm run doctor -- prototype',
    });
  const only = texts(values.only);
  const ids = allChecks.map(({ id }) => id);
  const stray = only.find((name) => !ids.includes(name));
  if (stray !== undefined)
    return fail({
      message: `there is no check \`${stray}\`${didYouMean(stray, ids)}`,
      fix: `One of ${ids.join(', ')}.`,
    });

  const progress = openProgress();
  progress.step('Reading what the environment needs …');
  const read = readTarget(openSources(openDirectory(root)), environment);
  if (!read.ok) {
    progress.done();
    return fail(read.error);
  }
  const interruption = new AbortController();
  process.once('SIGINT', () => interruption.abort());
  const machine = thisMachine({
    ...connectionOf(values),
    environment: process.env,
    signal: interruption.signal,
  });
  const chosen = allChecks.filter(({ id }) => only.length === 0 || only.includes(id));
  const reports = await runChecks(chosen, machine, read.target, (title) => progress.step(`${title} …`));
  progress.done();
  if (interruption.signal.aborted) return interrupted;
  process.stdout.write(
    values.json === true
      ? jsonReport(reports, read.target)
      : textReport(reports, read.target, process.stdout.isTTY === true && !process.env.NO_COLOR),
  );
  return count(reports).problem > 0 ? exitCode.findings : exitCode.good;
}

// Set rather than exit(): what is still to be written to a pipe must get out.
process.exitCode = await main(process.argv.slice(2));
