/**
 * The real Renovate on a copy of this repository: what it extracts, what its rules make of that, and what it would write.
 * Nothing is mocked, and nothing is asked of a registry.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, lstatSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

export const root = join(import.meta.dirname, '../..');
const renovate = join(import.meta.dirname, 'node_modules/renovate/dist');

/** The files of the repository as they lie there, committed or not, relative to its root. */
export function repositoryFiles(): string[] {
  const git = spawnSync(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'],
    {
      cwd: root,
      encoding: 'utf8',
    },
  );
  if (git.status !== 0)
    throw new Error(
      `git has to say which files belong to the repository: ${git.stderr || git.error?.message}`,
    );
  // Neither what is deleted but not yet committed, nor links.
  return git.stdout
    .split('\0')
    .filter(
      (file) => file !== '' && lstatSync(join(root, file), { throwIfNoEntry: false })?.isFile() === true,
    );
}

/** A dependency as Renovate has it; the fields that are looked at here. */
export interface Dependency {
  readonly depName?: string;
  readonly packageName?: string;
  readonly datasource?: string;
  readonly depType?: string;
  readonly currentValue?: string;
  readonly currentDigest?: string;
  readonly replaceString?: string;
  readonly autoReplaceStringTemplate?: string;
  readonly enabled?: boolean;
  readonly skipReason?: string;
}

export interface Extracted {
  /** `kustomize`, `flux`, `regex` …: of the custom managers too. */
  readonly manager: string;
  readonly file: string;
  /** The dependency's place in its file's list. */
  readonly index: number;
  readonly dependency: Dependency;
  /** What belongs to the file: constraints, lock files, the fields of a custom manager. */
  readonly packageFile: Readonly<Record<string, unknown>>;
}

export interface Extraction {
  /** What the configuration is complained about, and warnings of the run. */
  readonly complaints: readonly string[];
  readonly extracted: readonly Extracted[];
  /** Requests to other machines; extraction needs none. */
  readonly requests: number;
}

/** Runs a program of Renovate's with nothing of this process's environment that it could take for settings. */
export function runRenovate(
  program: string,
  args: readonly string[],
  cwd: string,
  settings: NodeJS.ProcessEnv,
) {
  return spawnSync(process.execPath, [join(renovate, program), ...args], {
    cwd,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    env: { PATH: process.env['PATH'], HOME: cwd, NO_COLOR: '1', ...settings },
  });
}

interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly err?: { readonly message?: string };
  readonly errors?: readonly { readonly message: string }[];
  readonly warnings?: readonly { readonly message: string }[];
  readonly hosts?: Readonly<Record<string, unknown>>;
  readonly packageFiles?: Readonly<
    Record<
      string,
      readonly ({ readonly packageFile: string; readonly deps: readonly Dependency[] } & object)[]
    >
  >;
}

// Neither is about the repository: re2 is native code that is not installed here, and extraction asks GitHub for nothing.
const expected: ReadonlySet<string> = new Set([
  'RE2 not usable, falling back to RegExp',
  'GitHub token is required for some dependencies',
]);

/**
 * Lets Renovate extract from these files, in a copy of them below `directory`.
 *
 * @throws Error where Renovate does not get as far as to extract
 */
export function extract(files: readonly string[], directory: string): Extraction {
  const copy = join(directory, 'repository');
  rmSync(copy, { recursive: true, force: true });
  for (const file of files) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    copyFileSync(join(root, file), join(copy, file));
  }
  // Renovate takes the list of files from git.
  for (const args of [
    ['init', '--quiet'],
    ['add', '--all', '--force'],
  ]) {
    const git = spawnSync('git', args, { cwd: copy, encoding: 'utf8' });
    if (git.status !== 0) throw new Error(`git ${args[0]}: ${git.stderr}`);
  }
  const { stdout, stderr, status } = runRenovate('renovate.js', [], copy, {
    LOG_FORMAT: 'json',
    LOG_LEVEL: 'debug',
    RENOVATE_PLATFORM: 'local',
    RENOVATE_DRY_RUN: 'extract',
    RENOVATE_BASE_DIR: join(directory, 'renovate'),
  });
  const lines = stdout
    .split('\n')
    .flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as LogLine] : []));
  const complaints = lines
    .filter(({ level, msg }) => level >= 40 && !expected.has(msg))
    .map(({ msg, err }) => (err?.message === undefined ? msg : `${msg}: ${err.message}`));
  for (const { errors, warnings } of lines)
    complaints.push(...[...(errors ?? []), ...(warnings ?? [])].map(({ message }) => message));
  const packageFiles = lines.find(({ packageFiles }) => packageFiles !== undefined)?.packageFiles;
  if (packageFiles === undefined)
    throw new Error(`Renovate extracted nothing (exit code ${status}).\n${complaints.join('\n')}\n${stderr}`);
  const extracted = Object.entries(packageFiles).flatMap(([manager, list]) =>
    list.flatMap(({ packageFile: file, deps, ...rest }) =>
      deps.map((dependency, index) => ({
        manager,
        file,
        index,
        dependency,
        packageFile: { ...rest, packageFile: file },
      })),
    ),
  );
  const hosts = lines.find(({ msg }) => msg === 'HTTP statistics')?.hosts ?? {};
  return { complaints, extracted, requests: Object.keys(hosts).length };
}

/** What the rules say about one update; the fields that are looked at here. */
export interface Verdict {
  readonly enabled?: boolean;
  readonly groupName?: string | null;
  readonly pinDigests?: boolean;
  readonly automerge?: boolean;
  readonly dependencyDashboardApproval?: boolean;
  readonly minimumReleaseAge?: string | null;
  readonly minimumReleaseAgeBehaviour?: string;
  readonly separateMultipleMajor?: boolean;
  readonly prBodyNotes?: readonly string[];
}

export type UpdateType = 'major' | 'minor' | 'patch' | 'digest' | 'pinDigest';

const fields = [
  'enabled',
  'groupName',
  'pinDigests',
  'automerge',
  'dependencyDashboardApproval',
  'minimumReleaseAge',
  'minimumReleaseAgeBehaviour',
  'separateMultipleMajor',
  'prBodyNotes',
] as const satisfies readonly (keyof Verdict)[];

export interface Rules {
  /** Whether such an update is proposed at all. */
  moves(extracted: Extracted, update: UpdateType): Promise<boolean>;
  /** Renovate's own verdict: presets, managers' defaults and packageRules, in its order. */
  verdict(extracted: Extracted, update: UpdateType): Promise<Verdict>;
  /** The text of the file after Renovate has written an update into it; undefined where it could not. */
  write(
    extracted: Extracted,
    text: string,
    update: { readonly newValue?: string; readonly newDigest?: string },
  ): Promise<string | undefined>;
}

type Config = Readonly<Record<string, unknown>>;

/** Renovate's own functions over this configuration. `directory` is where they keep their files. */
export async function openRules(config: Config, directory: string): Promise<Rules> {
  const load = async <T>(file: string) => (await import(pathToFileURL(join(renovate, file)).href)) as T;
  process.env['LOG_LEVEL'] = 'fatal';
  await (await load<{ init(): Promise<void> }>('logger/index.js')).init();
  const { resolveConfigPresets } = await load<{
    resolveConfigPresets(config: Config, base: Config): Promise<{ config?: Config } & Config>;
  }>('config/presets/index.js');
  const { getConfig } = await load<{ getConfig(): Config }>('config/defaults.js');
  const { getManagerConfig, mergeChildConfig, applyDatasourceDefaultConfig } = await load<{
    getManagerConfig(config: Config, manager: string): Config;
    mergeChildConfig(parent: Config, child: Config): Config;
    applyDatasourceDefaultConfig(config: Config): Promise<Config>;
  }>('config/index.js');
  const { applyPackageRules } = await load<{
    applyPackageRules(config: Config, stage: string): Promise<Verdict>;
  }>('util/package-rules/index.js');
  const { doAutoReplace } = await load<{
    doAutoReplace(upgrade: Config, text: string, reuse: boolean): Promise<string | null>;
  }>('workers/repository/update/branch/auto-replace.js');
  const { GlobalConfig } = await load<{ GlobalConfig: { set(config: Config): unknown } }>('config/global.js');
  GlobalConfig.set({ localDir: join(directory, 'repository'), cacheDir: directory });

  const resolved = await resolveConfigPresets(config, {});
  // The rules are thousands with those of the presets; every merge would copy them.
  const { packageRules, ...settings } = mergeChildConfig(getConfig(), resolved.config ?? resolved);
  const all = packageRules as readonly Config[];
  const switches = all.filter((rule) => 'enabled' in rule || 'force' in rule);
  const managers = new Map<string, Config>();
  const merged = ({ manager, dependency, packageFile }: Extracted): Config => {
    const own = managers.get(manager) ?? getManagerConfig(settings, manager);
    managers.set(manager, own);
    return mergeChildConfig(mergeChildConfig(own, packageFile), { ...dependency });
  };
  const apply = async (extracted: Extracted, rules: readonly Config[], updateType: UpdateType) => {
    const candidate = await applyDatasourceDefaultConfig({ ...merged(extracted), updateType });
    return applyPackageRules({ ...candidate, packageRules: rules }, 'test');
  };
  return {
    moves: async (extracted, updateType) => (await apply(extracted, switches, updateType)).enabled !== false,
    async verdict(extracted, updateType) {
      const all_ = await apply(extracted, all, updateType);
      return Object.fromEntries(fields.map((field) => [field, all_[field]])) as Verdict;
    },
    async write(extracted, text, update) {
      const upgrade = { ...merged(extracted), ...extracted.dependency, depIndex: extracted.index, ...update };
      return (await doAutoReplace(upgrade, text, false)) ?? undefined;
    },
  };
}
