import { readFileSync } from 'node:fs';
import type { UsageError } from '../cli/exit.ts';
import { field, objects, parseJson, textField } from './json.ts';
import { type Kubectl, lastLine } from './kubectl.ts';
import { runProcess, showCommand } from './process.ts';
import type { Surroundings } from './surroundings.ts';

/** By which way the node's directories are reached. */
export type NodeAccess =
  /** This machine is the node. */
  | { readonly way: 'here'; readonly nodes: readonly string[] }
  /** By a command that runs another one there: `ssh root@node`, or `sudo` on the node itself. */
  | { readonly way: 'shell'; readonly nodes: readonly string[]; readonly command: readonly string[] }
  /** By the hands of a person. */
  | { readonly way: 'by hand'; readonly nodes: readonly string[] };

export type NodeFound =
  | { readonly ok: true; readonly access: NodeAccess }
  | { readonly ok: false; readonly error: UsageError };

/**
 * Finds the way to the cluster's node. This machine is it where both run the same boot of the same installation: a container
 * on the node shares its kernel, but not its files.
 *
 * @param shell what the person gave as --node-shell
 */
export async function findNode(kubectl: Kubectl, shell: string | undefined): Promise<NodeFound> {
  const result = await kubectl.run(['get', 'nodes', '--output=json']);
  if (result.code !== 0)
    return {
      ok: false,
      error: {
        message: `the nodes cannot be read: ${lastLine(result.stderr)}`,
        fix: 'This needs the rights of a cluster administrator.',
      },
    };
  const nodes = objects(field(parseJson(result.stdout), 'items'));
  const names = nodes.map((node) => textField(node, 'metadata', 'name') ?? '');
  const words = shell?.split(/\s+/).filter((word) => word !== '') ?? [];
  if (words.length > 0) return { ok: true, access: { way: 'shell', nodes: names, command: words } };
  const info = (key: string): string => textField(nodes[0], 'status', 'nodeInfo', key) ?? '';
  const here =
    nodes.length === 1 &&
    info('bootID') !== '' &&
    info('bootID') === readLine('/proc/sys/kernel/random/boot_id') &&
    info('machineID') === readLine('/etc/machine-id');
  return { ok: true, access: { way: here ? 'here' : 'by hand', nodes: names } };
}

function readLine(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}

/** What a person types on the node. */
export const removalCommand = (directories: readonly string[]): string =>
  showCommand(['sudo', 'rm', '-rf', '--one-file-system', '--', ...directories]);

// Never follows a link: a directory that is one, or lies behind one, stays and is told. rm itself follows none further down.
const script = (directories: readonly string[]): string => `
if rm --help 2>&1 | grep -q one-file-system; then option=--one-file-system; else option=; fi
for directory in ${directories.map((one) => `'${one}'`).join(' ')}; do
  parent=$(dirname "$directory")
  if [ -L "$directory" ]; then echo "link $directory"; continue; fi
  if [ ! -e "$directory" ]; then echo "absent $directory"; continue; fi
  if [ ! -d "$directory" ]; then echo "file $directory"; continue; fi
  if [ "$(cd "$parent" && pwd -P)" != "$parent" ]; then echo "link $directory"; continue; fi
  if message=$(rm -rf $option -- "$directory" 2>&1); then echo "removed $directory"
  else echo "failed $directory $(echo "$message" | tail -n 1)"; fi
done
`;

export interface Removed {
  readonly removed: readonly string[];
  readonly absent: readonly string[];
  readonly left: readonly { readonly directory: string; readonly why: string }[];
}

/** Which of the directories are there; undefined where nobody can look. */
export async function presentDirectories(
  access: NodeAccess,
  directories: readonly string[],
  { environment, signal }: Pick<Surroundings, 'environment' | 'signal'>,
): Promise<readonly string[] | undefined> {
  if (access.way === 'by hand') return undefined;
  const result = await runProcess([...(access.way === 'shell' ? access.command : []), 'sh', '-s'], {
    input: directories
      .map((one) => `[ -e '${one}' ] && echo '${one}'\n`)
      .join('')
      .concat('true\n'),
    environment,
    signal,
  });
  return result.code === 0 ? result.stdout.split('\n').filter((line) => line !== '') : undefined;
}

/**
 * Removes exactly these directories on the node: here, by a shell there, or by telling the person the command and waiting for
 * their word. Pods must not use them any more.
 *
 * @param directories that `isDataDirectory` has let pass
 */
export async function removeDirectories(
  access: NodeAccess,
  directories: readonly string[],
  { environment, write, confirm, signal }: Surroundings,
): Promise<Removed> {
  if (access.way === 'by hand') {
    write(
      `Now on ${access.nodes.join(', ') || 'the node'}, which is not this machine:\n\n    ${removalCommand(directories)}\n\n`,
    );
    const done = (await confirm?.('Is that done? [y/N] ')) === true && !signal.aborted;
    return done
      ? { removed: directories, absent: [], left: [] }
      : {
          removed: [],
          absent: [],
          left: directories.map((directory) => ({ directory, why: 'still to be removed on the node' })),
        };
  }
  // Without the signal: what was removed until Ctrl-C is to be told.
  const result = await runProcess([...(access.way === 'shell' ? access.command : []), 'sh', '-s'], {
    input: script(directories),
    environment,
  });
  const told = new Map(
    result.stdout.split('\n').flatMap((line) => {
      const [, what = '', directory = '', why = ''] = /^(\w+) (\S+) ?(.*)$/.exec(line) ?? [];
      return directory === '' ? [] : [[directory, { what, why }] as const];
    }),
  );
  const of = (what: string): readonly string[] =>
    directories.filter((directory) => told.get(directory)?.what === what);
  const whys: Readonly<Record<string, string>> = {
    link: 'it is a symbolic link, or lies behind one; look at where it leads, then remove it by hand',
    file: 'it is no directory',
  };
  return {
    removed: of('removed'),
    absent: of('absent'),
    left: directories.flatMap((directory) => {
      const answer = told.get(directory);
      if (answer?.what === 'removed' || answer?.what === 'absent') return [];
      const why =
        answer === undefined
          ? `no answer (${lastLine(result.stderr)})`
          : (whys[answer.what] ?? (answer.why || 'it could not be removed'));
      return [{ directory, why }];
    }),
  };
}

/** The way to the directories, for the list that a person agrees to. */
export function describeAccess(access: NodeAccess): string {
  switch (access.way) {
    case 'here':
      return 'on this machine, which is the node';
    case 'shell':
      return `by ${showCommand(access.command)}`;
    case 'by hand':
      return `on ${access.nodes.join(', ') || 'the node'}, which is not this machine: you are told the command and asked`;
  }
}

/** Directories that only a person can remove, and no person to ask: better said before anything is gone. */
export function nobodyForTheNode(
  access: NodeAccess,
  directories: readonly string[],
  { confirm }: Pick<Surroundings, 'confirm'>,
): UsageError | undefined {
  if (access.way !== 'by hand' || directories.length === 0 || confirm !== undefined) return undefined;
  return {
    message: `the data lies on ${access.nodes.join(', ') || 'the node'}, which is not this machine, and there is no terminal to ask when it is removed; nothing was changed`,
    fix: 'Run this on the node, or give the way there: --node-shell "ssh root@node".',
  };
}
