import './cli/setup.ts';
import { join } from 'node:path';
import { parseArguments } from './cli/arguments.ts';
import { type ExitCode, exitCode, fail, type interrupted } from './cli/exit.ts';
import { clusterOptions, connectionOf, oneEnvironment } from './cluster/arguments.ts';
import { openTerminal } from './cluster/terminal.ts';
import { renderRepository } from './render/render.ts';
import { openDirectory } from './repository/files.ts';
import { openSources } from './repository/sources.ts';
import { trackedPaths } from './repository/tracked.ts';
import { status } from './status/run.ts';

const help = `Says of an environment, from its cluster: what each component runs, what it is meant to run, and why it is not ready.

Usage: npm run status -- ENVIRONMENT [OPTIONS]

  --json               for machines, on standard output; call it with \`npm run --silent status\`, since npm prints lines of its
                       own otherwise
  --context NAME       the kubectl context of the cluster (default: the current one)
  --kubeconfig FILE    the kubeconfig with that context (default: as kubectl)
  --help               this text

RUNS is the commit that Flux has applied; MEANT the one that it should: the pin of this checkout where the component has one,
otherwise what its source has fetched. Below a component stands why it is not ready: what Flux says, then the pods behind it,
their images, exit codes, claims and Secrets, as far as the cluster tells. What is suspended is named.

It reads, and changes nothing. It refuses a cluster that is another environment.

Examples:
  npm run status -- prototype
  npm run --silent status -- small-production --context production --json | jq '.components[] | select(.state != "ready")'

Exit codes: 0 everything is ready and runs what it is meant to, 1 something does not, 2 wrong usage or no answer from the
cluster, 130 Ctrl-C.
`;

const options = { ...clusterOptions, json: { type: 'boolean' } } as const;
const root = join(import.meta.dirname, '..');

async function main(argv: readonly string[]): Promise<ExitCode | typeof interrupted> {
  const parsed = parseArguments(argv, options, true);
  if (!parsed.ok) return fail(parsed.error);
  const { values, positionals } = parsed;
  if (values.help) {
    process.stdout.write(help);
    return exitCode.good;
  }
  const named = oneEnvironment('status', positionals);
  if (!named.ok) return fail(named.error);
  const { progress, surroundings } = openTerminal(root);
  // Not compared with the real kustomize: a tool that is missing must not keep anybody from seeing what runs.
  const files = openDirectory(root);
  const repository = renderRepository(openSources(files), {
    layout: 'environments',
    paths: trackedPaths(files),
  });
  const outcome = await status(
    repository,
    { environment: named.name, json: values.json === true, ...connectionOf(values) },
    surroundings,
  );
  progress.done();
  return outcome.ok ? outcome.code : fail(outcome.error);
}

// Set rather than exit(): what is still to be written to a pipe must get out.
process.exitCode = await main(process.argv.slice(2));
