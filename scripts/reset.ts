import './cli/setup.ts';
import { join } from 'node:path';
import { parseArguments, text } from './cli/arguments.ts';
import { type ExitCode, exitCode, fail, type interrupted } from './cli/exit.ts';
import { clusterOptions, connectionOf, oneEnvironment, timeoutOf } from './cluster/arguments.ts';
import { openTerminal } from './cluster/terminal.ts';
import { openRepository } from './render/open.ts';
import { reset } from './reset/run.ts';

const help = `Empties one store: its workloads stop, its claims, volumes and directories on the node are removed, and Flux makes all of it
again. It says what is lost and asks first.

Usage: npm run reset -- prototype COMPONENT [OPTIONS]

  --dry-run            show what would be lost and change nothing
  --node-shell CMD     how to run a command on the node: "ssh root@node", or "sudo" on the node itself
  --context NAME       the kubectl context of the cluster (default: the current one)
  --kubeconfig FILE    the kubeconfig with that context (default: as kubectl)
  --timeout TIME       how long to wait for each thing to go, and for the component: 90s, 20m (default: 15m)
  --yes                do not ask
  --help               this text

A volume of the prototype whose claim was deleted is Released and fits no other; this is also what puts that right. The data
lies in directories of the node: run this there as root, or through --node-shell, or type the command that it tells you. It
follows no symbolic link. The component's Secrets stay as they are.

Flux leaves the component alone meanwhile and takes it up again in the end, after Ctrl-C too. It may be run again at any time.
It refuses a cluster of another environment, a component that somebody has suspended, and small-production.

Example:
  npm run reset -- prototype kafka

Exit codes: 0 empty and ready (or a dry run), 1 emptied but not ready in time, 2 wrong usage, something in the way, or not
confirmed, 130 Ctrl-C.
`;

const options = {
  ...clusterOptions,
  'dry-run': { type: 'boolean' },
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
  const [, component, ...more] = positionals;
  const named = oneEnvironment('reset', positionals.slice(0, 1));
  if (!named.ok || component === undefined || more.length > 0)
    return fail({
      message: named.ok
        ? component === undefined
          ? 'which component?'
          : `one component at a time, not also ${more.join(', ')}`
        : named.error.message,
      fix: 'npm run reset -- prototype kafka',
    });
  const timeout = timeoutOf(text(values.timeout), '15m');
  if (!timeout.ok) return fail(timeout.error);
  const { progress, surroundings } = openTerminal(root);
  const opened = await openRepository(root, { cache: true, deployed: false, step: progress.step });
  progress.done();
  if (!opened.ok) return fail(opened.error);
  const outcome = await reset(
    opened.repository,
    {
      environment: named.name,
      component,
      ...connectionOf(values),
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
