/**
 * What systemd-tmpfiles would take away. Mirrors tmpfiles.d(5) and, where the page is silent, what systemd 252 was seen to do:
 * an `x` line shields from cleaning by age below a directory further up, never from what is emptied at boot; a second line of
 * the same path counts beside the first where mode, owner, age and argument are the same, and is ignored where they differ.
 */
import { isWithin } from './proc.ts';

export interface ConfigFile {
  readonly path: string;
  readonly text: string;
}

export interface TmpfilesLine {
  readonly file: string;
  /** From 1. */
  readonly number: number;
  readonly text: string;
  /** One letter. */
  readonly type: string;
  /** `!`: only at boot. */
  readonly bootOnly: boolean;
  /** A path, for some types a glob. */
  readonly path: string;
  /** Undefined where nothing is cleaned by age. */
  readonly age: string | undefined;
  /** Mode, user, group, age, argument: lines of one path that differ in these exclude each other. */
  readonly rest: string;
}

/** Directories of configuration, the strongest first: of files with one name, only the strongest is read. */
export const configDirectories = [
  '/etc/tmpfiles.d',
  '/run/tmpfiles.d',
  '/usr/local/lib/tmpfiles.d',
  '/usr/lib/tmpfiles.d',
] as const;

/** The files that count, in the order in which they are read: by name, whatever their directory. */
export function effectiveFiles(
  directories: ReadonlyMap<string, readonly ConfigFile[]>,
): readonly ConfigFile[] {
  const byName = new Map<string, ConfigFile>();
  for (const directory of configDirectories)
    for (const file of directories.get(directory) ?? []) {
      const name = nameOf(file.path);
      if (name.endsWith('.conf') && !byName.has(name)) byName.set(name, file);
    }
  return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, file]) => file);
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

// Those that are the same on every machine; what depends on the boot or on a user names nothing that volumes lie in.
const specifiers: Readonly<Record<string, string>> = {
  '%T': '/tmp',
  '%V': '/var/tmp',
  '%t': '/run',
  '%S': '/var/lib',
  '%C': '/var/cache',
  '%L': '/var/log',
  '%%': '%',
};

export function parseConfig({ path: file, text }: ConfigFile): readonly TmpfilesLine[] {
  return text.split('\n').flatMap((raw, index): TmpfilesLine[] => {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) return [];
    const [action = '', path = '', mode = '-', user = '-', group = '-', age = '-', ...argument] =
      line.match(/"(?:[^"\\]|\\.)*"|\S+/g)?.map((word) => word.replace(/^"(.*)"$/, '$1')) ?? [];
    return [
      {
        file,
        number: index + 1,
        text: line,
        type: action.slice(0, 1),
        bootOnly: action.includes('!'),
        path: path
          .replace(/%./g, (specifier) => specifiers[specifier] ?? specifier)
          .replace(/(?<=.)\/+$/, ''),
        age: age === '-' ? undefined : age,
        rest: [mode, user, group, age, ...argument].join(' '),
      },
    ];
  });
}

export interface Removal {
  /** Emptied when the machine starts, or cleaned of what nobody has touched for some time. */
  readonly when: 'boot' | 'age';
  readonly line: TmpfilesLine;
}

/** The lines by which a directory, or what is in it, is taken away. */
export function removalsOf(directory: string, lines: readonly TmpfilesLine[]): readonly Removal[] {
  const atBoot = applied(lines);
  // Cleaning by age is run without --boot, so lines with `!` are not there.
  const everyDay = applied(lines.filter(({ bootOnly }) => !bootOnly));
  return [
    ...atBoot
      .filter(
        (line) => (line.type === 'D' || line.type === 'R') && ancestorsNamed(line, directory).length > 0,
      )
      .map((line) => ({ when: 'boot', line }) as const),
    ...everyDay
      .filter((line) => cleansByAge(line) && !isShielded(line, directory, everyDay))
      .map((line) => ({ when: 'age', line }) as const)
      .filter(({ line }) => ancestorsNamed(line, directory).length > 0),
  ];
}

function applied(lines: readonly TmpfilesLine[]): readonly TmpfilesLine[] {
  const first = new Map<string, TmpfilesLine>();
  return lines.filter((line) => {
    const known = first.get(line.path);
    if (known === undefined) first.set(line.path, line);
    return known === undefined || known.rest === line.rest;
  });
}

const cleansByAge = ({ type, age }: TmpfilesLine): boolean =>
  age !== undefined && ['d', 'D', 'e', 'v', 'q', 'Q', 'C'].includes(type);

const takesGlob = ({ type }: TmpfilesLine): boolean => ['e', 'x', 'X', 'r', 'R', 'z', 'Z'].includes(type);

/** Of a directory and those above it, the ones that a line means. */
const ancestorsNamed = (line: TmpfilesLine, directory: string): readonly string[] =>
  pathsTo(directory).filter((path) => means(line, path));

const means = (line: TmpfilesLine, path: string): boolean =>
  takesGlob(line) ? globPattern(line.path).test(path) : line.path === path;

/** `/`, `/tmp`, `/tmp/kafka-data`. */
const pathsTo = (directory: string): readonly string[] => [
  '/',
  ...directory
    .split('/')
    .slice(1)
    .map((_, index, names) => `/${names.slice(0, index + 1).join('/')}`),
];

// Between the directory that is cleaned and the volume, an `x`, or a line of its own without an age, stops it.
function isShielded(cleaning: TmpfilesLine, directory: string, lines: readonly TmpfilesLine[]): boolean {
  const from = ancestorsNamed(cleaning, directory).at(-1);
  return (
    from !== undefined &&
    pathsTo(directory)
      .filter((path) => path !== from && isWithin(path, from))
      .some((path) =>
        lines.some(
          (line) => line !== cleaning && means(line, path) && (line.type === 'x' || !takesGlob(line)),
        ),
      )
  );
}

/** As fnmatch with FNM_PATHNAME and FNM_PERIOD: `*` and `?` stop at a slash, and a leading dot is written out. */
function globPattern(glob: string): RegExp {
  const pattern = glob.replace(/\[!?[^\]]+\]|[*?]|[\\^$.|+(){}[\]]/g, (token, at: number) => {
    const start = at === 0 || glob[at - 1] === '/' ? '(?!\\.)' : '';
    if (token === '*') return `${start}[^/]*`;
    if (token === '?') return `${start}[^/]`;
    if (token.length > 1) return `${start}${token.replace(/^\[!/, '[^')}`;
    return `\\${token}`;
  });
  return new RegExp(`^${pattern}$`);
}
