import './cli/setup.ts';
import { join } from 'node:path';
import { parseArguments } from './cli/arguments.ts';
import { type ExitCode, exitCode, fail, interrupted } from './cli/exit.ts';
import { runProcess } from './cluster/process.ts';
import { checkIndex, withoutGit } from './hook/check.ts';
import { openGit } from './hook/git.ts';
import { install, statusOf, uninstall } from './hook/manage.ts';

const help = `A Git hook that runs the gate before each commit, on exactly what is about to be committed.

Usage: npm run hook -- install      before each commit from now on, in every worktree of this clone
       npm run hook -- uninstall
       npm run hook -- status       whether it is installed
       npm run hook -- run          what the hook does: check the index now

  --json               status: as JSON, on standard output
  --help               this text

What is staged counts, not what lies in the working tree; the gate itself is the working tree's. A commit that changes nothing
that the gate reads is let through at once. \`git commit --no-verify\` goes past the hook. A hook that is there already, and
core.hooksPath, are never touched: the message says which line to add. \`git merge\` does not run it; the pull request does.

Exit codes: 0 good, 1 findings, or status: not installed, 2 wrong usage, another hook is there, or a tool that failed, 130 Ctrl-C.
`;

const options = {
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

const root = join(import.meta.dirname, '..');
type Code = ExitCode | typeof interrupted;

async function main(argv: readonly string[]): Promise<Code> {
  const parsed = parseArguments(argv, options, true);
  if (!parsed.ok) return fail(parsed.error);
  const { values, positionals } = parsed;
  if (values.help) {
    process.stdout.write(help);
    return exitCode.good;
  }
  const [action = '', ...more] = positionals;
  if (!['install', 'uninstall', 'status', 'run'].includes(action) || more.length > 0)
    return fail({
      message:
        action === ''
          ? 'what is to be done?'
          : more.length > 0
            ? `${action} takes nothing more`
            : `there is no action \`${action}\``,
      fix: 'npm run hook -- install|uninstall|status|run',
    });
  if (values.json && action !== 'status')
    return fail({ message: `${action} does not take --json`, fix: 'npm run hook -- status --json' });

  const interruption = new AbortController();
  // The temporary directory is to be removed, whichever way this ends.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => interruption.abort());
  const opened = await openGit(root, { environment: process.env, signal: interruption.signal });
  if (!opened.ok) return fail(opened.error);
  const { git } = opened;

  if (action === 'run') return run(git, interruption.signal);
  if (action === 'status') {
    const { state, file, words } = statusOf(git, process.execPath);
    process.stdout.write(values.json ? `${JSON.stringify({ state, file })}\n` : `${words}\n`);
    return ['current', 'outdated', 'edited'].includes(state) ? exitCode.good : exitCode.findings;
  }
  const managed = (action === 'install' ? install : uninstall)(git, process.execPath);
  if (!managed.ok) return fail(managed.error);
  process.stdout.write(`${managed.words}\n`);
  return exitCode.good;
}

async function run(git: Parameters<typeof checkIndex>[0], signal: AbortSignal): Promise<Code> {
  const checked = await checkIndex(git, async (directory) => {
    const { code } = await runProcess(
      [process.execPath, join(root, 'scripts/run.mjs'), 'validate', '--root', directory],
      {
        // Places are shown from where the person stands: the temporary directory is the worktree's double.
        environment: { ...withoutGit(process.env), INIT_CWD: directory },
        interactive: true,
        signal,
      },
    );
    return code;
  });
  if (signal.aborted) return interrupted;
  if (!checked.ok) return fail(checked.error);
  if (checked.code === exitCode.good) return exitCode.good;
  process.stderr.write(
    checked.code === exitCode.findings
      ? 'Not committed: the gate is red for what is staged. Mend it and `git add`; `git commit --no-verify` goes past the gate.\n'
      : 'Not committed: the gate could not run. `git commit --no-verify` goes past it.\n',
  );
  return checked.code === exitCode.findings ? exitCode.findings : exitCode.failure;
}

// Set rather than exit(): what is still to be written to a pipe must get out.
process.exitCode = await main(process.argv.slice(2));
