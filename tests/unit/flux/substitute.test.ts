// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Flux's syntax.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isUnknownValue, substituteObject, type Variables } from '../../../scripts/flux/substitute.ts';
import { at, fromJson, type JsonObject, type MapNode, originAt, toJson } from '../../../scripts/yaml/node.ts';
import { parseYaml } from '../../../scripts/yaml/parse.ts';

interface Recording {
  readonly variables: Readonly<Record<string, string>>;
  readonly cases: readonly {
    readonly object: JsonObject;
    readonly result?: JsonObject;
    readonly fails?: true;
  }[];
}

const recording = JSON.parse(
  readFileSync(join(import.meta.dirname, 'fixtures', 'substitution.json'), 'utf8'),
) as Recording;

const variables = (values: Readonly<Record<string, string>>, more: Partial<Variables> = {}): Variables => ({
  values: new Map(Object.entries(values)),
  opaque: new Set(),
  complete: true,
  ...more,
});
const nowhere = { file: 'test.yaml', line: 1, column: 1 };
const document = (text: string): MapNode => parseYaml('test.yaml', text).documents[0]?.node as MapNode;
const fatal = (code: string): boolean => code !== 'lost-quotes';

describe('agrees with what the controller was seen to do', () => {
  test('the recording is not empty', () => {
    expect(recording.cases.length).toBeGreaterThan(500);
    expect(recording.cases.filter(({ fails }) => fails).length).toBeGreaterThan(100);
  });
  test.each(recording.cases.map((recorded) => [JSON.stringify(recorded.object), recorded] as const))(
    '%s',
    (_, { object, result, fails }) => {
      const found = substituteObject(fromJson(object, nowhere) as MapNode, variables(recording.variables));
      const problems = found.problems.filter(({ code }) => fatal(code));
      if (fails) expect(problems).not.toEqual([]);
      else {
        expect(problems).toEqual([]);
        expect(toJson(found.object)).toEqual(result);
      }
    },
  );
});

test('values keep the place where the template was written, and the given object stays as it is', () => {
  const object = document('kind: X\nspec:\n  a: text\n  b: "${LIST}"\n');
  const { object: filled } = substituteObject(object, variables({ LIST: '[1, x]' }));
  expect(toJson(filled)).toEqual({ kind: 'X', spec: { a: 'text', b: [1, 'x'] } });
  expect(originAt(filled, ['spec', 'b']).line).toBe(4);
  expect(at(filled, ['spec', 'b', 1])?.origin.line).toBe(4);
  expect(toJson(object)).toEqual({ kind: 'X', spec: { a: 'text', b: '${LIST}' } });
});

test.each(['labels', 'annotations'])('an object opts out by its %s', (kind) => {
  const object = document(
    `metadata:\n  ${kind}:\n    kustomize.toolkit.fluxcd.io/substitute: disabled\ndata:\n  a: \${ABSENT} $$ \${x-y}\n`,
  );
  const result = substituteObject(object, variables({ A: 'x' }));
  expect(result.problems).toEqual([]);
  expect(result.object).toBe(object);
});

test('a value that only the cluster knows leaves the template, marked', () => {
  const object = document('a: x-${SECRET}\nb: ${KNOWN}\nc: ${OTHER}\n');
  const { object: filled, problems } = substituteObject(
    object,
    variables({ KNOWN: 'k' }, { opaque: new Set(['SECRET']) }),
  );
  expect(toJson(filled)).toEqual({ a: 'x-${SECRET}', b: 'k', c: '${OTHER}' });
  expect(isUnknownValue(at(filled, ['a']))).toBe(true);
  expect(isUnknownValue(at(filled, ['b']))).toBe(false);
  expect(problems.map(({ code }) => code)).toEqual(['undefined-variable']);
});

test('where further variables may exist, an unset one is no fault, and a default is taken', () => {
  const object = document('a: x-${MAYBE}\nb: ${MAYBE:-default}\n');
  const { object: filled, problems } = substituteObject(object, variables({}, { complete: false }));
  expect(problems).toEqual([]);
  expect(toJson(filled)).toEqual({ a: 'x-${MAYBE}', b: 'default' });
  expect(isUnknownValue(at(filled, ['a']))).toBe(true);
});

test('every unset variable of a text is named, with the one that was meant', () => {
  const { problems } = substituteObject(
    document('a: ${HSOT} ${PORTT}\n'),
    variables({ HOST: 'x', PORT: '1' }),
  );
  expect(problems.map(({ message }) => message)).toEqual([
    'Flux fails the build, because the variable `HSOT` is not set; did you mean `${HOST}`?',
    'Flux fails the build, because the variable `PORTT` is not set; did you mean `${PORT}`?',
  ]);
});

test.each([
  ['apiVersion: v1\nkind: ConfigMap\ndata:\n  a: "${N}"\n', true],
  ['apiVersion: v1\nkind: Secret\nstringData:\n  a: "${N}"\n', true],
  ['kind: Deployment\nmetadata:\n  labels:\n    a: "${N}"\n', true],
  ['kind: Deployment\nspec:\n  template:\n    metadata:\n      annotations:\n        a: "${N}"\n', true],
  ['kind: Deployment\nspec:\n  replicas: ${N}\n', false],
  ['apiVersion: v1\nkind: ConfigMap\ndata:\n  a: "port ${N}"\n', false],
  ['kind: HelmRelease\nspec:\n  values:\n    env:\n      - value: ${N}\n', false],
])('quotes that matter: %s', (text, lost) => {
  const { problems } = substituteObject(document(text), variables({ N: '3' }));
  expect(problems.map(({ code }) => code)).toEqual(lost ? ['lost-quotes'] : []);
});
