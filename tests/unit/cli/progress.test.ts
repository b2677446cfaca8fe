import { afterEach, expect, test, vi } from 'vitest';
import { openProgress } from '../../../scripts/cli/progress.ts';

/** A terminal of 20 columns, or a pipe. */
const stream = (isTTY: boolean) => {
  const written: string[] = [];
  return {
    written,
    stream: {
      isTTY,
      columns: 20,
      write: (text: string) => written.push(text) > 0,
    } as unknown as NodeJS.WriteStream,
  };
};

afterEach(() => vi.unstubAllEnvs());

test('writes nothing where nobody watches', () => {
  vi.stubEnv('CI', undefined);
  const pipe = stream(false);
  const progress = openProgress(pipe.stream);
  progress.step('Rendering …');
  progress.done();
  expect(pipe.written).toEqual([]);
});

test('writes nothing in a CI job, terminal or not', () => {
  vi.stubEnv('CI', 'true');
  const terminal = stream(true);
  openProgress(terminal.stream).step('Rendering …');
  expect(terminal.written).toEqual([]);
});

test('keeps to one line of the terminal, and takes it away', () => {
  vi.stubEnv('CI', undefined);
  vi.stubEnv('TERM', 'xterm');
  const terminal = stream(true);
  const progress = openProgress(terminal.stream);
  progress.step('Checking the whole platform …');
  progress.step('Done');
  progress.done();
  progress.done();
  expect(terminal.written).toEqual(['Checking the whole ', '\r\u001B[2K', 'Done', '\r\u001B[2K']);
});
