import { posix } from 'node:path';
import type { Files } from '../repository/files.ts';

/** What a GitRepository says about the files that it packs. */
export interface ArtifactOptions {
  /** `spec.ignore`. */
  readonly ignore?: string;
  /** `spec.sparseCheckout`; undefined for the whole tree. */
  readonly sparseCheckout?: readonly string[];
}

interface Pattern {
  /** Directory of the file that holds the pattern, as segments. */
  readonly domain: readonly string[];
  readonly segments: readonly string[];
  readonly include: boolean;
  readonly directoryOnly: boolean;
}

const versionControl = ['.git/', '.gitignore', '.gitmodules', '.gitattributes'];
const defaults = [
  ...['jpg', 'jpeg', 'gif', 'png', 'wmv', 'flv', 'tar.gz', 'zip'].map((extension) => `*.${extension}`),
  ...['.github/', '.circleci/', '.travis.yml', '.gitlab-ci.yml', 'appveyor.yml', '.drone.yml'],
  ...['cloudbuild.yaml', 'codeship-services.yml', 'codeship-steps.yml'],
  ...['**/.goreleaser.yml', '**/.sops.yaml', '**/.flux.yaml'],
];

/** Whether source-controller leaves a file out of the artifact that kustomize-controller builds from. */
export type IsIgnored = (path: string) => boolean;

/**
 * What source-controller leaves out of a Git artifact: version control's own files, and what `.sourceignore` files and
 * `spec.ignore` name or, where there are none, its defaults. Mirrors fluxcd/pkg/sourceignore 0.18 and the storage's
 * `SourceIgnoreFilter` of source-controller 1.9.
 */
export function ignoredByFlux(files: Files, options: ArtifactOptions = {}): IsIgnored {
  const own = [...patternsIn(files), ...parse(options.ignore ?? '', [])];
  const lines = [...versionControl, ...(own.length === 0 ? defaults : [])];
  const patterns = [...lines.map((line) => pattern(line, [])), ...own];
  const sparse = options.sparseCheckout?.map((directory) => posix.normalize(directory));
  return (path) => {
    if (sparse && !sparse.some((directory) => directory === '.' || path.startsWith(directory))) return true;
    const segments = path.split('/');
    // The last pattern that says anything decides.
    return patterns.findLast((candidate) => matches(candidate, segments))?.include === false;
  };
}

/** The files as kustomize-controller sees them. What is left out, and every symbolic link, is missing. */
export function artifactFiles(files: Files, isIgnored: IsIgnored): Files {
  const known = new Map<string, boolean>();
  const look = (path: string): boolean => {
    const kind = files.kind(path);
    // A directory is there when a file in it is: an artifact holds files only.
    if (kind === 'directory')
      return path === '.' || files.list(path).some((name) => present(`${path}/${name}`));
    return kind === 'file' && !isIgnored(path);
  };
  const present = (path: string): boolean => {
    const found = known.get(path) ?? look(path);
    known.set(path, found);
    return found;
  };
  return {
    root: files.root,
    kind: (path) => (present(path) ? files.kind(path) : undefined),
    read: (path) => (present(path) ? files.read(path) : { ok: false, reason: 'missing' }),
    list: (path) => files.list(path).filter((name) => present(path === '.' ? name : `${path}/${name}`)),
  };
}

// Files never change, and finding these means looking into every directory.
const known = new WeakMap<Files, readonly Pattern[]>();

function patternsIn(files: Files): readonly Pattern[] {
  const found = known.get(files) ?? ignoreFiles(files, '.');
  known.set(files, found);
  return found;
}

function ignoreFiles(files: Files, directory: string): Pattern[] {
  const join = (name: string): string => (directory === '.' ? name : `${directory}/${name}`);
  const read = files.read(join('.sourceignore'));
  const own = read.ok ? parse(read.text, directory === '.' ? [] : directory.split('/')) : [];
  const below = files
    .list(directory)
    .filter((name) => name !== '.git' && name !== 'node_modules' && files.kind(join(name)) === 'directory')
    .flatMap((name) => ignoreFiles(files, join(name)));
  return [...own, ...below];
}

const parse = (text: string, domain: readonly string[]): Pattern[] =>
  text
    .split(/\r?\n/)
    .filter((line) => !line.startsWith('#') && line.trim() !== '')
    .map((line) => pattern(line, domain));

function pattern(line: string, domain: readonly string[]): Pattern {
  const include = line.startsWith('!');
  let text = include ? line.slice(1) : line;
  if (!text.endsWith('\\ ')) text = text.replace(/ +$/, '');
  const directoryOnly = text.endsWith('/');
  if (directoryOnly) text = text.slice(0, -1);
  return { domain, segments: text.split('/'), include, directoryOnly };
}

function matches(pattern: Pattern, path: readonly string[]): boolean {
  const { domain, segments, directoryOnly } = pattern;
  if (path.length <= domain.length || domain.some((segment, index) => path[index] !== segment)) return false;
  const rest = path.slice(domain.length);
  if (segments.length > 1) return matchesFrom(segments, rest, directoryOnly);
  const name = segmentMatcher(segments[0]!);
  return rest.some((segment, index) => name.test(segment) && !(directoryOnly && index === rest.length - 1));
}

/** Patterns with a slash. Like the controller's, they match what lies below a match, too. */
function matchesFrom(segments: readonly string[], path: readonly string[], directoryOnly: boolean): boolean {
  let rest = path;
  let matched = false;
  let anywhere = false;
  for (const [index, segment] of segments.entries()) {
    if (segment === '') {
      anywhere = false;
    } else if (segment === '**') {
      if (index === segments.length - 1) break;
      anywhere = true;
    } else if (segment.includes('**') || rest.length === 0) {
      return false;
    } else {
      const matcher = segmentMatcher(segment);
      const found = anywhere ? rest.findIndex((name) => matcher.test(name)) : matcher.test(rest[0]!) ? 0 : -1;
      matched = found !== -1;
      if (!matched && !anywhere) return false;
      rest = matched ? rest.slice(found + 1) : [];
      anywhere = false;
    }
  }
  return matched && !(directoryOnly && rest.length === 0);
}

const matchers = new Map<string, RegExp>();

/** `filepath.Match` for one path segment. */
function segmentMatcher(glob: string): RegExp {
  const known = matchers.get(glob);
  if (known) return known;
  let source = '';
  for (let index = 0; index < glob.length; index += 1) {
    const character = glob[index]!;
    if (character === '*') source += '.*';
    else if (character === '?') source += '.';
    else if (character === '[') {
      const end = glob.indexOf(']', index + 2);
      if (end === -1) source += '\\[';
      else {
        source += glob.slice(index, end + 1);
        index = end;
      }
    } else if (character === '\\' && index + 1 < glob.length) {
      index += 1;
      source += literal(glob[index]!);
    } else source += literal(character);
  }
  const matcher = new RegExp(`^${source}$`, 'su');
  matchers.set(glob, matcher);
  return matcher;
}

const literal = (character: string): string => character.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&');
