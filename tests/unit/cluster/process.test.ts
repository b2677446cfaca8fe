import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findProgram, runProcess, showCommand } from '../../../scripts/cluster/process.ts';

const node = process.execPath;

test('what a program says and its exit code come back', async () => {
  const ran = await runProcess([node, '-e', 'console.log("out"); console.error("err"); process.exit(3)']);
  expect(ran).toEqual({ code: 3, stdout: 'out\n', stderr: 'err\n' });
});

test('words reach the program as they are, whatever a shell would make of them', async () => {
  const words = ['a b', '$HOME', '`id`', "it's", '"', '*', '', '\\', ';', 'ä'];
  const ran = await runProcess([
    node,
    '-e',
    'process.stdout.write(JSON.stringify(process.argv.slice(1)))',
    ...words,
  ]);
  expect(JSON.parse(ran.stdout)).toEqual(words);
});

test('the input reaches it, and a program that does not read it is judged by its exit code', async () => {
  const echo = await runProcess([node, '-e', 'process.stdin.pipe(process.stdout)'], { input: 'secret' });
  expect(echo).toEqual({ code: 0, stdout: 'secret', stderr: '' });
  const deaf = await runProcess([node, '-e', 'process.exit(0)'], { input: 'x'.repeat(1_000_000) });
  expect(deaf.code).toBe(0);
});

test('without input it reads an end at once', async () => {
  const ran = await runProcess([node, '-e', 'process.stdin.resume().on("end", () => console.log("end"))']);
  expect(ran.stdout).toBe('end\n');
});

test('it has the environment that is given, and no other', async () => {
  const ran = await runProcess([node, '-e', 'console.log(process.env.WORD, process.env.HOME)'], {
    environment: { WORD: 'word', PATH: process.env['PATH'] },
  });
  expect(ran.stdout).toBe('word undefined\n');
});

test('a program that is not there gives 127', async () => {
  expect((await runProcess(['no-such-program-anywhere'])).code).toBe(127);
});

test('an interruption ends it', async () => {
  const before = new AbortController();
  before.abort();
  expect((await runProcess([node, '-e', ''], { signal: before.signal })).code).toBe(130);

  const during = new AbortController();
  const run = runProcess([node, '-e', 'console.log("here"); setInterval(() => {}, 1000)'], {
    signal: during.signal,
  });
  setImmediate(() => during.abort());
  expect((await run).code).toBe(130);
});

test('a program is found by its name where it can be executed', () => {
  const directory = mkdtempSync(join(tmpdir(), 'path-'));
  writeFileSync(join(directory, 'runs'), '#!/bin/sh\n', { mode: 0o755 });
  writeFileSync(join(directory, 'reads'), '#!/bin/sh\n', { mode: 0o644 });
  const environment = { PATH: `/nowhere:${directory}` };
  expect(findProgram('runs', environment)).toBe(join(directory, 'runs'));
  expect(findProgram('reads', environment)).toBeUndefined();
  expect(findProgram('runs', {})).toBeUndefined();
});

test('a command is shown as it can be pasted', () => {
  expect(showCommand(['kubectl', '-n', 'a b', "it's"])).toBe("kubectl -n 'a b' 'it'\\''s'");
});
