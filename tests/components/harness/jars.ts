import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { findProgram, runProcess } from '../../../scripts/cluster/process.ts';
import { toolsDirectory } from '../../../scripts/tools/pin.ts';

export type Jars =
  | { readonly ok: true; readonly directory: string; readonly files: readonly string[] }
  | { readonly ok: false; readonly reason: string };

const oldest = 17;
// From 24 on Java has no security manager, without which Elasticsearch 7 does not start.
const newest = 23;

/**
 * The jars of a pom.xml, from Maven, kept in the user's cache. Their versions are the pom's, their contents those of
 * jars.sha256 beside it. With UPDATE_JARS=1 that file is written instead.
 *
 * @param source the pom's directory
 * @throws where a jar is not what jars.sha256 says: that is no reason to skip anything
 */
export async function fetchJars(source: string): Promise<Jars> {
  const name = basename(source);
  const lockFile = join(source, 'jars.sha256');
  const java = await javaProblem();
  if (java !== undefined) return { ok: false, reason: java };

  const pom = readFileSync(join(source, 'pom.xml'));
  const key = createHash('sha256').update(pom).digest('hex').slice(0, 12);
  const directory = join(dirname(toolsDirectory()), 'jars', `${name}-${key}`);
  if (filesIn(directory).length === 0) {
    const maven = findProgram('mvn');
    if (maven === undefined) return { ok: false, reason: 'Maven (mvn) is not on PATH' };
    const fresh = `${directory}.${process.pid}`;
    mkdirSync(fresh, { recursive: true });
    const { code, stdout, stderr } = await runProcess([
      maven,
      '--batch-mode',
      '--quiet',
      '--strict-checksums',
      '--file',
      join(source, 'pom.xml'),
      'dependency:copy-dependencies',
      `-DoutputDirectory=${fresh}`,
    ]);
    if (code !== 0) {
      rmSync(fresh, { recursive: true, force: true });
      return { ok: false, reason: `Maven cannot fetch ${name}: ${firstError(`${stdout}\n${stderr}`)}` };
    }
    rmSync(directory, { recursive: true, force: true });
    renameSync(fresh, directory);
  }

  const files = filesIn(directory);
  const found = files
    .map((file) => `${createHash('sha256').update(readFileSync(file)).digest('hex')}  ${basename(file)}\n`)
    .join('');
  if (process.env['UPDATE_JARS'] === '1') writeFileSync(lockFile, found);
  if (found !== readFileSync(lockFile, 'utf8'))
    throw new Error(`the jars in ${directory} are not those of ${lockFile}`);
  return { ok: true, directory, files };
}

async function javaProblem(): Promise<string | undefined> {
  const java = findProgram('java');
  if (java === undefined) return 'Java is not on PATH';
  const { stderr } = await runProcess([java, '-version']);
  const version = Number(/version "(\d+)/.exec(stderr)?.[1]);
  return version >= oldest && version <= newest
    ? undefined
    : `Java ${oldest} to ${newest} is needed, and java -version says: ${stderr.split('\n')[0]}`;
}

const firstError = (output: string): string =>
  output
    .split('\n')
    .map((line) => line.trim())
    .find((line) => line.includes('ERROR')) ?? 'no message';

function filesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
      .filter((file) => file.endsWith('.jar'))
      .sort()
      .map((file) => join(directory, file));
  } catch {
    return [];
  }
}
