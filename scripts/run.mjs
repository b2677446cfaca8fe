// Starts a command: `node scripts/run.mjs validate …` runs scripts/validate.ts. Loading some hundred TypeScript modules one by
// one takes longer than a warm run of the gate, so they are bundled once (esbuild) and the bundle is kept for as long as no
// source changes. Plain JavaScript, because Node 20 runs nothing else by itself.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const scripts = dirname(fileURLToPath(import.meta.url));
const root = dirname(scripts);
// Below node_modules, because the bundle finds its packages from where it lies, and `npm ci` starts afresh.
const cache = join(root, 'node_modules', '.cache', 'infometis');

const [, , command = ''] = process.argv;
const source = join(scripts, `${command}.ts`);
if (!/^[a-z-]+$/.test(command) || !statSync(source, { throwIfNoEntry: false })) {
  process.stderr.write(`error: there is no command \`${command}\`\n  fix: package.json lists them.\n`);
  process.exit(2);
}
if (!statSync(join(root, 'node_modules', 'esbuild'), { throwIfNoEntry: false })) {
  process.stderr.write('error: the packages are not installed\n  fix: Run `npm ci`.\n');
  process.exit(2);
}
// What the command would see if it were started by itself.
process.argv.splice(1, 2, source);

const bundle = await bundleOf(command);
if (bundle === undefined) {
  const { register } = await import('tsx/esm/api');
  register();
}
await import(pathToFileURL(bundle ?? source).href);

/**
 * The bundle of a command; made where it is missing, or its sources are not those that it was made of. Undefined where it
 * cannot be kept: then the modules are loaded one by one.
 */
async function bundleOf(name) {
  const file = `${name}-${fingerprint()}.mjs`;
  const bundle = join(cache, file);
  if (statSync(bundle, { throwIfNoEntry: false })) return bundle;
  const { build } = await import('esbuild');
  const result = await build({
    entryPoints: [join(scripts, `${name}.ts`)],
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    logLevel: 'error',
    plugins: [{ name: 'place', setup: ({ onLoad }) => onLoad({ filter: /\.ts$/ }, withPlace) }],
  });
  try {
    mkdirSync(cache, { recursive: true });
    // Two runs at once write the same; a run that is cut off leaves only a temporary file.
    const temporary = `${bundle}.${process.pid}.tmp`;
    writeFileSync(temporary, result.outputFiles[0].contents);
    renameSync(temporary, bundle);
    for (const old of readdirSync(cache))
      if (old.startsWith(`${name}-`) && old !== file && old.endsWith('.mjs'))
        rmSync(join(cache, old), { force: true });
    return bundle;
  } catch {
    return undefined;
  }
}

/** A module that asks where it is means its source, not the bundle. */
function withPlace({ path }) {
  const contents = readFileSync(path, 'utf8')
    .replaceAll('import.meta.dirname', JSON.stringify(dirname(path)))
    .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href));
  return { contents, loader: 'ts' };
}

/** Of all sources and of the packages that are installed. */
function fingerprint() {
  const hash = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .update(process.version);
  const visit = (directory) => {
    for (const entry of readdirSync(directory, { withFileTypes: true }).sort((a, b) =>
      a.name < b.name ? -1 : 1,
    )) {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) visit(path);
      else if (/\.(?:ts|mjs|json)$/.test(entry.name)) hash.update(path).update(readFileSync(path));
    }
  };
  visit(scripts);
  // The command `reference` shows what these tests state.
  visit(join(root, 'tests', 'seed'));
  return hash.digest('hex').slice(0, 16);
}
