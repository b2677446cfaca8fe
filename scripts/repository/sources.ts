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
