import './cli/setup.ts';
import { parseArguments, texts } from './cli/arguments.ts';
import { type ExitCode, exitCode, fail } from './cli/exit.ts';
import { openProgress } from './cli/progress.ts';
import { buildTools, outdatedBuilds } from './tools/build.ts';
import { toolNamed, tools } from './tools/catalog.ts';
import { findTool, missingOf, nothingMissing } from './tools/find.ts';
import { readPin, toolsDirectory } from './tools/pin.ts';

const help = `Builds the programs that the cluster tests start (API server, etcd, Flux …) from their pinned Go modules.

Usage: npm run tools:build [-- OPTIONS]

  --only NAME   only this tool (may be given more than once, or as a,b): ${tools.map(({ name }) => name).join(', ')}
                Built only if named: ${tools.flatMap(({ name, onRequest }) => (onRequest ? [name] : [])).join(', ')}
  --list        say where each program is, and build nothing
  --check       build nothing; exit 1 when something is missing
  --help        this text

The pins are tests/cluster/tools/<tool>/go.mod. Builds are kept in ${toolsDirectory()},
by version, so a tool is built once. A program on PATH or in KUBEBUILDER_ASSETS is used where it has exactly the pinned
version. Needs Go, and its module proxy for what its module cache does not have.

Exit codes: 0 done, 1 something is missing (--check), 2 wrong usage, no suitable Go, or a build that failed.
`;

const options = {
  only: { type: 'string', multiple: true },
  list: { type: 'boolean' },
  check: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

async function main(argv: readonly string[]): Promise<ExitCode | 130> {
  const parsed = parseArguments(argv, options);
  if (!parsed.ok) return fail(parsed.error);
  const { values } = parsed;
  if (values.help) {
    process.stdout.write(help);
    return exitCode.good;
  }
  const names = texts(values.only);
  const unknown = names.find((name) => toolNamed(name) === undefined);
  if (unknown !== undefined)
    return fail({
      message: `there is no tool \`${unknown}\``,
      fix: `One of ${tools.map(({ name }) => name).join(', ')}.`,
    });
  const wanted = tools.filter(({ name, onRequest }) =>
    names.length === 0 ? !onRequest : names.includes(name),
  );
  if (values.list || values.check) {
    const missing = wanted.filter((tool) => !nothingMissing(missingOf(tool)));
    for (const tool of wanted) {
      for (const program of Object.keys(tool.programs)) {
        const found = findTool(program);
        console.log(`${program} ${readPin(tool).version}: ${found.ok ? found.path : 'missing'}`);
      }
      if (missingOf(tool).files) console.log(`${tool.name} ${readPin(tool).version}: ${tool.files} missing`);
    }
    return values.check && missing.length > 0 ? exitCode.findings : exitCode.good;
  }

  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => interrupt.abort());
  const progress = openProgress();
  const started = performance.now();
  const result = await buildTools(wanted, {
    signal: interrupt.signal,
    step: progress.step,
    line: (text) => {
      progress.done();
      console.log(text);
    },
  });
  progress.done();
  if (!result.ok) {
    if (result.why === 'interrupted') {
      process.stderr.write('interrupted; what was finished is kept\n');
      return 130;
    }
    return fail({
      message: result.reason,
      ...(result.why === 'go' ? { fix: 'Install Go, or leave the tests out that need it.' } : {}),
    });
  }
  const elapsed = `${((performance.now() - started) / 1000).toFixed(1)} s`;
  console.log(
    result.built.length === 0
      ? `Everything is there (${wanted.length} tools).`
      : `Built ${result.built.length} of ${wanted.length} tools in ${elapsed}.`,
  );
  const outdated = outdatedBuilds();
  if (outdated.length > 0)
    console.log(`No longer used, and yours to remove from ${toolsDirectory()}: ${outdated.join(', ')}`);
  return exitCode.good;
}

process.exitCode = await main(process.argv.slice(2));
