import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { allStages } from '../../scripts/checks/index.ts';
import { fixtureRepository } from './harness.ts';
import { expectations, parseArchive } from './txtar.ts';

const here = import.meta.dirname;

const fixturesOf = (id: string): string[] => {
  const directory = join(here, id);
  return existsSync(directory) ? readdirSync(directory).filter((name) => name.endsWith('.txtar')) : [];
};

describe.each(allStages.map((stage) => [stage.stage, stage] as const))('%s', (_, stage) => {
  for (const rule of stage.rules) {
    describe(rule.id, () => {
      const fixtures = fixturesOf(rule.id);

      test('has metadata, an accept and a reject fixture', () => {
        expect(rule.id).toMatch(new RegExp(`^${stage.stage}/[a-z0-9-]+$`));
        for (const text of [rule.title, rule.why, rule.fix]) expect(text.trim()).not.toBe('');
        expect(fixtures.filter((name) => name.startsWith('accept-'))).not.toEqual([]);
        expect(fixtures.filter((name) => name.startsWith('reject-'))).not.toEqual([]);
      });

      test.each(fixtures)('%s', async (name) => {
        const archive = parseArchive(readFileSync(join(here, rule.id, name), 'utf8'));
        const repository = await fixtureRepository(archive.files);
        const reports = [...stage.run(repository, (other) => other.id === rule.id)];
        const expected = expectations(archive);
        expect(name.startsWith('reject-')).toBe(expected.length > 0);
        const told = reports.map((report) => `${report.file}:${report.line}: ${report.message}`).sort();
        expect(told, 'as many reports as expected').toHaveLength(expected.length);
        for (const { file, line, message } of expected)
          expect(
            told.some((text) => text.startsWith(`${file}:${line}: `) && text.includes(message)),
            `${file}:${line}: ${message} among\n${told.join('\n')}`,
          ).toBe(true);
        for (const report of reports) expect(report.fix.trim()).not.toBe('');
      });
    });
  }
});

test('no fixture without a rule', () => {
  const known = new Set(allStages.flatMap((stage) => stage.rules.map((rule): string => rule.id)));
  const present = readdirSync(here, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap((stage) => readdirSync(join(here, stage.name)).map((name) => `${stage.name}/${name}`));
  expect(present.filter((id) => !known.has(id))).toEqual([]);
});
