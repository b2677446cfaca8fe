import './cli/setup.ts';
import { join } from 'node:path';
import { parseArguments, text } from './cli/arguments.ts';
import { type ExitCode, exitCode, fail, type interrupted } from './cli/exit.ts';
import { clusterOptions, connectionOf, oneEnvironment, timeoutOf } from './cluster/arguments.ts';
import { openTerminal } from './cluster/terminal.ts';
import { openRepository } from './render/open.ts';
import { teardown } from './teardown/run.ts';

const help = `Takes an environment out of its cluster: what bootstrap and Flux have made, and all its data. It shows the whole list and
asks first.

Usage: npm run teardown -- prototype [OPTIONS]

  --dry-run            show the list and change nothing
  --keep-data          claims, volumes, their directories and the Secrets stay; bootstrap brings the platform back to them
  --node-shell CMD     how to run a command on the node: "ssh root@node", or "sudo" on the node itself
  --context NAME       the kubectl context of the cluster (default: the current one)
  --kubeconfig FILE    the kubeconfig with that context (default: as kubectl)
  --timeout TIME       how long to wait for each thing to go: 90s, 10m (default: 5m)
  --yes                do not ask
  --help               this text

The data lies in directories of the node, which Kubernetes cannot clean. Run on the node as root, this removes exactly the
directories that Git names, follows no symbolic link, and no others; on another machine it goes through --node-shell, or tells
you the command and waits for your word. The Secrets go after the data that they open, never before.

Flux prunes the components; what it does not finish in time is deleted without it. Flux itself goes only where bootstrap has
installed it. Git stays as it is.

It may be run again at any time, after Ctrl-C too. It refuses a cluster of another environment, and small-production.

Exit codes: 0 gone (or a dry run), or nothing was there, 2 wrong usage, something in the way, or not confirmed, 130 Ctrl-C.
`;

const options = {
  ...clusterOptions,
  'dry-run': { type: 'boolean' },
  'keep-data': { type: 'boolean' },
  'node-shell': { type: 'string' },
  timeout: { type: 'string' },
  yes: { type: 'boolean', short: 'y' },
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
  const named = oneEnvironment('teardown', positionals);
  if (!named.ok) return fail(named.error);
  const timeout = timeoutOf(text(values.timeout), '5m');
  if (!timeout.ok) return fail(timeout.error);
  const { progress, surroundings } = openTerminal(root);
  const opened = await openRepository(root, { cache: true, deployed: false, step: progress.step });
  progress.done();
  if (!opened.ok) return fail(opened.error);
  const outcome = await teardown(
    opened.repository,
    {
      environment: named.name,
      ...connectionOf(values),
      keepData: values['keep-data'] === true,
      nodeShell: text(values['node-shell']),
      dryRun: values['dry-run'] === true,
      yes: values.yes === true,
      timeoutMs: timeout.timeoutMs,
    },
    surroundings,
  );
  progress.done();
  return outcome.ok ? outcome.code : fail(outcome.error);
}

// Set rather than exit(): what is still to be written to a pipe must get out.
process.exitCode = await main(process.argv.slice(2));
