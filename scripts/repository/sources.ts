import { parseYaml, type YamlFile } from '../yaml/parse.ts';
import type { Files } from './files.ts';

/** The parsed YAML files of a repository, each parsed at most once. */
export interface Sources {
  readonly files: Files;
  /** Undefined where the file cannot be read; `files.read` says why. */
  yaml(path: string): YamlFile | undefined;
}

export function openSources(files: Files): Sources {
  const parsed = new Map<string, YamlFile | undefined>();
  return {
    files,
    yaml(path) {
      if (!parsed.has(path)) {
        const read = files.read(path);
        parsed.set(path, read.ok ? parseYaml(path, read.text) : undefined);
      }
      return parsed.get(path);
    },
  };
}

/** Files that were parsed, by their path and text. */
export type ParsedFiles = Map<string, YamlFile>;

/** The sources of one of several states of a repository, most of whose files are the same: each text is parsed once for all. */
export function openSharedSources(files: Files, parsed: ParsedFiles): Sources {
  const found = new Map<string, YamlFile | undefined>();
  const parse = (path: string): YamlFile | undefined => {
    const read = files.read(path);
    if (!read.ok) return undefined;
    const key = `${path}\u0000${read.text}`;
    const file = parsed.get(key) ?? parseYaml(path, read.text);
    parsed.set(key, file);
    return file;
  };
  return {
    files,
    yaml(path) {
      if (!found.has(path)) found.set(path, parse(path));
      return found.get(path);
    },
  };
}
