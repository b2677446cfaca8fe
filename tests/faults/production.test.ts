import { describe, expect, test } from 'vitest';
import { prove } from '../seed/prove.ts';
import { statements } from '../seed/sections.ts';
import { render } from './check.ts';
import { testFaultsByStage } from './fault.ts';
import { productionFaults } from './production.ts';
import { undoings } from './undoings.ts';

testFaultsByStage('what the gate says of small-production', productionFaults);

describe('what the seed is missing of small-production', () => {
  for (const { undoes, name, edits, says } of undoings)
    test(`${undoes}: ${name}`, () => {
      const statement = statements.find(({ id }) => id === undoes);
      const repository = render(edits);
      const failures = (statement?.proof ?? []).flatMap((proof) =>
        prove(repository, proof).failures.map(({ message }) => message),
      );
      expect(
        failures.some((message) => says.every((words) => message.includes(words))),
        `${says.join(', ')} among\n${failures.join('\n')}`,
      ).toBe(true);
    });
});

test('every recommendation that small-production shows was undone, and somebody noticed', () => {
  const undone = new Set([...productionFaults, ...undoings].flatMap(({ undoes }) => undoes ?? []));
  const ids = new Set(statements.map(({ id }) => id));
  for (const id of undone) expect(ids, id).toContain(id);
  const recommended = statements.filter(({ id }) => /^(production|scale|ha|backup)-/.test(id));
  for (const { id } of recommended) expect(undone, id).toContain(id);
});
