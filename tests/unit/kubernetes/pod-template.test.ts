import { expect, test } from 'vitest';
import { containersOf, podTemplateOf, portsOf, volumesOf } from '../../../scripts/kubernetes/pod-template.ts';
import { renderedObject } from '../../../scripts/render/object.ts';
import { at, type MapNode } from '../../../scripts/yaml/node.ts';
import { parseYaml } from '../../../scripts/yaml/parse.ts';

const object = (text: string) =>
  renderedObject(parseYaml('test.yaml', text).documents[0]?.node as MapNode, {
    environment: 'test',
    component: 'test',
  });
const podSpec = `
      initContainers:
        - {name: proxy, restartPolicy: Always, ports: [{name: proxy, containerPort: 9000}]}
        - {name: prepare, ports: [{containerPort: 1}]}
      containers:
        - {name: main, ports: [{name: http, containerPort: 8080}, {containerPort: 53, protocol: UDP}]}
      volumes: [{name: data, emptyDir: {}}]
`;

test('a CronJob keeps its pods deepest, a Pod is its own template', () => {
  const cron = podTemplateOf(
    object('{kind: CronJob, spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: a}]}}}}}}'),
  );
  expect(cron?.specPath).toEqual(['spec', 'jobTemplate', 'spec', 'template', 'spec']);
  const pod = podTemplateOf(
    object('{kind: Pod, metadata: {labels: {app: a}}, spec: {containers: [{name: a}]}}'),
  );
  expect(pod?.specPath).toEqual(['spec']);
  expect(pod?.labels).toEqual({ app: 'a' });
});

test('kinds without containers have no template', () => {
  expect(podTemplateOf(object('{kind: Service, spec: {ports: []}}'))).toBeUndefined();
});

test('containers and volumes carry their paths', () => {
  const deployment = object(`kind: Deployment\nspec:\n  template:\n    spec:${podSpec}`);
  const template = podTemplateOf(deployment)!;
  expect(containersOf(template).map(({ name, list }) => [list, name])).toEqual([
    ['initContainers', 'proxy'],
    ['initContainers', 'prepare'],
    ['containers', 'main'],
  ]);
  for (const { path, node } of [...containersOf(template), ...volumesOf(template)])
    expect(at(deployment.node, path)).toBe(node);
});

test('the ports of sidecars count, those of other init containers do not', () => {
  const template = podTemplateOf(object(`kind: Deployment\nspec:\n  template:\n    spec:${podSpec}`))!;
  expect(portsOf(template).map(({ number, protocol, name }) => [number, protocol, name])).toEqual([
    [9000, 'TCP', 'proxy'],
    [8080, 'TCP', 'http'],
    [53, 'UDP', undefined],
  ]);
});
