/** `npm run schemas`: makes the vendored schemas under schemas/ again, or checks that they are current. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compare, write } from './schemas/files.ts';
import { generateSchemas } from './schemas/generate.ts';
import { goVersion, makeScratch } from './schemas/go.ts';
import { readVersions } from './schemas/versions.ts';

const HELP = `Usage: npm run schemas [-- --check]

Makes the JSON Schemas under schemas/kubernetes and schemas/crds from the Go modules of Kubernetes, of Flux's controllers
and of the add-ons, in the versions that versions.yaml names. Needs Go; downloads are kept in Go's module cache.

  --check   write nothing; exit 1 when the committed files differ from what would be made
  --help    this text

Exit codes: 0 done or current, 1 the files differ (--check), 2 usage, or Go or a source is missing.`;

function main(argv: readonly string[]): number {
  let options: { check?: boolean | undefined; help?: boolean | undefined };
  try {
    options = parseArgs({
      args: [...argv],
      options: { check: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    }).values;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
    return 2;
  }
  if (options.help === true) {
    console.log(HELP);
    return 0;
  }
  const root = join(dirname(fileURLToPath(import.meta.url)), '..');
  const versions = readVersions(join(root, 'versions.yaml'));
  if (!versions.ok) {
    console.error(versions.error);
    return 2;
  }
  const go = goVersion();
  if (!go.ok) {
    console.error(go.error);
    return 2;
  }
  const scratch = makeScratch();
  try {
    const generated = generateSchemas(scratch, versions.value, (text) => console.error(text));
    if (!generated.ok) {
      console.error(`The schemas could not be made: ${generated.error}`);
      return 2;
    }
    const target = join(root, 'schemas');
    const difference = compare(target, generated.value);
    const report = [
      ...difference.added.map((path) => `  new      schemas/${path}`),
      ...difference.changed.map((path) => `  changed  schemas/${path}`),
      ...difference.removed.map((path) => `  gone     schemas/${path}`),
    ];
    const bytes = [...generated.value.values()].reduce((sum, text) => sum + text.length, 0);
    const size = `${generated.value.size} files, ${(bytes / 1e6).toFixed(1)} MB`;
    if (report.length === 0) {
      console.log(`schemas/ is current (${size}).`);
      return 0;
    }
    console.log(report.join('\n'));
    if (options.check === true) {
      console.error(`schemas/ is not what its sources give. Run \`npm run schemas\` and commit the result.`);
      return 1;
    }
    write(target, generated.value, difference);
    console.log(`schemas/ written (${size}).`);
    return 0;
  } finally {
    scratch.remove();
  }
}

process.exitCode = main(process.argv.slice(2));
