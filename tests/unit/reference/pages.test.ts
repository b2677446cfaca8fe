import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { referencePages } from '../../../scripts/reference/pages.ts';
import { renderRepository } from '../../../scripts/render/render.ts';
import { openDirectory } from '../../../scripts/repository/files.ts';
import { openSources } from '../../../scripts/repository/sources.ts';

const root = join(import.meta.dirname, '../../..');

test('the generated pages are up to date: `npm run reference` writes them', async () => {
  const pages = await referencePages(renderRepository(openSources(openDirectory(root))));
  expect(pages.size).toBeGreaterThan(0);
  for (const [path, text] of pages) expect(readFileSync(join(root, path), 'utf8'), path).toBe(text);
});
