import { type Check, ok, problem, type Result, unknown, warning } from '../check.ts';
import type { Machine } from '../machine.ts';
import { isWithin } from '../proc.ts';
import {
  type ConfigFile,
  configDirectories,
  effectiveFiles,
  parseConfig,
  type Removal,
  removalsOf,
  type TmpfilesLine,
} from '../tmpfiles.ts';

const ownFile = '/etc/tmpfiles.d/infometis.conf';

export const tmpCleaning: Check = {
  id: 'tmp-cleaning',
  title: '/tmp cleaned by systemd-tmpfiles',
  why: 'It deletes files that nobody has touched for some days under the feet of Kafka and Elasticsearch, or empties /tmp at every boot.',
  async run(machine, { volumes }) {
    if (machine.platform !== 'linux') return [unknown('not Linux')];
    const directories = volumes.map(({ path }) => path);
    if (directories.length === 0) return [ok('no volume has a directory of the node')];
    const results: Result[] = [];
    const files = readConfig(machine);
    if (!files.ok) results.push(unknown(files.message));
    else results.push(...(await judge(machine, directories, files.files)));
    results.push(...otherCleaners(machine, directories));
    return results;
  },
};

type Config =
  | { readonly ok: true; readonly files: readonly ConfigFile[] }
  | { readonly ok: false; readonly message: string };

function readConfig(machine: Machine): Config {
  const found = new Map<string, readonly ConfigFile[]>();
  for (const directory of configDirectories) {
    const listed = machine.list(directory);
    if (!listed.ok && listed.reason === 'missing') continue;
    if (!listed.ok) return { ok: false, message: `${directory}: ${listed.message}` };
    const files: ConfigFile[] = [];
    for (const name of listed.value.filter((entry) => entry.endsWith('.conf'))) {
      const path = `${directory}/${name}`;
      const read = machine.read(path);
      // A link to nowhere switches a file off as one to /dev/null does.
      if (!read.ok && read.reason !== 'missing') return { ok: false, message: `${path}: ${read.message}` };
      files.push({ path, text: read.ok ? read.value : '' });
    }
    found.set(directory, files);
  }
  return { ok: true, files: effectiveFiles(found) };
}

async function judge(
  machine: Machine,
  directories: readonly string[],
  files: readonly ConfigFile[],
): Promise<readonly Result[]> {
  const lines = files.flatMap(parseConfig);
  const timer = await machine.run('systemctl', ['is-enabled', 'systemd-tmpfiles-clean.timer']);
  const cleansDaily = timer?.stdout.trim() !== 'masked';
  // By line, so that one that threatens ten directories is told once.
  const threats = new Map<TmpfilesLine, { removal: Removal; paths: string[] }>();
  for (const directory of directories)
    for (const removal of removalsOf(directory, lines)) {
      if (removal.when === 'age' && !cleansDaily) continue;
      const known = threats.get(removal.line) ?? { removal, paths: [] };
      threats.set(removal.line, { removal: known.removal, paths: [...known.paths, directory] });
    }
  if (threats.size === 0)
    return [
      ok(
        cleansDaily
          ? 'tmpfiles.d leaves the directories of volumes alone'
          : 'systemd-tmpfiles-clean.timer is masked, and nothing is emptied at boot',
      ),
    ];
  // Without systemd as the first process nothing reads these files.
  const systemd = machine.list('/run/systemd/system').ok;
  return [...threats.values()].map(({ removal, paths }) => {
    const { line, when } = removal;
    const detail = `${line.file}:${line.number} \`${line.text}\` ${when === 'boot' ? 'empties' : `deletes what is older than ${line.age} in`} ${paths.length === 1 ? paths[0] : `the directories of ${paths.length} volumes`}${when === 'boot' ? ' at every boot' : ''}`;
    const fix = when === 'age' ? excludeFix(line, paths) : keepFix(line, files);
    return systemd
      ? problem(detail, fix)
      : warning(`${detail}, once systemd runs here; now it does not`, fix);
  });
}

/** One glob for directories that have the same form, else one line each. */
function exclusions(paths: readonly string[]): readonly string[] {
  const alike = paths.every((path) => /^\/tmp\/[^/]+-data$/.test(path));
  return alike ? ['x /tmp/*-data'] : paths.map((path) => `x ${path}`);
}

function excludeFix(line: TmpfilesLine, paths: readonly string[]): string {
  // An exclusion helps only below the directory that is cleaned.
  if (paths.some((path) => path === line.path) || line.type === 'e')
    return `Take line ${line.number} out of ${line.file}${line.file.startsWith('/etc/') ? '' : ', by a file of the same name in /etc/tmpfiles.d'}: an exclusion does not help against it.`;
  return `Write ${ownFile}:\n${printf(exclusions(paths), ownFile)}`;
}

/** A file of the same name in /etc takes the place of the one that empties /tmp; the rest of it must stay. */
function keepFix(line: TmpfilesLine, files: readonly ConfigFile[]): string {
  const name = line.file.slice(line.file.lastIndexOf('/') + 1);
  const instead = line.type === 'D' ? line.text.replace(/^D/, 'd') : undefined;
  if (line.file.startsWith('/etc/'))
    return instead === undefined
      ? `Take line ${line.number} out of ${line.file}.`
      : `In ${line.file}, line ${line.number}, write \`${instead}\`: it makes the directory and keeps what is in it.`;
  const text = files.find(({ path }) => path === line.file)?.text ?? '';
  const others = text
    .split('\n')
    .flatMap((raw, index) =>
      index + 1 === line.number ? (instead ?? []) : raw.trim() === '' || raw.startsWith('#') ? [] : raw,
    );
  return `An \`x\` line does not help against it. Write /etc/tmpfiles.d/${name}, which takes the place of ${line.file}:\n${printf(others, `/etc/tmpfiles.d/${name}`)}`;
}

const printf = (lines: readonly string[], file: string): string =>
  `sudo tee ${file} <<'END'\n${lines.join('\n')}\nEND`;

/** Programs beside systemd that clean /tmp by age, as distributions start them from cron. */
function otherCleaners(machine: Machine, directories: readonly string[]): readonly Result[] {
  if (!directories.some((path) => isWithin(path, '/tmp'))) return [];
  return ['/etc/cron.daily/tmpreaper', '/etc/cron.daily/tmpwatch'].flatMap((file) => {
    const read = machine.read(file);
    if (!read.ok) return read.reason === 'missing' ? [] : [unknown(`${file}: ${read.message}`)];
    if (read.value.includes('/tmp/*-data')) return [];
    return [
      problem(
        `${file} deletes old files below /tmp`,
        file.endsWith('tmpreaper')
          ? "Add '/tmp/*-data' to TMPREAPER_PROTECT_EXTRA in /etc/tmpreaper.conf, or remove the package tmpreaper."
          : "Add -X '/tmp/*-data' to its command, or remove the package tmpwatch.",
      ),
    ];
  });
}
