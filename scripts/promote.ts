import './cli/setup.ts';
import { join } from 'node:path';
import { fromHere, parseArguments, text, texts } from './cli/arguments.ts';
import { type ExitCode, exitCode, fail, type UsageError } from './cli/exit.ts';
import { openProgress, type Progress } from './cli/progress.ts';
import { chooseRoot } from './cli/root.ts';
import { dangerRules } from './diff/danger/index.ts';
import { chooseBranch, chooseComponents, chooseEnvironment } from './promotion/choice.ts';
import {
  type PromotionReport,
  promotionJson,
  promotionText,
  refusalMarkdown,
} from './promotion/format/promotion.ts';
import { statusJson, statusMarkdown, statusText } from './promotion/format/status.ts';
import { readMainLine } from './promotion/history.ts';
import { openMixer } from './promotion/mix.ts';
import { ownRefusals, type Promotion, planPromotion } from './promotion/plan.ts';
import { pullRequest, titleOf, upgradePage } from './promotion/pull-request.ts';
import { laggards, statusOf } from './promotion/status.ts';
import { writeAll } from './promotion/write.ts';
import { realJudge } from './render/fallback.ts';
import { openRepository } from './render/open.ts';
import { findRealKustomize, pinnedKustomize } from './render/real-kustomize.ts';
import { openDirectory } from './repository/files.ts';
import { openSources } from './repository/sources.ts';
import { short } from './text/commit.ts';
import { didYouMean } from './text/nearest.ts';

const formats = ['text', 'markdown', 'json'] as const;

const help = `Moves components of an environment to a newer commit of main. Each runs from the commit that its GitRepository in
flux/<environment>/ names, its pin; this command edits that line and writes the text of the pull request. It commits nothing.

Usage: npm run promote -- COMPONENT… [OPTIONS]     promote these
       npm run promote -- --all [OPTIONS]          promote all that lag; the first time, pin all
       npm run promote -- COMPONENT… --rollback    back to the pin before the present one
       npm run promote -- --status [COMPONENT…]    what runs, and how far it is behind main

  --to COMMIT          the commit, which main must have; without it, the newest that has soaked (main has had it for
                       24 hours). With --rollback, the commit to go back to
  --environment NAME   where; without it, the only environment that has pins (small-production)
  --allow ID           do it in spite of this refusal (may be given more than once, or as a,b)
  --dry-run            show everything, write nothing
  --body-file FILE     write the pull request's text there instead of printing it
  --format NAME        text (default), markdown or json, on standard output; for a machine, call it with
                       \`npm run --silent promote\`, since npm prints lines of its own otherwise
  --fail-on-lag DAYS   with --status: exit with 1 when a component has differed from main for longer
  --root DIR           another checkout of this repository
  --help               this text

What would run is rendered, each component at its own pin, compared with what runs, and checked by the gate. It is refused,
unless allowed by its id, when
  not-on-main          main never was at that commit
  not-soaked           main has had it for less than 24 hours
  older-than-pin       the component runs a newer commit
  uncommitted          the file to edit has changes that are not committed
  gate                 the gate finds an error in what would run that it does not find in what runs
or when the change is dangerous: ${list(dangerRules.map(({ id }) => id))}

Exit codes: 0 done, or nothing to do; 1 refused, or lagging (--fail-on-lag); 2 wrong usage, no Git, or a commit that the
clone lacks.
`;

/** Wrapped as the rest of the help is. */
function list(ids: readonly string[]): string {
  const lines = [''];
  for (const id of ids) {
    if (`${lines.at(-1)}${id}`.length > 110) lines.push('');
    lines[lines.length - 1] += `${id} `;
  }
  return `\n${lines.map((line) => `  ${line.trimEnd()}`).join('\n')}`;
}

const options = {
  all: { type: 'boolean' },
  rollback: { type: 'boolean' },
  status: { type: 'boolean' },
  to: { type: 'string' },
  environment: { type: 'string' },
  allow: { type: 'string', multiple: true },
  'dry-run': { type: 'boolean' },
  'body-file': { type: 'string' },
  format: { type: 'string' },
  'fail-on-lag': { type: 'string' },
  root: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

const ownRoot = join(import.meta.dirname, '..');

interface Request {
  readonly names: readonly string[];
  readonly all: boolean;
  readonly rollback: boolean;
  readonly status: boolean;
  readonly to?: string;
  readonly environment?: string;
  readonly allow: ReadonlySet<string>;
  readonly dryRun: boolean;
  readonly bodyFile?: string;
  readonly format: (typeof formats)[number];
  readonly maximumLag?: number;
  readonly root: string;
  readonly shownRoot?: string;
}

async function main(argv: readonly string[]): Promise<ExitCode> {
  const parsed = parseArguments(argv, options, true);
  if (!parsed.ok) return fail(parsed.error);
  if (parsed.values.help) {
    process.stdout.write(help);
    return exitCode.good;
  }
  const read = readRequest(parsed.values, parsed.positionals);
  if (!read.ok) return fail(read.error);
  const progress = openProgress();
  const outcome = await run(read.request, progress);
  progress.done();
  return typeof outcome === 'number' ? outcome : fail(outcome);
}

type Values = Extract<ReturnType<typeof parseArguments>, { readonly ok: true }>['values'];

function readRequest(
  values: Values,
  names: readonly string[],
): { readonly ok: true; readonly request: Request } | { readonly ok: false; readonly error: UsageError } {
  const wrong = (message: string, fix: string) => ({ ok: false, error: { message, fix } }) as const;
  const is = (name: keyof typeof options): boolean => values[name] === true;
  const format = text(values['format']) ?? 'text';
  if (!(formats as readonly string[]).includes(format))
    return wrong(`unknown format \`${format}\``, `One of ${formats.join(', ')}.`);
  const allow = texts(values['allow']);
  const ids = [...ownRefusals, ...dangerRules.map(({ id }) => id)];
  const unknown = allow.find((id) => !ids.includes(id));
  if (unknown !== undefined)
    return wrong(
      `--allow: there is no refusal \`${unknown}\`${didYouMean(unknown, ids)}`,
      `One of ${ids.join(', ')}.`,
    );
  if (is('status')) {
    const other = (['all', 'rollback', 'to', 'allow', 'dry-run', 'body-file'] as const).find(
      (name) => values[name] !== undefined,
    );
    if (other) return wrong(`--status and --${other} do not go together`, 'Leave one of them out.');
  } else {
    if (names.length === 0 && !is('all'))
      return wrong(
        'no component was named',
        'Name some, or give --all; `npm run promote -- --status` shows what lags.',
      );
    if (names.length > 0 && is('all'))
      return wrong('--all and names of components do not go together', 'Leave one of them out.');
    if (is('all') && is('rollback'))
      return wrong('--rollback wants the names of components', 'Name those that are to go back.');
    if (values['fail-on-lag'] !== undefined) return wrong('--fail-on-lag needs --status', 'Add --status.');
  }
  const lag = text(values['fail-on-lag']);
  if (lag !== undefined && !/^\d+(?:\.\d+)?$/.test(lag))
    return wrong(`--fail-on-lag: \`${lag}\` is no number of days`, 'Write, say, --fail-on-lag 14.');
  const chosen = chooseRoot(text(values['root']));
  if (!chosen.ok) return chosen;
  const [to, environment, shownRoot] = ['to', 'environment', 'root'].map((name) => text(values[name]));
  const bodyFile = fromHere(text(values['body-file']));
  return {
    ok: true,
    request: {
      names,
      all: is('all'),
      rollback: is('rollback'),
      status: is('status'),
      ...(to !== undefined && { to }),
      ...(environment !== undefined && { environment }),
      allow: new Set(allow),
      dryRun: is('dry-run'),
      ...(bodyFile !== undefined && { bodyFile }),
      format: format as Request['format'],
      ...(lag !== undefined && { maximumLag: Number(lag) }),
      root: chosen.root,
      ...(shownRoot !== undefined && { shownRoot }),
    },
  };
}

async function run(request: Request, progress: Progress): Promise<ExitCode | UsageError> {
  const { root } = request;
  const opened = await openRepository(root, { cache: true, deployed: true, step: progress.step });
  if (!opened.ok) return opened.error;
  const { repository } = opened;
  if (!opened.platform)
    return {
      message: `${root} is no checkout of this platform`,
      fix: 'Run it in one, or name one with --root.',
    };
  const choice = chooseEnvironment(repository, request.environment);
  if (!choice.ok) return choice.error;
  const { environment, promotable } = choice.value;
  if (promotable.length === 0) {
    const message = `${environment.name} follows main: a merge is its promotion`;
    if (!request.status) return { message, fix: 'There is nothing to promote.' };
    process.stdout.write(
      request.format === 'json'
        ? `${JSON.stringify({ environment: environment.name, followsMain: true, components: [] })}\n`
        : `${message}.\n`,
    );
    return exitCode.good;
  }
  const selected =
    request.names.length === 0
      ? ({ ok: true, value: promotable } as const)
      : chooseComponents(choice.value, request.names);
  if (!selected.ok) return selected.error;
  const branch = chooseBranch(selected.value);
  if (!branch.ok) return branch.error;
  const line = readMainLine(root, branch.value);
  if (!line.ok) return line.error;
  const now = Date.now();
  const version = pinnedKustomize(openSources(openDirectory(ownRoot)));
  const mixer = openMixer(repository, environment, {
    root,
    today: new Date(now).toISOString().slice(0, 10),
    ...(version !== undefined && { judge: realJudge(() => findRealKustomize({ version })) }),
  });
  const color = process.stdout.isTTY === true && !process.env.NO_COLOR;
  const common = { root, environment, main: line.value, mixer, now, step: progress.step };

  if (request.status) {
    const found = statusOf({ ...common, components: selected.value });
    if (!found.ok) return found.error;
    repository.knownGood?.save();
    const late = request.maximumLag === undefined ? [] : laggards(found.status, request.maximumLag, now);
    const print = { text: statusText, markdown: statusMarkdown, json: statusJson }[request.format];
    progress.done();
    process.stdout.write(print({ status: found.status, now, laggards: late, color }));
    return late.length > 0 ? exitCode.findings : exitCode.good;
  }

  const planned = planPromotion({
    ...common,
    promotable,
    selected: selected.value,
    all: request.all,
    rollback: request.rollback,
    allow: request.allow,
    pageOf: (component) => upgradePage(repository.sources.files, component),
    command: (extra) => commandOf(request, extra),
    ...(request.to !== undefined && { to: request.to }),
  });
  if (!planned.ok) return planned.error;
  repository.knownGood?.save();
  progress.done();
  return finish(request, planned.promotion, color);
}

/** How the command is given again, with another option or more components. */
function commandOf(
  { names, all, rollback, to, environment, allow, shownRoot }: Request,
  extra: string,
): string {
  const isOption = extra.startsWith('--');
  const options = [
    ...(rollback ? ['--rollback'] : []),
    ...(to === undefined ? [] : [`--to ${to}`]),
    ...(environment === undefined ? [] : [`--environment ${environment}`]),
    ...(shownRoot === undefined ? [] : [`--root ${shownRoot}`]),
    ...[...allow].map((id) => `--allow ${id}`),
    ...(isOption ? [extra] : []),
  ];
  const components = [...(all ? ['--all'] : names), ...(isOption ? [] : [extra])];
  return ['npm run promote --', ...components, ...new Set(options)].join(' ');
}

/** Writes what is to be written, then says so. */
function finish(request: Request, promotion: Promotion, color: boolean): ExitCode | UsageError {
  const { root, dryRun, bodyFile, format, allow } = request;
  const { moves, refusals, allowed } = promotion;
  const isGood = refusals.length === 0;
  const body = isGood && moves.length > 0 ? pullRequest(promotion, openDirectory(root)) : undefined;
  const written = body !== undefined && !dryRun;
  if (written) {
    const error = writeAll(
      new Map([
        ...[...promotion.texts].map(([path, content]) => [join(root, path), content] as const),
        ...(bodyFile === undefined ? [] : [[bodyFile, body] as const]),
      ]),
    );
    if (error) return error;
  }
  const report: PromotionReport = {
    promotion,
    ...(body !== undefined && { body }),
    unneeded: [...allow].filter((id) => allowed.every((one) => one.id !== id)),
    command: (extra) => commandOf(request, extra),
    color,
  };
  const printsBody = body !== undefined && bodyFile === undefined;
  if (format === 'json') process.stdout.write(promotionJson(report, written));
  else if (format === 'markdown') {
    process.stdout.write(
      body === undefined ? refusalMarkdown(report) : printsBody ? body : `Written to ${bodyFile}.\n`,
    );
  } else {
    process.stdout.write(promotionText(report));
    if (printsBody && written) process.stdout.write(`\nThe pull request's text:\n\n${body}`);
  }
  if (format !== 'json') process.stderr.write(nextSteps(request, promotion, written));
  return isGood ? exitCode.good : exitCode.findings;
}

function nextSteps({ dryRun, bodyFile }: Request, promotion: Promotion, written: boolean): string {
  const { moves, refusals } = promotion;
  if (moves.length === 0) return '';
  if (refusals.length > 0) return '\nNothing was written.\n';
  if (!written) return dryRun ? '\nNothing was written (--dry-run).\n' : '';
  const files = [...promotion.texts.keys()];
  const paths = files.length > 4 ? `flux/${promotion.environment}` : files.join(' ');
  const names =
    moves.length > 2 ? `${moves.length}-components` : moves.map(({ component }) => component).join('-');
  return `\n${files.length === 1 ? files[0] : `${files.length} files`} changed. Next:
  git switch -c ${promotion.rollback ? 'rollback' : 'promote'}-${names}-${short(moves[0]!.to)}
  git commit -m "${titleOf(promotion)}" -- ${paths}
  git push -u origin HEAD
${bodyFile === undefined ? '' : `and open the pull request with the text in ${bodyFile}.\n`}`;
}

// Set rather than exit(): what is still to be written to a pipe must get out.
process.exitCode = await main(process.argv.slice(2));
