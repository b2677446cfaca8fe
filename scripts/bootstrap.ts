import './cli/setup.ts';
import { join } from 'node:path';
import { bootstrap } from './bootstrap/run.ts';
import { fromHere, parseArguments, text, texts } from './cli/arguments.ts';
import { type ExitCode, exitCode, fail, type interrupted } from './cli/exit.ts';
import { clusterOptions, connectionOf, oneEnvironment, timeoutOf } from './cluster/arguments.ts';
import { openTerminal } from './cluster/terminal.ts';
import { openRepository } from './render/open.ts';

const help = `Brings an environment up in a Kubernetes cluster: makes the Secrets that secrets.yaml declares, sets up Flux for your
repository and branch, waits until every component is ready, prints the URLs and how to read each credential.

Usage: npm run bootstrap -- ENVIRONMENT [OPTIONS]

  --dry-run            show all of it, without a cluster
  --only NAME          only this component and what it needs (may be given more than once, or as a,b)
  --context NAME       the kubectl context of the cluster (default: the current one)
  --kubeconfig FILE    the kubeconfig with that context (default: as kubectl)
  --url URL            where Flux fetches the repository (default: the remote origin)
  --branch NAME        the branch that Flux deploys (default: the one checked out)
  --private-key FILE   for flux bootstrap with an SSH address: the key with which it pushes (default: your SSH agent)
  --age-key FILE       where Secrets lie encrypted in Git: the key that decrypts them, which Flux gets as a Secret
  --read-only          write nothing to Git: \`flux install\` instead of \`flux bootstrap\`; --only implies it
  --timeout TIME       how long to wait for the components: 90s, 20m, 1h30m (default: 20m)
  --yes                do not ask whether this is the right cluster
  --help               this text

kubectl is taken from PATH, or \`k0s kubectl\`. With the Flux CLI on PATH, \`flux bootstrap\` installs Flux and commits it to your
branch. Without it, Flux must be in the cluster already; the command that puts it there is shown.

It may be run again at any time, after Ctrl-C too: what is there stays, and no value of a Secret is ever changed or shown.
It refuses a cluster of another environment, and small-production until every component there has its first pin (npm run promote).
--only leaves Git as it is: the other components are patched out of the
root Kustomization in the cluster. A later run without --only brings them back; one with fewer components removes the rest.

Examples:
  npm run bootstrap -- prototype --dry-run
  npm run bootstrap -- prototype
  npm run bootstrap -- prototype --only kafka,kafka-ui,schema-registry,ksqldb
  npm run bootstrap -- small-production --age-key ~/.config/infometis/small-production.agekey
  npm run bootstrap -- prototype --kubeconfig ~/infometis.kubeconfig --read-only --yes

Exit codes: 0 everything is ready (or a dry run), 1 not everything was ready in time, 2 wrong usage, something missing, or
not confirmed, 130 Ctrl-C.
`;

const options = {
  ...clusterOptions,
  'dry-run': { type: 'boolean' },
  only: { type: 'string', multiple: true },
  url: { type: 'string' },
  branch: { type: 'string' },
  'private-key': { type: 'string' },
  'age-key': { type: 'string' },
  'read-only': { type: 'boolean' },
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
  const named = oneEnvironment('bootstrap', positionals);
  if (!named.ok) return fail(named.error);
  const timeout = timeoutOf(text(values.timeout), '20m');
  if (!timeout.ok) return fail(timeout.error);
  const wanted = {
    environment: named.name,
    ...connectionOf(values),
    only: texts(values.only),
    url: text(values.url),
    branch: text(values.branch),
    privateKey: fromHere(text(values['private-key'])),
    ageKey: fromHere(text(values['age-key'])),
    readOnly: values['read-only'] === true,
    yes: values.yes === true,
    dryRun: values['dry-run'] === true,
    timeoutMs: timeout.timeoutMs,
  };

  const { progress, surroundings } = openTerminal(root);
  const opened = await openRepository(root, { cache: true, deployed: false, step: progress.step });
  progress.done();
  if (!opened.ok) return fail(opened.error);
  const outcome = await bootstrap(opened.repository, wanted, surroundings);
  progress.done();
  return outcome.ok ? outcome.code : fail(outcome.error);
}

// Set rather than exit(): what is still to be written to a pipe must get out.
process.exitCode = await main(process.argv.slice(2));
