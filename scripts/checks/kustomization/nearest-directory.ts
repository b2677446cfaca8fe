// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Flux's syntax for variables.
import type { Files } from '../../repository/files.ts';
import { nearestName } from '../../text/nearest.ts';

/**
 * The directory that a path which does not exist was probably meant for: its deepest part that exists, the directory in it
 * that is nearest to the next part, and the rest as written, where that exists. A part with `${…}`, which nobody has filled
 * in, stands for any directory. Undefined where nothing is near.
 */
export function nearestDirectory(files: Files, path: string): string | undefined {
  const segments = path.split('/');
  let parent = '.';
  for (const [index, segment] of segments.entries()) {
    const next = join(parent, segment);
    if (files.kind(next) === 'directory') {
      parent = next;
      continue;
    }
    const directories = files.list(parent).filter((name) => files.kind(join(parent, name)) === 'directory');
    const rest = segments.slice(index + 1);
    const repaired = (name: string): string =>
      [parent, name, ...rest].filter((part) => part !== '.').join('/');
    const name = segment.includes('${')
      ? directories.find((candidate) => files.kind(repaired(candidate)) === 'directory')
      : nearestName(segment, directories);
    return name === undefined ? undefined : repaired(name);
  }
  return undefined;
}

const join = (directory: string, name: string): string => (directory === '.' ? name : `${directory}/${name}`);
