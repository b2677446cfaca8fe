import { expect, test } from 'vitest';
import {
  clusterOf,
  missingPaths,
  unknownAlerts,
  unknownKustomizations,
  unknownObjects,
  unknownScripts,
  type World,
} from './check.ts';
import { type Page, pages, read, table, tracked } from './pages.ts';

const alertsOf = (texts: readonly string[]) =>
  new Set(texts.flatMap((text) => [...text.matchAll(/^ *- alert: (\S+)/gm)].map((match) => match[1] ?? '')));

const yaml = (pattern: RegExp) => tracked.filter((path) => pattern.test(path)).map(read);
const world: World = {
  files: new Set(tracked),
  scripts: new Set(Object.keys((JSON.parse(read('package.json')) as { scripts: object }).scripts)),
  alerts: alertsOf(yaml(/^(?:base|components)\/.*\/rules\/[^/]+\.yml$/)),
  // Rendered environments, with what they have switched off; what the runbooks apply by hand; what `flux bootstrap` makes.
  cluster: clusterOf([
    ...yaml(/^(?:tests\/golden|base|components|overlays|flux|docs\/runbooks)\/.+\.yaml$/),
    'kind: Kustomization\nmetadata: { name: flux-system }',
  ]),
};

// What a page tells the reader to make.
const plannedPaths = new Set<string>(['overlays/small-production/kafka/statefulset-broker.yaml']);
const madeObjects = new Set<string>(['statefulset/kafka-broker']);

test('there is something to compare with', () => {
  expect(pages().length).toBeGreaterThan(30);
  expect(world.scripts.size).toBeGreaterThan(10);
  expect(world.alerts.size).toBeGreaterThan(50);
  expect(world.cluster.objects.size).toBeGreaterThan(200);
  expect(world.cluster.kustomizations.size).toBeGreaterThan(30);
});

test.each(pages().map((page) => [page.path, page] as const))('%s tells the truth', (_, page) => {
  expect([
    ...unknownScripts(page, world),
    ...missingPaths(page, world, plannedPaths),
    ...unknownObjects(page, world, madeObjects),
    ...unknownKustomizations(page, world),
    ...unknownAlerts(page, world),
  ]).toEqual([]);
});

test('each component that keeps something has a page about its upgrade, and the common page links to it', () => {
  const common = read('docs/runbooks/upgrade-component.md');
  const stores = tracked
    .filter((path) => /^base\/[^/]+\/(?:statefulset|persistentvolumeclaim)\.yaml$/.test(path))
    .map((path) => path.split('/')[1] ?? '');
  expect(stores.length).toBeGreaterThan(8);
  // Its state is a topic.
  for (const name of new Set([...stores, 'schema-registry'])) {
    expect(tracked, name).toContain(`docs/runbooks/upgrade-${name}.md`);
    expect(common, name).toContain(`(upgrade-${name}.md)`);
  }
});

test.each(tracked.filter((path) => /^docs\/runbooks\/upgrade-(?!flux|k0s).*\.md$/.test(path)))(
  '%s has the parts that an upgrade needs',
  (path) => {
    const text = read(path);
    for (const part of ['When', 'Before', 'Check', 'Back', 'Cannot be undone'])
      expect(text, part).toMatch(new RegExp(`\\*\\*${part}[:,.]`));
    expect(text).toMatch(/^Tried: (?:no|[\s\S]*Not tried)/m);
  },
);

// A page and a world in which all that it says is true, and then what is wrong with it word by word.
const page = (text: string): Page => ({ path: 'docs/page.md', text });
const small: World = {
  files: new Set(['base/kafka/start.sh', 'docs/other.md', 'README.md', 'scripts/checks/stage/rule.ts']),
  scripts: new Set(['validate']),
  alerts: new Set(['KafkaDown']),
  cluster: clusterOf([
    `kind: StatefulSet
metadata: { name: kafka }
spec:
  replicas: 2
  template: { spec: { containers: [{ name: broker }] } }
  volumeClaimTemplates: [{ metadata: { name: data } }]
---
kind: CronJob
metadata: { name: nightly }
spec: { jobTemplate: { spec: { template: { spec: { containers: [{ name: copy }] } } } } }
---
kind: Kustomization
metadata: { name: kafka }
`,
  ]),
};
const fence = (command: string) => `text\n\n\`\`\`sh\n${command}\n\`\`\`\n`;

test.each([
  [unknownScripts, '`npm run validate -- --strict`, `npm run --silent validate`', '`npm run valid`'],
  [missingPaths, '`base/kafka/start.sh`, `base/<component>`, `/var/lib/x`', '`base/kafka/stop.sh`'],
  [missingPaths, '`stage/rule`, `another/rule`', '`stage/none`'],
  [missingPaths, '[other](other.md#part) [web](https://example.com/x.md)', '[other](another.md)'],
  [missingPaths, '[up](../README.md)', '[up](../READ.md)'],
  [
    unknownObjects,
    '`kubectl -n infometis rollout status statefulset/kafka`',
    '`kubectl -n infometis get sts/kafk`',
  ],
  [
    unknownObjects,
    fence('kubectl -n infometis exec kafka-1 -c broker -- ls'),
    fence('kubectl -n infometis exec kafka-2 -- ls'),
  ],
  [
    unknownObjects,
    fence('kubectl -n infometis exec kafka-$i -c broker -- ls'),
    fence('kubectl -n infometis exec kafka-0 -c kafka -- ls'),
  ],
  [
    unknownObjects,
    fence('kubectl -n infometis delete pvc data-kafka-0 data-kafka-1'),
    fence('kubectl -n infometis delete pvc data-kafka-0 data-kafka-2'),
  ],
  [
    unknownObjects,
    fence('kubectl -n infometis scale statefulset kafka --replicas=0'),
    fence('kubectl -n infometis \\\n  scale statefulset kafkas --replicas=0'),
  ],
  [unknownObjects, '`kubectl -n other get cronjob/none`', '`kubectl -n infometis get cronjob/none`'],
  [unknownKustomizations, '`flux suspend kustomization kafka`', '`flux suspend kustomization kafka nifi`'],
  [unknownKustomizations, '`npm run promote -- kafka --rollback`', '`npm run promote -- kafkas`'],
  [unknownAlerts, '`KafkaDown`, `ConsumeKafka`', '`NiFiDown`'],
] as const)('%o: accepts %s and rejects %s', (check, good, bad) => {
  expect(check(page(good), small)).toEqual([]);
  expect(check(page(bad), small)).toHaveLength(1);
});

test('a table is read by its headings', () => {
  const text = '| A | B |\n| - | - |\n| 1 | 2 |\n\n| A | C |\n| - | - |\n| `x` | y |\n| `z` | |\n';
  expect(table(text, 'A', 'C')).toEqual([
    { A: '`x`', C: 'y' },
    { A: '`z`', C: '' },
  ]);
  expect(table(text, 'A', 'D')).toEqual([]);
});
