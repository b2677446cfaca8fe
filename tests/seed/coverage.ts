import type { Repository } from '../../scripts/render/environment.ts';
import type { Edit } from '../faults/overlay-files.ts';
import { productionFaults } from '../faults/production.ts';
import { undoings } from '../faults/undoings.ts';
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
    'against what is rendered: for the prototype, and where it says so for small-production. **Source** is the file that sets the',
    'value, **Shown by** the rendered object and the value in it; `spec.template.spec` is left out where the value belongs to a',
    'pod. Where we do something else than the seed says, **Deviation** names the row of [decisions](../decisions.md).',
    '',
    'What the seed recommends for production is undone on purpose, in memory, by `tests/faults/production.ts` and',
    '`tests/faults/undoings.ts`: below each table stand the undoings that were tried, and what fails. Where that is a',
    '[rule](rules.md) the gate is red (`npm run validate`); where it is the statement, `npm test` is.',
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
  ...undone(statements),
];

const filesOf = (edits: readonly Edit[]): string => {
  const [first = '', ...others] = [...new Set(edits.map(({ path }) => path))];
  return others.length === 0 ? code(first) : `${code(first)} and ${others.length} more`;
};

/** What of a section was undone on purpose, and what fails then. */
function undone(statements: readonly Statement[]): readonly string[] {
  const tried = statements.flatMap(({ id, text }) => [
    ...productionFaults
      .filter(({ undoes }) => undoes === id)
      .map(({ name, edits, rule }) => [
        text,
        name,
        filesOf(edits),
        `[${rule}](rules.md#${rule.replaceAll('/', '')})`,
      ]),
    ...undoings
      .filter(({ undoes }) => undoes === id)
      .map(({ name, edits }) => [text, name, filesOf(edits), `the statement ${code(id)}`]),
  ]);
  if (tried.length === 0) return [];
  return [
    '| Recommended | Undone | In | What fails |',
    '| --- | --- | --- | --- |',
    ...tried.map(([text = '', ...cells], index) => {
      const first = text === tried[index - 1]?.[0] ? '' : escaped(text);
      return `| ${[first, ...cells].join(' | ')} |`;
    }),
    '',
  ];
}

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
  if ('check' in proof) return `${proof.in}: ${escaped(proof.shows)}`;
  if ('none' in proof)
    return `${proof.in === 'small-production' ? 'small-production: ' : ''}no ${code(proof.none)} at all`;
  if ('file' in proof && proof.path.length === 0 && 'contains' in proof)
    return `${code(proof.file)} says ${code(String(proof.contains))}`;
  const subject = 'file' in proof ? proof.file : proof.object;
  const path = pathText(proof.path).replace(/^spec\.template\.spec\./, '');
  const inside = 'inside' in proof && proof.inside ? ` → ${code(pathText(proof.inside))}` : '';
  const place = 'in' in proof && proof.in === 'small-production' ? 'small-production: ' : '';
  return `${place}${code(subject)} ${code(path)}${inside}${expected(proof)}`;
}

/** What is expected, where it is short enough for a table. */
function expected(expectation: Expectation): string {
  if ('absent' in expectation) return ' is not set';
  if ('is' in expectation && typeof expectation.is !== 'object') return ` = ${code(String(expectation.is))}`;
  return '';
}

const code = (text: string): string => `\`${text.replaceAll('|', '\\|')}\``;

const escaped = (text: string): string => text.replace(/[|<*]/g, '\\$&');
