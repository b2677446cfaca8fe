/** The versions that the schemas are made from. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Result } from './go.ts';
import { API_MODULES, CRD_FOLDERS, KUBERNETES, type Source } from './sources.ts';

/** The version of a source, with its leading `v`. */
export type Versions = (source: Source) => string;

/** Reads versions.yaml (`name: tag` lines); an error where the file or one of the sources is missing. */
export function readVersions(file: string): Result<Versions> {
  let tree: unknown;
  try {
    tree = parse(readFileSync(file, 'utf8'));
  } catch (error) {
    return { ok: false, error: `${file}: ${error instanceof Error ? error.message : String(error)}` };
  }
  const tags = new Map<string, string>();
  for (const { name } of [KUBERNETES, ...CRD_FOLDERS, ...API_MODULES]) {
    const tag = (tree as Record<string, unknown> | null)?.[name];
    if (typeof tag !== 'string' || !/^v\d+\.\d+\.\d+/.test(tag)) {
      return { ok: false, error: `${file} has no \`${name}: v…\`` };
    }
    tags.set(name, tag);
  }
  return { ok: true, value: ({ name }) => tags.get(name) ?? '' };
}

/** A source with its version, as the index of the schemas names it. */
export const sourceAt = (source: Source, versions: Versions): string =>
  `${source.module}@${versions(source)}`;
