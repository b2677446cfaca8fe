import './cli/setup.ts';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { stageNames } from './checks/index.ts';
import type { Stage } from './checks/rule.ts';
import { parseArguments, text, texts } from './cli/arguments.ts';
import { type ExitCode, exitCode, fail } from './cli/exit.ts';
import { openProgress } from './cli/progress.ts';
import { type ReporterName, reporters } from './cli/reporters/index.ts';
import { chooseRoot } from './cli/root.ts';
import { unknownName } from './cli/selection.ts';
import { runGate, type Selection } from './gate.ts';
import { openRepository } from './render/open.ts';
import { runStream } from './stream/command.ts';
import { streamStages } from './stream/run.ts';

const help = `Renders every environment as Flux does and checks it: is the merge going to deploy, and the platform to run?

Usage: npm run validate [-- OPTIONS]

  --environment NAME   only the findings of this environment (may be given more than once, or as a,b)
  --component NAME     only the findings of this component (likewise)
  --stage NAME         only this stage (likewise): ${stageNames.join(', ')}
  --root DIR           check another Flux repository, with the rules that hold for every one
  --format NAME        pretty (default) or json, on standard output; for a machine, call it with
                       \`npm run --silent validate\`, since npm prints lines of its own otherwise
  --strict             warnings turn the run red, too
  --no-cache           remember nothing, and use nothing that was remembered
  --help               this text

Or: npm run validate -- --objects FILE [OPTIONS]

  --objects FILE       check objects that are already rendered (YAML or JSON, many documents; - is standard input), each by
                       itself, with the stages that need no repository: ${streamStages.join(', ')}
  --crds DIR           CustomResourceDefinitions: their kinds are checked by their schemas and rules
  --policies DIR       ValidatingAdmissionPolicies and their bindings; namespaces and parameter objects may lie in it too
  --pod-security LEVEL baseline or restricted, for every pod and every template of pods
  --kubernetes VERSION the version of the API server; there is 1.36
  --stage, --format (pretty, json), --strict as above

  Objects are counted from 0; the items of a List count each, an empty document does not. An object of a kind without a
  schema is skipped, and that is an error.

Exit codes: 0 green, 1 findings, 2 wrong usage or a tool that failed.
`;

const options = {
  environment: { type: 'string', multiple: true },
  component: { type: 'string', multiple: true },
  stage: { type: 'string', multiple: true },
  root: { type: 'string' },
  format: { type: 'string' },
  strict: { type: 'boolean' },
  'no-cache': { type: 'boolean' },
  objects: { type: 'string' },
  crds: { type: 'string' },
  policies: { type: 'string' },
  'pod-security': { type: 'string' },
  kubernetes: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

async function main(argv: readonly string[]): Promise<ExitCode> {
  const started = performance.now();
  const parsed = parseArguments(argv, options);
  if (!parsed.ok) return fail(parsed.error);
  const { values } = parsed;
  if (values.help) {
    process.stdout.write(help);
    return exitCode.good;
  }
  const format = text(values.format) ?? 'pretty';
  const here = process.env.INIT_CWD ?? process.cwd();
  const path = (value: string | undefined): string | undefined =>
    value === undefined || value === '-' ? value : resolve(here, value);
  const objects = text(values.objects);
  if (objects !== undefined) {
    const outcome = runStream(
      {
        objects: path(objects) as string,
        shown: objects,
        crds: path(text(values.crds)),
        policies: path(text(values.policies)),
        podSecurity: text(values['pod-security']),
        kubernetes: text(values.kubernetes),
        stages: texts(values.stage) as Stage[],
        format,
        strict: values.strict === true,
        color: process.stdout.isTTY === true && !process.env.NO_COLOR,
      },
      started,
    );
    if (!outcome.ok) return fail(outcome.error);
    process.stdout.write(outcome.report);
    return outcome.code;
  }
  const streamOnly = (['crds', 'policies', 'pod-security', 'kubernetes'] as const).find(
    (name) => values[name] !== undefined,
  );
  if (streamOnly)
    return fail({ message: `--${streamOnly} needs --objects`, fix: 'Add --objects FILE, or leave it out.' });
  const reporter = Object.hasOwn(reporters, format) ? reporters[format as ReporterName] : undefined;
  if (!reporter)
    return fail({
      message: `unknown format \`${format}\``,
      fix: `One of ${Object.keys(reporters).join(', ')}.`,
    });
  const wantedStages = texts(values.stage);
  const unknownStage = wantedStages.find((name) => !(stageNames as readonly string[]).includes(name));
  if (unknownStage)
    return fail({ message: `unknown stage \`${unknownStage}\``, fix: `One of ${stageNames.join(', ')}.` });
  const chosen = chooseRoot(text(values.root));
  if (!chosen.ok) return fail(chosen.error);
  const { root } = chosen;

  const progress = openProgress();
  const opened = await openRepository(root, {
    cache: !values['no-cache'],
    deployed: true,
    step: progress.step,
  });
  if (!opened.ok) {
    progress.done();
    return fail(opened.error);
  }
  const { repository, platform } = opened;
  for (const { directory, difference } of opened.disagreements) {
    progress.done();
    process.stderr.write(
      `note: the real kustomize builds ${directory} differently (${difference}); its result is checked. Please report this.\n`,
    );
  }
  const selection: Selection = {
    environments: texts(values.environment),
    components: texts(values.component),
    stages: wantedStages as Stage[],
  };
  const wrong = unknownName(repository, selection);
  if (wrong) {
    progress.done();
    return fail(wrong);
  }
  const result = runGate(repository, {
    selection,
    platform,
    strict: values.strict === true,
    today: new Date().toISOString().slice(0, 10),
    step: progress.step,
  });
  repository.knownGood?.save();
  progress.done();
  process.stdout.write(
    reporter({
      ...result,
      durationMs: performance.now() - started,
      read: ({ file, commit, environment }) => {
        const sources =
          commit === undefined
            ? repository.sources
            : repository.deployed?.find((each) => each.environment.name === environment)?.commits.get(commit);
        const read = (sources ?? repository.sources).files.read(file);
        return read.ok ? read.text : undefined;
      },
      place: (file) => display(root, file),
      color: process.stdout.isTTY === true && !process.env.NO_COLOR,
    }),
  );
  return result.ok ? exitCode.good : exitCode.findings;
}

// A path that can be clicked from where the person stands.
function display(root: string, file: string): string {
  const shown = relative(process.env.INIT_CWD ?? process.cwd(), join(root, file));
  return isAbsolute(shown) || shown.startsWith('..') ? join(root, file) : shown;
}

// Set rather than exit(): what is still to be written to a pipe must get out.
process.exitCode = await main(process.argv.slice(2));
