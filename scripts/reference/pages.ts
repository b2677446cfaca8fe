import { join } from 'node:path';
import { seedCoverage } from '../../tests/seed/coverage.ts';
import { allStages } from '../checks/index.ts';
import type { Repository } from '../render/environment.ts';
import { rulesPage } from './rules.ts';

export const referenceDirectory = 'docs/reference';

/** The generated pages: path relative to the repository's root → text, formatted as the repository's Markdown is. */
export async function referencePages(repository: Repository): Promise<ReadonlyMap<string, string>> {
  // Only this command needs it, and it takes a while to load.
  const prettier = await import('prettier');
  const config = await prettier.resolveConfig(join(import.meta.dirname, '../../README.md'));
  const pages = { 'rules.md': rulesPage(allStages), 'seed-coverage.md': seedCoverage(repository) };
  const result = new Map<string, string>();
  for (const [name, text] of Object.entries(pages))
    result.set(
      `${referenceDirectory}/${name}`,
      await prettier.format(text, { ...config, parser: 'markdown' }),
    );
  return result;
}
