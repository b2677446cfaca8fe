import { resolvePath } from '../repository/files.ts';
import type { Origin, ScalarNode } from '../yaml/node.ts';
import { parseYaml, type YamlFile } from '../yaml/parse.ts';
import type { BuildContext } from './context.ts';
import { fail, unsupported } from './stop.ts';

export interface LoadedFile {
  readonly path: string;
  readonly text: string;
  readonly bytes: Uint8Array;
}

const remote =
  /:\/\/|^git@|^gh:|^github\.com|\.git(?:\/|\?|$)|_git\/|[?&](?:ref|version|timeout|submodules)=/;

/** Refuses what kustomize would fetch over the network. */
export function refuseRemote(path: string, origin: Origin): void {
  if (remote.test(path)) unsupported(`the remote resource ${path}`, origin);
}

/** A path that a kustomization names, relative to the repository's root; fails where kustomize would not read it. */
export function locateFile(
  context: BuildContext,
  directory: string,
  relative: string,
  origin: Origin,
): string {
  if (relative.startsWith('/')) unsupported(`the absolute path ${relative}`, origin);
  const path = resolvePath(directory, relative);
  if (path === undefined)
    fail(
      'outside-repository',
      `\`${relative}\` leads out of the repository`,
      'Copy the file into the repository; Flux sees nothing outside it.',
      origin,
    );
  context.reads.add(path);
  const inside = directory === '.' || path === directory || path.startsWith(`${directory}/`);
  if (context.loadRestrictions === 'root-only' && !inside)
    fail(
      'load-restriction',
      `\`${relative}\` is not in or below \`${directory}\``,
      'Move the file below the kustomization that names it, or name a directory with its own kustomization.yaml.',
      origin,
    );
  return path;
}

/** The content of a file that a kustomization names. */
export function loadFile(
  context: BuildContext,
  directory: string,
  relative: string,
  origin: Origin,
): LoadedFile {
  refuseRemote(relative, origin);
  const path = locateFile(context, directory, relative, origin);
  const read = context.sources.files.read(path);
  if (read.ok) return { path, text: read.text, bytes: read.bytes };
  switch (read.reason) {
    case 'symlink':
      return unsupported(`the symbolic link ${path}`, origin);
    case 'too-large':
      return unsupported(`the very large file ${path}`, origin);
    case 'directory':
      return fail('not-a-file', `${path} is a directory`, 'Name the files in it one by one.', origin);
    default:
      return fail('missing-file', `${path} does not exist`, 'Correct the path, or add the file.', origin);
  }
}

export function loadYaml(
  context: BuildContext,
  directory: string,
  relative: string,
  origin: Origin,
): YamlFile {
  const { path, text } = loadFile(context, directory, relative, origin);
  return context.sources.yaml(path) ?? parseYaml(path, text);
}

const inline = new WeakMap<ScalarNode, YamlFile>();

/** YAML that is written inside a scalar, with its places in the file around it; `patches` trims it first. */
export function inlineYaml(context: BuildContext, node: ScalarNode, as?: 'trimmed'): YamlFile {
  const { file, line, column } = node.origin;
  // The places within the text come from the file's own lines.
  context.reads.add(file);
  let parsed = inline.get(node);
  if (!parsed) {
    const read = node.style === 'block' ? context.sources.files.read(file) : undefined;
    const lines = read?.ok ? read.text.split('\n') : [];
    const whole = String(node.value ?? '');
    const text = as === 'trimmed' ? whole.trimEnd() : whole;
    const literal = lines[line - 1]?.slice(column - 1).startsWith('|') === true;
    const first = text.split('\n').findIndex((each) => each.trim() !== '');
    const indent = literal && first >= 0 ? (/^ */.exec(lines[line + first] ?? '')?.[0].length ?? 0) : 0;
    parsed = parseYaml(
      file,
      text,
      // The lines of folded and quoted text are not those of the file: the scalar's own place has to do.
      literal
        ? (textLine, textColumn) => ({ file, line: line + textLine, column: indent + textColumn })
        : () => node.origin,
    );
    inline.set(node, parsed);
  }
  return parsed;
}
