import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  findNode,
  type NodeAccess,
  nobodyForTheNode,
  presentDirectories,
  removalCommand,
  removeDirectories,
} from '../../../scripts/cluster/node.ts';
import { isDataDirectory } from '../../../scripts/cluster/volumes.ts';
import { kubectlThat, surroundings } from './fakes.ts';

let directory: string;
beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'node-')));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const here: NodeAccess = { way: 'here', nodes: ['k0s'] };
function make(name: string): string {
  const path = join(directory, name);
  mkdirSync(join(path, 'below'), { recursive: true });
  writeFileSync(join(path, 'below', 'file'), 'data');
  return path;
}

describe('removeDirectories', () => {
  it('removes exactly what it is told, and says what was not there', async () => {
    const [kafka, stays] = [make('kafka-data'), make('somebody-data')];
    const missing = join(directory, 'nifi-data');
    expect(await removeDirectories(here, [kafka, missing], surroundings())).toEqual({
      removed: [kafka],
      absent: [missing],
      left: [],
    });
    expect(existsSync(kafka)).toBe(false);
    expect(existsSync(join(stays, 'below', 'file'))).toBe(true);
  });

  it('follows no link: neither as the directory, nor above it, nor inside', async () => {
    const outside = make('outside-data');
    const link = join(directory, 'link-data');
    symlinkSync(outside, link);
    symlinkSync(directory, join(directory, 'detour'));
    const behind = join(directory, 'detour', 'outside-data');
    const inside = make('inside-data');
    symlinkSync(outside, join(inside, 'link'));
    const file = join(directory, 'file-data');
    writeFileSync(file, '');
    const { removed, left } = await removeDirectories(here, [link, behind, inside, file], surroundings());
    expect(removed).toEqual([inside]);
    expect(left.map(({ directory: path, why }) => [path, /link|no directory/.exec(why)?.[0]])).toEqual([
      [link, 'link'],
      [behind, 'link'],
      [file, 'no directory'],
    ]);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(outside, 'below', 'file'), 'utf8')).toBe('data');
  });

  it('goes through the command that leads to the node', async () => {
    const kafka = make('kafka-data');
    const access: NodeAccess = { way: 'shell', nodes: ['far'], command: ['env', 'WAY=there'] };
    expect(await presentDirectories(access, [kafka, `${kafka}-not`], surroundings())).toEqual([kafka]);
    expect((await removeDirectories(access, [kafka], surroundings())).removed).toEqual([kafka]);
    const broken: NodeAccess = { way: 'shell', nodes: ['far'], command: ['/no/such/ssh'] };
    const again = make('kafka-data');
    expect((await removeDirectories(broken, [again], surroundings())).left).toMatchObject([
      { directory: again, why: expect.stringContaining('no answer') },
    ]);
    expect(await presentDirectories(broken, [again], surroundings())).toBeUndefined();
  });

  it('tells a person what to type, and believes only a yes', async () => {
    const kafka = make('kafka-data');
    const access: NodeAccess = { way: 'by hand', nodes: ['far'] };
    for (const [answer, removed] of [
      [true, [kafka]],
      [false, []],
    ] as const) {
      let text = '';
      const result = await removeDirectories(access, [kafka], {
        ...surroundings(),
        write: (words) => {
          text += words;
        },
        confirm: async () => answer,
      });
      expect(result.removed).toEqual(removed);
      expect(result.left).toHaveLength(1 - removed.length);
      expect(text).toContain(
        `on far, which is not this machine:\n\n    sudo rm -rf --one-file-system -- ${kafka}`,
      );
    }
    // Nothing is touched from here.
    expect(existsSync(kafka)).toBe(true);
  });
});

describe('findNode', () => {
  const node = (bootID: string, machineID: string) => ({
    metadata: { name: 'k0s' },
    status: { nodeInfo: { bootID, machineID } },
  });
  const read = (file: string): string => readFileSync(file, 'utf8').trim();
  const boot = read('/proc/sys/kernel/random/boot_id');
  const machine = existsSync('/etc/machine-id') ? read('/etc/machine-id') : '';
  const way = async (items: unknown[], shell?: string) => {
    const found = await findNode(
      kubectlThat(() => ({ stdout: JSON.stringify({ items }) })),
      shell,
    );
    return found.ok ? found.access.way : found.error.message;
  };

  it('knows this machine by its boot and its installation, both', async () => {
    expect(await way([node(boot, machine)])).toBe('here');
    expect(await way([node(boot, 'of a container')])).toBe('by hand');
    expect(await way([node('another boot', machine)])).toBe('by hand');
    expect(await way([node('', '')])).toBe('by hand');
    expect(await way([node(boot, machine), node(boot, machine)])).toBe('by hand');
    expect(await way([])).toBe('by hand');
  });

  it('takes the way that it is given', async () => {
    expect(await way([node(boot, machine)], ' sudo ')).toBe('shell');
    expect(await way([node(boot, machine)], ' ')).toBe('here');
  });
});

it('says before anything is gone that nobody can remove the directories', () => {
  const access: NodeAccess = { way: 'by hand', nodes: ['far'] };
  const nobody = { confirm: undefined };
  expect(nobodyForTheNode(access, ['/tmp/a-data'], nobody)?.message).toContain('lies on far');
  expect(nobodyForTheNode(access, [], nobody)).toBeUndefined();
  expect(nobodyForTheNode(here, ['/tmp/a-data'], nobody)).toBeUndefined();
  expect(nobodyForTheNode(access, ['/tmp/a-data'], { confirm: async () => true })).toBeUndefined();
});

it('knows a data directory from everything else', () => {
  for (const path of ['/tmp/kafka-data', '/tmp/nifi-conf-data', '/var/lib/x.1/a-data'])
    expect(isDataDirectory(path), path).toBe(true);
  for (const path of [
    '/',
    '/tmp',
    '/kafka-data',
    '/tmp/kafka',
    '/tmp/../etc/x-data',
    '/tmp//x-data',
    '/tmp/x-data/',
    'tmp/x-data',
    "/tmp/x'y-data",
    '/tmp/-data',
    '/tmp/a b-data',
    '/tmp/$(x)-data',
  ])
    expect(isDataDirectory(path), path).toBe(false);
  expect(removalCommand(['/tmp/a-data', '/tmp/b-data'])).toBe(
    'sudo rm -rf --one-file-system -- /tmp/a-data /tmp/b-data',
  );
});
