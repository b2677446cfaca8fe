import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory } from '../cache/directory.ts';
import type { Tool } from './catalog.ts';
import { type GoMod, parseGoMod } from './go-mod.ts';

/** A tool as its go.mod pins it, and where its build is kept. */
export interface Pin {
  readonly tool: Tool;
  readonly goMod: GoMod;
  /** With its leading `v`. */
  readonly version: string;
  /** The directory of its go.mod. */
  readonly source: string;
  /** What `go build` gets, without the output and the package. */
  readonly flags: readonly string[];
  /** The directory that a finished build has: `bin/` with the programs, `files/` where the tool has files. */
  readonly directory: string;
}

export const toolsSource = join(import.meta.dirname, '../../tests/cluster/tools');

/** Where all builds are. */
export const toolsDirectory = (environment: NodeJS.ProcessEnv = process.env): string =>
  join(cacheDirectory(environment), 'tools');

/**
 * Reads the pin of a tool. Its directory carries a hash of everything that decides what is built, so a changed pin never
 * meets an old build.
 *
 * @throws where the go.mod is absent or lacks the tool's module: the repository itself is broken then
 */
export function readPin(
  tool: Tool,
  environment: NodeJS.ProcessEnv = process.env,
  sources: string = toolsSource,
): Pin {
  const source = join(sources, tool.name);
  const goModText = readFileSync(join(source, 'go.mod'), 'utf8');
  const goMod = parseGoMod(goModText);
  const version = goMod.requires.get(tool.module);
  if (version === undefined) throw new Error(`${join(source, 'go.mod')} does not require ${tool.module}`);
  const variables = Object.entries(tool.variables?.(version) ?? {});
  const flags = [
    '-trimpath',
    '-buildvcs=false',
    `-ldflags=${['-s', '-w', ...variables.map(([name, value]) => `-X ${name}=${value}`)].join(' ')}`,
  ];
  const hash = createHash('sha256')
    .update(
      JSON.stringify([
        goModText,
        readFileSync(join(source, 'go.sum'), 'utf8'),
        flags,
        tool.programs,
        tool.files ?? '',
        process.platform,
        process.arch,
      ]),
    )
    .digest('hex')
    .slice(0, 12);
  const directory = join(toolsDirectory(environment), tool.name, `${version}-${hash}`);
  return { tool, goMod, version, source, flags, directory };
}
