import { expect, describe as group, test } from 'vitest';
import type { Stage } from '../../scripts/checks/rule.ts';
import type { Finding, Severity } from '../../scripts/finding.ts';
import { check, lineOf } from './check.ts';
import type { Edit } from './overlay-files.ts';

/** One mistake, made in this repository, and what the gate must say about it. */
export interface Fault {
  readonly name: string;
  readonly edits: readonly Edit[];
  readonly rule: string;
  /** Of a fault that breaks nothing at once; the run is red only with `--strict`, or not at all. */
  readonly severity?: Exclude<Severity, 'error'>;
  /** The blame must fall on this file, on the line where `find` ends; `find` occurs once in the edited file. */
  readonly file: string;
  readonly find: string;
  /** Words of the message. */
  readonly says: readonly string[];
  /** Errors that follow from the fault, as `rule file`, or `rule *` for many files; any other error fails the test. */
  readonly consequences?: readonly string[];
}

/** Each fault is found, by the right rule, at the right line, and nothing else is blamed for it. */
export function testFaults(title: string, faults: readonly Fault[]): void {
  group(title, () => {
    for (const fault of faults) test(fault.name, () => testFault(fault));
  });
}

/** The same of one environment: what a mistake in a base does to the others, which build on it too, is left out. */
export function testFaultsIn(environment: string, title: string, faults: readonly Fault[]): void {
  group(title, () => {
    for (const fault of faults) test(fault.name, () => testFault(fault, { environments: [environment] }));
  });
}

/** The same, asking only the stages that have something to say: a third of the time, where there are many. */
export function testFaultsByStage(title: string, faults: readonly Fault[]): void {
  group(title, () => {
    for (const fault of faults) {
      const told = [fault.rule, ...(fault.consequences ?? [])].map((rule) => rule.split('/')[0] as Stage);
      test(fault.name, () => testFault(fault, { stages: [...new Set<Stage>(['render', ...told])] }));
    }
  });
}

function testFault(fault: Fault, selection: Parameters<typeof check>[1] = {}): void {
  const { ok, findings, sources } = check(fault.edits, selection);
  const severity = fault.severity ?? 'error';
  const line = lineOf(sources, fault.file, fault.find);
  const told = findings.filter((finding) => finding.severity !== 'info' || severity === 'info');
  const all = told.map(inALine);
  const found = told.filter(
    (one) =>
      one.rule === fault.rule &&
      one.severity === severity &&
      one.file === fault.file &&
      one.line === line &&
      fault.says.every((words) => one.message.includes(words)),
  );
  expect(
    found.length,
    `${fault.rule} at ${fault.file}:${line} with ${fault.says.join(', ')}, among\n${all.join('\n')}`,
  ).toBeGreaterThan(0);
  for (const one of found) expect(one.fix.trim()).not.toBe('');
  const errors = told.filter((one) => one.severity === 'error');
  expect(ok).toBe(errors.length === 0);
  const others = errors.filter((one) => !found.includes(one));
  const isConsequence = (one: Finding, expected: string): boolean =>
    expected === `${one.rule} ${one.file}` || expected === `${one.rule} *`;
  const consequences = fault.consequences ?? [];
  expect(
    others.filter((one) => !consequences.some((expected) => isConsequence(one, expected))).map(inALine),
    `nothing but ${consequences.join(', ')}`,
  ).toEqual([]);
  for (const expected of consequences)
    expect(
      others.some((one) => isConsequence(one, expected)),
      `the consequence ${expected}`,
    ).toBe(true);
}

/** A finding in a line, for the message of a failure. */
export const inALine = (one: Finding): string =>
  `${one.severity} ${one.rule} ${one.file}:${one.line}: ${one.message}`;
