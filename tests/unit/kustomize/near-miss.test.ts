import { expect, test } from 'vitest';
import { buildKustomization } from '../../../scripts/kustomize/build.ts';
import { openMemory } from '../../../scripts/repository/files.ts';
import { openSources } from '../../../scripts/repository/sources.ts';

const objects = `apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: kafka
  namespace: infometis
spec: {}
---
apiVersion: v1
kind: Service
metadata:
  name: kafka-service
  namespace: infometis
spec: {}
`;

const problemOf = (patch: string) => {
  const sources = openSources(
    openMemory({
      'kustomization.yaml': 'resources: [a.yaml]\npatches:\n  - path: p.yaml\n',
      'a.yaml': objects,
      'p.yaml': patch,
    }),
  );
  const result = buildKustomization(sources, '.', { loadRestrictions: 'none', order: 'none' });
  if (result.status !== 'failed') throw new Error(result.status);
  const { message, fix, origin } = result.problems[0]!;
  return { message, fix, line: origin.line };
};

const patch = (apiVersion: string, kind: string, name: string, namespace = 'infometis'): string =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n  name: ${name}\n  namespace: ${namespace}\n`;

test.each([
  [
    'a name',
    patch('apps/v1', 'StatefulSet', 'kafak'),
    4,
    'StatefulSet infometis/kafak; did you mean StatefulSet `kafka`?',
    '`name: kafka`',
  ],
  [
    'a kind',
    patch('apps/v1', 'StatefullSet', 'kafka'),
    2,
    'did you mean StatefulSet `kafka`?',
    '`kind: StatefulSet`',
  ],
  // Nothing else has the name.
  [
    'another kind',
    patch('apps/v1', 'Deployment', 'kafka'),
    2,
    'did you mean StatefulSet `kafka`?',
    '`kind: StatefulSet`',
  ],
  [
    'a namespace',
    patch('apps/v1', 'StatefulSet', 'kafka', 'infometi'),
    5,
    'did you mean StatefulSet `infometis/kafka`?',
    '`namespace: infometis`',
  ],
  [
    'a namespace that is nothing like it',
    patch('apps/v1', 'StatefulSet', 'kafka', 'default'),
    5,
    'did you mean StatefulSet `infometis/kafka`?',
    '`namespace: infometis`',
  ],
  [
    'a version',
    patch('apps/v1beta1', 'StatefulSet', 'kafka'),
    1,
    'did you mean StatefulSet `kafka` of apps/v1?',
    '`apiVersion: apps/v1`',
  ],
])('a patch that misses by %s', (_, text, line, message, fix) => {
  const problem = problemOf(text);
  expect(problem.line).toBe(line);
  expect(problem.message).toContain(message);
  expect(problem.fix).toContain(fix);
});

test('where nothing is near the name is blamed, without a suggestion', () => {
  const problem = problemOf(patch('apps/v1', 'StatefulSet', 'elasticsearch'));
  expect(problem.line).toBe(4);
  expect(problem.message).toBe('no object matches this patch of StatefulSet infometis/elasticsearch');
});

test('a failed build tells what it tried before', () => {
  const sources = openSources(
    openMemory({
      'kustomization.yaml':
        'resources: [a.yaml]\npatches:\n  - patch: "[]"\n    target: {kind: Service}\n  - path: p.yaml\n    target: {kind: Job}\n  - path: p.yaml\n',
      'a.yaml': objects,
      'p.yaml': patch('apps/v1', 'StatefulSet', 'zookeeper'),
    }),
  );
  const result = buildKustomization(sources, '.', { loadRestrictions: 'none', order: 'none' });
  expect(result.status).toBe('failed');
  expect(
    result.status === 'failed' && result.notices.map(({ matched, origin }) => [matched, origin.line]),
  ).toEqual([
    [true, 4],
    [false, 6],
  ]);
});
