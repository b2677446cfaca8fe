import { createHash } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { findProgram, runProcess } from '../../../scripts/cluster/process.ts';
import { removeAtExit } from '../../cluster/harness/processes.ts';
import { done, notYet, waitFor } from '../../cluster/harness/wait.ts';
import { type Answer, type Elasticsearch, layOut, startNode } from './elasticsearch.ts';
import { fetchJars, type Jars } from './jars.ts';
import { type Broker, kafkaPrograms, type Record, sum } from './kafka.ts';
import { type Row, table } from './report.ts';

// What of the restore runbooks can be gone through without a cluster: with the same programs, and the configuration from this
// repository. docs/runbooks/ says for each component what is tried here and what is not.

const repository = join(import.meta.dirname, '../../..');
const text = (path: string): string => readFileSync(join(repository, path), 'utf8');

const directory = mkdtempSync(join(tmpdir(), 'infometis-restore-'));
removeAtExit(directory);
// Elasticsearch runs as another user where this is root.
chmodSync(directory, 0o755);

const rows: Row[] = [];
const skipped: string[] = [];
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
  const notes = skipped.map((reason) => `\nskipped: ${reason}`).join('');
  console.log(`\n${table(rows)}\n${notes}`);
});

function drill(title: string, reason: string | undefined, body: () => void): void {
  if (reason !== undefined) skipped.push(`${title}: ${reason}`);
  describe.skipIf(reason !== undefined)(reason === undefined ? title : `${title} (skipped: ${reason})`, body);
}
const missing = (jars: Jars): string | undefined => (jars.ok ? undefined : jars.reason);
const programMissing = (name: string): string | undefined =>
  findProgram(name) === undefined ? `${name} is not on PATH` : undefined;

const elasticsearchJars = await fetchJars('elasticsearch');
drill('Elasticsearch from a snapshot', missing(elasticsearchJars), () => {
  const nodes: Elasticsearch[] = [];
  afterAll(() => Promise.all(nodes.map((node) => node.stop())));

  test('everything is there again on a new disk', { timeout: 120_000 }, async () => {
    if (!elasticsearchJars.ok) return;
    const version = /newTag: (\S+)/.exec(text('base/elasticsearch/kustomization.yaml'))?.[1];
    expect(elasticsearchJars.files.some((file) => file.endsWith(`/elasticsearch-${version}.jar`))).toBe(true);

    const home = join(directory, 'elasticsearch');
    layOut(elasticsearchJars.files, home);
    const snapshots = join(directory, 'snapshots');
    const start = async (name: string): Promise<Elasticsearch> => {
      const node = await startNode(home, name, directory, snapshots);
      nodes.push(node);
      // The object store of the platform is this directory; the API is the same.
      expect(
        await node.request('PUT', '/_snapshot/backup', { type: 'fs', settings: { location: snapshots } }),
      ).toMatchObject({ status: 200 });
      return node;
    };

    const first = await start('before');
    for (const kind of ['component-template', 'index-template'] as const)
      expect(
        await first.request(
          'PUT',
          `/_${kind.replace('-', '_')}/infometis-defaults`,
          JSON.parse(text(`base/elasticsearch-access/config/${kind}-infometis-defaults.json`)),
        ),
      ).toMatchObject({ status: 200 });
    await first.request('PUT', '/alerts', {
      mappings: {
        properties: { at: { type: 'date' }, place: { type: 'keyword' }, value: { type: 'double' } },
      },
    });
    await first.bulk('alerts', documents(600));
    await first.bulk('orders-2024', documents(150));
    const before = await contents(first);
    const taken = await first.request('PUT', '/_snapshot/backup/nightly-1?wait_for_completion=true', {
      indices: '*',
      include_global_state: true,
    });
    expect(taken.body).toMatchObject({ snapshot: { state: 'SUCCESS', shards: { failed: 0 } } });
    // What comes after the snapshot is lost, and only that.
    await first.bulk('alerts', [{ id: 'late', source: { at: '2024-01-02', place: 'x', value: 1 } }]);
    await first.kill();

    const second = await start('after');
    expect(await contents(second)).toEqual({});
    // As the runbook says it.
    const restored = await second.request(
      'POST',
      '/_snapshot/backup/nightly-1/_restore?wait_for_completion=true',
      JSON.parse(
        /'(\{"indices":"\*,.*\})'$/m.exec(text('docs/runbooks/restore-elasticsearch.md'))?.[1] ?? '',
      ),
    );
    expect(restored.body).toMatchObject({ snapshot: { shards: { failed: 0 } } });
    const after = await contents(second);
    expect(after).toEqual(before);
    expect(Object.keys(after)).toEqual(['alerts', 'orders-2024']);
    rows.push({
      what: 'Elasticsearch: snapshot',
      restored: Object.entries(after)
        .map(([index, { count }]) => `${index} ${count} documents`)
        .join(', '),
      compared: 'every document, mappings, settings; the one written after the snapshot is lost',
    });
  });
});

const kafkaJars = await fetchJars('kafka');
drill('Kafka from the second cluster', missing(kafkaJars), () => {
  const stops: (() => Promise<void>)[] = [];
  // MirrorMaker before its brokers: without them it would try for a minute to say goodbye.
  afterAll(async () => {
    for (const stop of stops.reverse()) await stop();
  });

  test('fail over, go on there, and come back to an empty cluster', { timeout: 180_000 }, async () => {
    if (!kafkaJars.ok) return;
    const kafka = kafkaPrograms(kafkaJars.directory, join(directory, 'kafka'));
    const start = async (name: string): Promise<Broker> => {
      const broker = await kafka.startCluster(name);
      stops.push(broker.stop);
      return broker;
    };
    const mirror = async (name: string, settings: string, primary: Broker, target: string) => {
      const process = await kafka.startMirror(
        name,
        `${settings}\n${forOneBroker}primary.bootstrap.servers=${primary.bootstrap}\nbackup.bootstrap.servers=${backup.bootstrap}\n`,
        target,
      );
      const stop = () => process.stop(20_000);
      stops.push(stop);
      return stop;
    };
    /** Waits until the clusters have the same ends of all partitions, and the group a position in each of them. */
    const inStep = (from: Broker, to: Broker, partitions: number) =>
      waitFor(
        'the copy',
        async () => {
          const [ends, copied, positions] = await Promise.all([
            kafka.ends(from.bootstrap),
            kafka.ends(to.bootstrap),
            kafka.positions(to.bootstrap, group),
          ]);
          const same = ends.size === copied.size && [...ends].every(([key, end]) => copied.get(key) === end);
          return same && positions.size === partitions
            ? done({ ends, positions })
            : notYet(`${show(copied)} of ${show(ends)}; positions ${show(positions)}`);
        },
        { deadlineMs: 90_000, pollMs: 500 },
      );

    const group = 'flink-orders';
    const [primary, backup] = await Promise.all([start('primary'), start('backup')]);
    await kafka.createTopic(primary.bootstrap, 'events.orders', '--partitions', '3');
    await kafka.createTopic(
      primary.bootstrap,
      '_schemas',
      '--partitions',
      '1',
      '--config',
      'cleanup.policy=compact',
    );
    const orders = numbered('order', 900);
    await kafka.produce(primary.bootstrap, '_schemas', numbered('schema', 20));
    await kafka.produce(primary.bootstrap, 'events.orders', orders);
    const read = await kafka.consume(primary.bootstrap, 'events.orders', 600, group);

    // The lost cluster, and MirrorMaker as this repository configures it.
    const stopMirror = await mirror(
      'mirror',
      text('base/mirror-maker/config/mirror-maker.properties'),
      primary,
      'backup',
    );
    const over = await inStep(primary, backup, 3);
    await stopMirror();
    await primary.kill();

    const rest = sum(over.ends) - 20 - sum(over.positions);
    const readOver = await kafka.consume(backup.bootstrap, 'events.orders', rest, group);
    const twice = overlap(read, readOver);
    expect(keys(read, readOver)).toEqual(keys(orders));
    expect(await kafka.consume(backup.bootstrap, '_schemas', 20)).toEqual(numbered('schema', 20));
    const written = numbered('meanwhile', 100);
    await kafka.produce(backup.bootstrap, 'events.orders', written);
    rows.push({
      what: 'Kafka: fail over',
      restored: `${sum(over.ends)} records, 2 topics, 1 group`,
      compared: `every record; the group goes on with none missing and ${twice} of ${read.length} read twice`,
    });

    // Back to a cluster with empty disks.
    const fresh = await start('fresh');
    const [back] = parseAllDocuments(text('docs/runbooks/mirror-back.yaml'));
    const settings: unknown = back?.getIn(['data', 'mirror-back.properties']);
    const stopBack = await mirror('mirror-back', String(settings), fresh, 'primary');
    const home = await inStep(backup, fresh, 3);
    await stopBack();
    const left = sum(home.ends) - 20 - sum(home.positions);
    const readHome = await kafka.consume(fresh.bootstrap, 'events.orders', left, group);
    expect(keys(read, readOver, readHome)).toEqual(keys(orders, written));
    expect(
      keys(await kafka.consume(fresh.bootstrap, 'events.orders', orders.length + written.length)),
    ).toEqual(keys(orders, written));
    expect(await kafka.consume(fresh.bootstrap, '_schemas', 20)).toEqual(numbered('schema', 20));
    rows.push({
      what: 'Kafka: fail back',
      restored: `${sum(home.ends)} records, 2 topics, 1 group`,
      compared: `every record, those of the meantime too; none missing for the group, ${overlap([...read, ...readOver], readHome)} read twice`,
    });
  });
});

drill("NiFi's conf from K8up's repository", programMissing('restic'), () => {
  test('every file is as it was', { timeout: 60_000 }, async () => {
    const conf = join(directory, 'conf-nifi-0');
    cpSync(join(repository, 'base/nifi/config'), join(conf, 'conf'), { recursive: true });
    mkdirSync(join(conf, 'conf/archive'), { recursive: true });
    mkdirSync(join(conf, 'state/local'), { recursive: true });
    const flow = gzipSync(JSON.stringify(documents(2_000)));
    writeFileSync(join(conf, 'conf/flow.json.gz'), flow, { mode: 0o600 });
    writeFileSync(join(conf, 'conf/archive/20240101T000000+0000_flow.json.gz'), flow);
    writeFileSync(join(conf, 'conf/users.xml'), '<tenants><users/></tenants>\n', { mode: 0o640 });
    writeFileSync(join(conf, 'state/local/snapshot'), Buffer.from([0, 1, 2, 255]));

    const password = join(directory, 'password');
    writeFileSync(password, 'drill\n', { mode: 0o600 });
    const restic = async (...parameters: string[]): Promise<string> => {
      const { code, stdout, stderr } = await runProcess(
        [findProgram('restic')!, '--repo', join(directory, 'restic'), '--no-cache', ...parameters],
        { environment: { PATH: process.env['PATH'], RESTIC_PASSWORD_FILE: password } },
      );
      if (code !== 0) throw new Error(`restic ${parameters[0]} ended with ${code}: ${stderr}`);
      return stdout;
    };
    await restic('init');
    const before = tree(conf);
    await restic('backup', '--host', 'infometis', conf);
    // The next night, after somebody has emptied the canvas.
    writeFileSync(join(conf, 'conf/flow.json.gz'), gzipSync('{}'));
    rmSync(join(conf, 'conf/users.xml'));
    appendFileSync(join(conf, 'state/local/snapshot'), 'x');
    await restic('backup', '--host', 'infometis', conf);
    await restic('check', '--read-data');

    const [wanted] = JSON.parse(await restic('snapshots', '--json')) as readonly { readonly id: string }[];
    const target = join(directory, 'restored');
    await restic('restore', wanted!.id, '--target', target);
    const after = tree(join(target, conf));
    expect(after).toEqual(before);
    expect(tree(conf)).not.toEqual(before);
    writeFileSync(password, 'wrong\n');
    await expect(restic('snapshots')).rejects.toThrow('wrong password');
    rows.push({
      what: 'NiFi: conf volume (restic)',
      restored: `${after.length} files and directories of the older of two copies`,
      compared: 'paths, modes, contents; the wrong password opens nothing',
    });
  });
});

const h2Jars = await fetchJars('nifi-registry');
drill("NiFi Registry's database from its dump", missing(h2Jars), () => {
  test('every row is there again', { timeout: 60_000 }, async () => {
    if (!h2Jars.ok) return;
    const home = join(directory, 'nifi-registry');
    mkdirSync(join(home, 'database'), { recursive: true });
    const [driver = ''] = h2Jars.files;
    cpSync(driver, join(home, driver.slice(driver.lastIndexOf('/') + 1)));
    const setting = /value: (jdbc:h2:\S+)/.exec(
      text('components/backup/nifi-registry/statefulset.patch.yaml'),
    )?.[1];
    const url = (setting ?? '').replace('./database', join(home, 'database'));
    // Without the time that it took.
    const rowsOf = async (): Promise<string> =>
      (await h2('Shell', url, '-sql', flows)).replace(/, \d+ ms\)/, ')');
    const h2 = async (tool: string, address: string, ...parameters: string[]): Promise<string> => {
      const { code, stdout, stderr } = await runProcess([
        findProgram('java')!,
        '-cp',
        driver,
        `org.h2.tools.${tool}`,
        '-url',
        address,
        '-user',
        'nifireg',
        '-password',
        'nifireg',
        ...parameters,
      ]);
      if (code !== 0) throw new Error(`${tool}: ${stderr}${stdout}`);
      return stdout;
    };
    const flows = 'SELECT ID, NAME, DESCRIPTION FROM FLOW ORDER BY ID';
    await h2(
      'Shell',
      url,
      '-sql',
      `CREATE TABLE FLOW (ID VARCHAR(50) PRIMARY KEY, NAME VARCHAR(200) NOT NULL, DESCRIPTION VARCHAR(4096));
       INSERT INTO FLOW SELECT X, 'flow ' || X, 'it''s "x"; -- ' || CHAR(10) || 'ü' || X FROM SYSTEM_RANGE(1, 300);
       CREATE INDEX BY_NAME ON FLOW (NAME); COMMIT;`,
    );
    const before = await rowsOf();

    // The script that K8up runs in the pod, with the home of this test.
    const script = join(home, 'dump-database.sh');
    writeFileSync(
      script,
      text('components/backup/nifi-registry/config/dump-database.sh').replace(/^home=.*$/m, `home=${home}`),
    );
    const dump = await runProcess(['sh', script], {
      environment: { PATH: process.env['PATH'], NIFI_REGISTRY_DB_URL: url },
    });
    expect(dump).toMatchObject({ code: 0 });
    writeFileSync(join(home, 'database.sql'), dump.stdout);
    rmSync(join(home, 'database'), { recursive: true });

    await h2('RunScript', url, '-script', join(home, 'database.sql'));
    const after = await rowsOf();
    expect(after).toBe(before);
    expect(after).toContain('(300 rows)');
    rows.push({
      what: 'NiFi Registry: database (SQL dump)',
      restored: '300 rows by the script that K8up runs',
      compared: 'every row',
    });
  });
});

// Each of these speeds up, or makes possible with one broker, what stands in the configuration above it: the last one counts.
const forOneBroker = `
${[
  'replication',
  'checkpoints.topic.replication',
  'heartbeats.topic.replication',
  'offset-syncs.topic.replication',
  'offset.storage.replication',
  'status.storage.replication',
  'config.storage.replication',
]
  .map((setting) => `${setting}.factor=1\n`)
  .join('')}refresh.topics.interval.seconds=2
refresh.groups.interval.seconds=2
sync.group.offsets.interval.seconds=2
emit.checkpoints.interval.seconds=2
`;

function documents(count: number): { id: string; source: unknown }[] {
  return Array.from({ length: count }, (_, index) => ({
    id: String(index),
    source: {
      at: new Date(Date.UTC(2024, 0, 1, 0, index)).toISOString(),
      place: `place-${index % 7}`,
      value: index / 4,
    },
  }));
}

/** Of each index: how many documents, a digest of all of them, its mappings and the settings that say how it is kept. */
async function contents(node: Elasticsearch) {
  const ok = ({ status, body }: Answer): unknown => {
    if (status !== 200) throw new Error(JSON.stringify(body));
    return body;
  };
  const indices = ok(await node.request('GET', '/_cat/indices?format=json&h=index')) as { index: string }[];
  const result: { [index: string]: { count: number; digest: string; mappings: unknown; settings: unknown } } =
    {};
  for (const { index } of indices.sort((a, b) => (a.index < b.index ? -1 : 1))) {
    const found = ok(
      await node.request('POST', `/${index}/_search`, {
        size: 10_000,
        sort: [{ at: 'asc' }, { value: 'asc' }],
      }),
    ) as { hits: { hits: { _id: string; _source: unknown }[] } };
    const { hits } = found.hits;
    const [mappings, settings] = await Promise.all(
      ['_mapping', '_settings?filter_path=*.*.*.number_*,*.*.*.unassigned'].map(async (part) =>
        ok(await node.request('GET', `/${index}/${part}`)),
      ),
    );
    result[index] = {
      count: hits.length,
      digest: digest(JSON.stringify(hits.map(({ _id, _source }) => [_id, _source]))),
      mappings,
      settings,
    };
  }
  return result;
}

const numbered = (name: string, count: number): Record[] =>
  Array.from({ length: count }, (_, index) => ({
    key: `${name}-${index}`,
    value: JSON.stringify({ [name]: index, note: 'x'.repeat(100) }),
  }));

/** What is in any of them, once. */
const keys = (...records: readonly (readonly Record[])[]): string[] =>
  [...new Set(records.flat().map(({ key, value }) => `${key} ${value}`))].sort();

const overlap = (before: readonly Record[], after: readonly Record[]): number =>
  before.length + keys(after).length - keys(before, after).length;

const show = (numbers: ReadonlyMap<string, number>): string =>
  [...numbers].map(([key, number]) => `${key}: ${number}`).join(', ') || 'nothing';

const digest = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');

function tree(root: string): string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((path) => {
      const state = lstatSync(join(root, path));
      const mode = (state.mode & 0o7777).toString(8);
      return `${path} ${mode} ${state.isFile() ? digest(readFileSync(join(root, path))) : 'directory'}`;
    });
}
