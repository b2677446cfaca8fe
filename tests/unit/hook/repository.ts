import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Git, openGit } from '../../../scripts/hook/git.ts';

export const ownRoot = join(import.meta.dirname, '../../..');

export interface TestRepository {
  readonly root: string;
  /** What Git and its hooks see: nothing of the person's own configuration. */
  readonly environment: NodeJS.ProcessEnv;
  write(path: string, text: string): void;
  git(...args: readonly string[]): SpawnSyncReturns<string>;
  /** As `git`, and fails the test where Git does. */
  must(...args: readonly string[]): string;
  open(): Promise<Git>;
  remove(): void;
}

/** An empty repository, in a directory with a space and an apostrophe in its name. */
export function testRepository(more: NodeJS.ProcessEnv = {}): TestRepository {
  const base = mkdtempSync(join(tmpdir(), "infometis hook's "));
  const root = join(base, 'a clone');
  mkdirSync(root);
  const environment: NodeJS.ProcessEnv = {
    PATH: process.env['PATH'],
    HOME: base,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'Test',
    GIT_AUTHOR_EMAIL: 'test@example.com',
    GIT_COMMITTER_NAME: 'Test',
    GIT_COMMITTER_EMAIL: 'test@example.com',
    ...more,
  };
  return at(root, environment, () => rmSync(base, { recursive: true, force: true }));
}

/** The same, in another worktree. */
export const worktreeOf = ({ environment, remove }: TestRepository, root: string): TestRepository =>
  at(root, environment, remove);

function at(root: string, environment: NodeJS.ProcessEnv, remove: () => void): TestRepository {
  const git = (...args: readonly string[]) =>
    spawnSync('git', args, { cwd: root, env: environment, encoding: 'utf8' });
  const must = (...args: readonly string[]): string => {
    const { status, stdout, stderr } = git(...args);
    if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`);
    return stdout;
  };
  if (git('rev-parse', '--git-dir').status !== 0) must('init', '--quiet', '--initial-branch=main');
  return {
    root,
    environment,
    git,
    must,
    write(path, text) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    },
    async open() {
      const opened = await openGit(root, { environment });
      if (!opened.ok) throw new Error(opened.error.message);
      return opened.git;
    },
    remove,
  };
}

/** What the hook starts, in place of the command: it writes down how it was called, and ends as the file `verdict` says. */
export function addStandIn(repository: TestRepository): void {
  repository.write('scripts/hook.ts', '');
  repository.write(
    'scripts/run.mjs',
    `import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
const home = ${JSON.stringify(repository.environment['HOME'])};
const root = dirname(dirname(fileURLToPath(import.meta.url)));
appendFileSync(join(home, 'calls'), JSON.stringify({ args: process.argv.slice(2), root }) + '\\n');
process.exit(existsSync(join(home, 'verdict')) ? Number(readFileSync(join(home, 'verdict'), 'utf8')) : 0);
`,
  );
}

/** This repository as it is in the working tree, with its packages; without what no command needs. */
export function addPlatform(repository: TestRepository): void {
  const listed = spawnSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: ownRoot,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  // One that is deleted, and not committed yet, is still listed.
  for (const path of listed.stdout
    .split('\0')
    .filter((name) => !/^(?:tests\/(?!seed\/)|docs\/)|^$/.test(name)))
    if (existsSync(join(ownRoot, path))) cpSync(join(ownRoot, path), join(repository.root, path));
  // Package by package, because bundles of commands are kept beside them.
  mkdirSync(join(repository.root, 'node_modules'));
  for (const name of readdirSync(join(ownRoot, 'node_modules')))
    if (!name.startsWith('.'))
      symlinkSync(join(ownRoot, 'node_modules', name), join(repository.root, 'node_modules', name));
}
