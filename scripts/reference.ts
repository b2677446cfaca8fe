import './cli/setup.ts';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArguments } from './cli/arguments.ts';
import { type ExitCode, exitCode, fail } from './cli/exit.ts';
import { referencePages } from './reference/pages.ts';
import { openRepository } from './render/open.ts';

const help = `Writes the generated pages below docs/reference/: the rules of the gate, and where each statement of the seed is kept.

Usage: npm run reference [-- OPTIONS]

  --check   write nothing; exit 1 where a page differs
  --help    this text
`;

async function main(argv: readonly string[]): Promise<ExitCode> {
  const parsed = parseArguments(argv, { check: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } });
  if (!parsed.ok) return fail(parsed.error);
  if (parsed.values.help) {
    process.stdout.write(help);
    return exitCode.good;
  }
  const root = join(import.meta.dirname, '..');
  const opened = await openRepository(root, { cache: true, deployed: false });
  if (!opened.ok) return fail(opened.error);
  let differs = false;
  for (const [path, text] of await referencePages(opened.repository)) {
    const file = join(root, path);
    if (current(file) === text) continue;
    differs = true;
    if (!parsed.values.check) {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    process.stdout.write(`${parsed.values.check ? 'differs' : 'written'}: ${path}\n`);
  }
  return differs && parsed.values.check ? exitCode.findings : exitCode.good;
}

function current(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

process.exitCode = await main(process.argv.slice(2));
