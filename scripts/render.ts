import './cli/setup.ts';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { parseArguments, text, texts } from './cli/arguments.ts';
import { type ExitCode, exitCode, fail } from './cli/exit.ts';
import { openProgress } from './cli/progress.ts';
import { chooseRoot } from './cli/root.ts';
import { unknownName } from './cli/selection.ts';
import { buildKustomization } from './kustomize/build.ts';
import { openRepository } from './render/open.ts';
import { printObjects } from './render/print.ts';
import { openDirectory } from './repository/files.ts';
import { openSources } from './repository/sources.ts';
import { toJson } from './yaml/node.ts';

const help = `Prints what Flux would apply.

Usage: npm run render [-- OPTIONS]

  --environment NAME   only this environment (may be given more than once, or as a,b)
  --component NAME     only this component (likewise)
  --path DIR           just this directory, as \`kubectl kustomize DIR\` builds it: no Flux, no substitution
  --output DIR         a file DIR/<environment>/<component>.yaml for each component, instead of standard output
  --root DIR           another Flux repository
  --help               this text

With --output, files of an earlier run for the same environment are replaced.
Exit codes: 0 good, 1 something cannot be rendered, 2 wrong usage or a tool that failed.
`;

const options = {
  environment: { type: 'string', multiple: true },
  component: { type: 'string', multiple: true },
  path: { type: 'string' },
  output: { type: 'string' },
  root: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

async function main(argv: readonly string[]): Promise<ExitCode> {
  const parsed = parseArguments(argv, options);
  if (!parsed.ok) return fail(parsed.error);
  const { values } = parsed;
  if (values.help) {
    process.stdout.write(help);
    return exitCode.good;
  }
  const here = process.env.INIT_CWD ?? process.cwd();
  const chosen = chooseRoot(text(values.root));
  if (!chosen.ok) return fail(chosen.error);
  const { root } = chosen;
  const path = text(values.path);
  const output = text(values.output);
  if (path !== undefined) {
    if (output !== undefined)
      return fail({
        message: '--path and --output do not go together',
        fix: 'Redirect standard output to a file.',
      });
    return renderPath(root, relative(root, resolve(here, path)) || '.');
  }

  const progress = openProgress();
  const opened = await openRepository(root, { cache: true, deployed: false, step: progress.step });
  progress.done();
  if (!opened.ok) return fail(opened.error);
  const environments = texts(values.environment);
  const components = texts(values.component);
  const wrong = unknownName(opened.repository, { environments, components });
  if (wrong) return fail(wrong);
  let failed = false;
  for (const environment of opened.repository.environments) {
    if (environments.length > 0 && !environments.includes(environment.name)) continue;
    if (output !== undefined && components.length === 0)
      rmSync(resolve(here, output, environment.name), { recursive: true, force: true });
    for (const build of environment.builds) {
      if (components.length > 0 && !components.includes(build.component)) continue;
      for (const { message, fix, origin } of build.failures) {
        failed = true;
        process.stderr.write(`error: ${origin.file}:${origin.line}: ${message}\n  fix: ${fix}\n`);
      }
      const yaml = printObjects(build.objects);
      if (output === undefined) {
        process.stdout.write(`# ${environment.name}/${build.component}: ${build.path}\n---\n${yaml}---\n`);
      } else {
        const file = resolve(here, output, environment.name, `${build.component}.yaml`);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, yaml);
      }
    }
  }
  return failed ? exitCode.findings : exitCode.good;
}

function renderPath(root: string, directory: string): ExitCode {
  if (directory.startsWith('..'))
    return fail({
      message: `--path: ${directory} is outside ${root}`,
      fix: 'Name its repository with --root.',
    });
  const files = openDirectory(root);
  const built = buildKustomization(openSources(files), directory, {
    loadRestrictions: 'root-only',
    order: 'legacy',
  });
  switch (built.status) {
    case 'built':
      process.stdout.write(printObjects(built.objects.map((node) => ({ value: toJson(node) }))));
      return exitCode.good;
    case 'failed':
      for (const { message, fix, origin } of built.problems)
        process.stderr.write(`error: ${origin.file}:${origin.line}: ${message}\n  fix: ${fix}\n`);
      return exitCode.findings;
    case 'unsupported':
      return fail({
        message: `${built.origin.file}:${built.origin.line}: ${built.feature} is not rendered by --path`,
        fix: `Run \`kubectl kustomize ${directory}\`, with the kustomize of versions.yaml.`,
      });
  }
}

// Set rather than exit(): what is still to be written to a pipe must get out.
process.exitCode = await main(process.argv.slice(2));
