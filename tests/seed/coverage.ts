import type { Repository } from '../../scripts/render/environment.ts';
import { pathText, prove } from './prove.ts';
import { sections } from './sections.ts';
import type { Expectation, Proof, Section, Statement } from './statement.ts';

const decisions = '../decisions.md#deviations-from-the-seed';

/**
 * The page docs/reference/seed-coverage.md: what the seed says, which file makes it so, and which rendered value shows it.
 * Markdown whose tables are not aligned yet.
 */
export function seedCoverage(repository: Repository): string {
  const all = sections.flatMap(({ statements }) => statements);
  const missing = all.filter(({ notYet }) => notYet !== undefined).length;
  return [
    '# What the seed says, and where it is',
    '',
    '<!-- Written by `npm run reference`. Change tests/seed/ instead. -->',
    '',
    'The seed is the architecture overview that this platform was built from. `tests/seed.test.ts` holds each of its statements',
    'against the rendered prototype. **Source** is the file that sets the value, **Shown by** the rendered object and the value',
    'in it; `spec.template.spec` is left out where the value belongs to a pod. Where we do something else than the seed says,',
    '**Deviation** names the row of [decisions](../decisions.md).',
    '',
    `${all.length} statements: ${all.length - missing} shown, ${missing} not yet.`,
    '',
    ...sections.flatMap((section) => sectionTable(repository, section)),
  ].join('\n');
}

const sectionTable = (repository: Repository, { title, statements }: Section): readonly string[] => [
  `## ${title}`,
  '',
  '| The seed says | Source | Shown by | Deviation |',
  '| --- | --- | --- | --- |',
  ...statements
    .flatMap((statement) => rows(repository, statement))
    .map((cells) => `| ${cells.join(' | ')} |`),
  '',
];

/** One row for each proof; the statement stands in the first one. */
function rows(repository: Repository, statement: Statement): readonly (readonly string[])[] {
  const text = escaped(statement.text);
  const deviation = statement.deviation === undefined ? '' : `[${statement.deviation}](${decisions})`;
  if (statement.notYet !== undefined) return [[text, '', `not yet: ${statement.notYet}`, deviation]];
  return statement.proof.map((proof, index) => [
    index === 0 ? text : '',
    sourceOf(repository, proof),
    shownBy(proof),
    index === 0 ? deviation : '',
  ]);
}

function sourceOf(repository: Repository, proof: Proof): string {
  const files = [...new Set(prove(repository, proof).evidence.map(({ origin }) => origin.file))].sort();
  const [first, ...others] = files;
  if (first === undefined) return '';
  return others.length === 0 ? code(first) : `${code(first)} and ${others.length} more`;
}

function shownBy(proof: Proof): string {
  if ('none' in proof) return `no ${code(proof.none)} at all`;
  if ('file' in proof && proof.path.length === 0 && 'contains' in proof)
    return `${code(proof.file)} says ${code(String(proof.contains))}`;
  const subject = 'file' in proof ? proof.file : proof.object;
  const path = pathText(proof.path).replace(/^spec\.template\.spec\./, '');
  const inside = 'inside' in proof && proof.inside ? ` → ${code(pathText(proof.inside))}` : '';
  return `${code(subject)} ${code(path)}${inside}${expected(proof)}`;
}

/** What is expected, where it is short enough for a table. */
function expected(expectation: Expectation): string {
  if ('absent' in expectation) return ' is not set';
  if ('is' in expectation && typeof expectation.is !== 'object') return ` = ${code(String(expectation.is))}`;
  return '';
}

const code = (text: string): string => `\`${text.replaceAll('|', '\\|')}\``;

const escaped = (text: string): string => text.replace(/[|<*]/g, '\\$&');
