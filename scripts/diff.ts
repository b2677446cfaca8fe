import './cli/setup.ts';
import { join } from 'node:path';
import { parseArguments, text, texts } from './cli/arguments.ts';
import { type ExitCode, exitCode, fail } from './cli/exit.ts';
import { openProgress } from './cli/progress.ts';
import { chooseRoot } from './cli/root.ts';
import { openBase } from './diff/base.ts';
import { isDanger } from './diff/danger/index.ts';
import { type DiffReporterName, diffReporters } from './diff/format/index.ts';
import { diffRepositories } from './diff/run.ts';
import { realJudge } from './render/fallback.ts';
import { findRealKustomize, pinnedKustomize } from './render/real-kustomize.ts';
import { openDirectory } from './repository/files.ts';
import { openSources } from './repository/sources.ts';

const help = `Says what a change does to each cluster: which objects Flux adds, changes and deletes, which images change, what
restarts, and what of it is dangerous. The working tree, with what is not committed yet, is compared with a commit.

Usage: npm run diff [-- OPTIONS]

  --base REF           the commit to compare with; without it, where HEAD left origin/main (or main)
  --environment NAME   only this environment (may be given more than once, or as a,b)
  --component NAME     only this component (likewise)
  --format NAME        text (default), markdown or json, on standard output; for a machine, call it with
                       \`npm run --silent diff\`, since npm prints lines of its own otherwise
  --fail-on-danger     exit with 1 when something dangerous is found, or a component cannot be compared
  --root DIR           another Flux repository
  --help               this text

Objects count, not text: names with a content hash, items of lists in another order and defaults that are spelled out
make no difference. Values of Secrets are never shown. A component that is pinned to a commit is shown twice: what this
change does when it is merged, and what it will do when the component is promoted.

Exit codes: 0 compared, 1 danger (with --fail-on-danger), 2 wrong usage, no Git, or a commit that the clone lacks.
`;

const options = {
  base: { type: 'string' },
  environment: { type: 'string', multiple: true },
  component: { type: 'string', multiple: true },
  format: { type: 'string' },
  'fail-on-danger': { type: 'boolean' },
  root: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

const ownRoot = join(import.meta.dirname, '..');

function main(argv: readonly string[]): ExitCode {
  const parsed = parseArguments(argv, options);
  if (!parsed.ok) return fail(parsed.error);
  const { values } = parsed;
  if (values.help) {
    process.stdout.write(help);
    return exitCode.good;
  }
  const format = text(values.format) ?? 'text';
  const reporter = Object.hasOwn(diffReporters, format)
    ? diffReporters[format as DiffReporterName]
    : undefined;
  if (!reporter)
    return fail({
      message: `unknown format \`${format}\``,
      fix: `One of ${Object.keys(diffReporters).join(', ')}.`,
    });
  const chosen = chooseRoot(text(values.root));
  if (!chosen.ok) return fail(chosen.error);
  const { root } = chosen;
  const opened = openBase(root, text(values.base));
  if (!opened.ok) return fail(opened.error);
  const { base } = opened;

  const version = pinnedKustomize(openSources(openDirectory(ownRoot)));
  const progress = openProgress();
  const compared = diffRepositories(base.files, openDirectory(root), {
    root,
    environments: texts(values.environment),
    components: texts(values.component),
    step: progress.step,
    ...(version !== undefined && { judge: realJudge(() => findRealKustomize({ version })) }),
  });
  progress.done();
  if (!compared.ok) return fail(compared.error);
  const { diffs } = compared;
  process.stdout.write(
    reporter({
      base: { id: base.id, label: base.label },
      diffs,
      color: process.stdout.isTTY === true && !process.env.NO_COLOR,
    }),
  );
  const isUnsafe = diffs.some(
    ({ change, dangers }) => change.uncompared.length > 0 || dangers.some(isDanger),
  );
  return values['fail-on-danger'] === true && isUnsafe ? exitCode.findings : exitCode.good;
}

// Set rather than exit(): what is still to be written to a pipe must get out.
process.exitCode = main(process.argv.slice(2));
