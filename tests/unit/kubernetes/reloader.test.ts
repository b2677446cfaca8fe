import { describe, expect, test } from 'vitest';
import { reloadOf } from '../../../scripts/kubernetes/reloader.ts';
import { parseYaml } from '../../../scripts/yaml/parse.ts';

const node = (yaml: string) => parseYaml('object.yaml', yaml).documents[0]!.node!;
const template = ['spec', 'template'];

const verdict = (
  { own = '{}', pods = '{}' }: { own?: string; pods?: string },
  source: { kind?: 'ConfigMap' | 'Secret'; annotations?: string } = {},
) =>
  reloadOf(
    node(`{metadata: {annotations: ${own}}, spec: {template: {metadata: {annotations: ${pods}}}}}`),
    template,
    {
      kind: source.kind ?? 'Secret',
      name: 'kafka-user-nifi',
      node: node(`{metadata: {annotations: ${source.annotations ?? '{}'}}}`),
    },
  );

describe('Reloader', () => {
  test.each([
    ['{}', undefined],
    ["{reloader.stakater.com/auto: 'true'}", 'used'],
    ['{reloader.stakater.com/auto: true}', 'used'],
    ["{reloader.stakater.com/auto: 'yes'}", undefined],
    ["{secret.reloader.stakater.com/auto: 'true'}", 'used'],
    ["{configmap.reloader.stakater.com/auto: 'true'}", undefined],
    ["{secret.reloader.stakater.com/reload: 'other, kafka-user-nifi'}", 'named'],
    ["{secret.reloader.stakater.com/reload: 'kafka-user-.*'}", 'named'],
    ["{secret.reloader.stakater.com/reload: 'kafka-user'}", undefined],
    ["{secret.reloader.stakater.com/reload: '('}", undefined],
    ["{configmap.reloader.stakater.com/reload: 'kafka-user-nifi'}", undefined],
    [
      "{reloader.stakater.com/auto: 'true', secrets.exclude.reloader.stakater.com/reload: 'kafka-user-nifi'}",
      undefined,
    ],
  ])('with %s', (own, expected) => {
    expect(verdict({ own })).toBe(expected);
  });

  test("goes by the pods' annotations where the workload says nothing", () => {
    const pods = "{reloader.stakater.com/auto: 'true'}";
    expect(verdict({ pods })).toBe('used');
    expect(verdict({ own: "{reloader.stakater.com/auto: 'false'}", pods })).toBeUndefined();
  });

  test('follows what says that it wants to be, and leaves alone what says that it does not', () => {
    const own = "{reloader.stakater.com/search: 'true'}";
    expect(verdict({ own })).toBeUndefined();
    expect(verdict({ own }, { annotations: "{reloader.stakater.com/match: 'true'}" })).toBe('used');
    expect(
      verdict(
        { own: "{reloader.stakater.com/auto: 'true'}" },
        { annotations: "{reloader.stakater.com/ignore: 'true'}" },
      ),
    ).toBeUndefined();
  });
});
