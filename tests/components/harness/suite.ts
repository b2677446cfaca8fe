import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, onTestFailed } from 'vitest';
import { findProgram } from '../../../scripts/cluster/process.ts';
import { logTail } from '../../cluster/harness/processes.ts';

/** A suite that counts as skipped where it has a reason, and says so in its title. */
export function describeUnless(
  title: string,
  reasons: readonly (string | undefined)[],
  body: () => void,
): void {
  const reason = reasons.find((candidate) => candidate !== undefined);
  describe.skipIf(reason !== undefined)(reason === undefined ? title : `${title} (skipped: ${reason})`, body);
}

export function programsProblem(names: readonly string[]): string | undefined {
  const missing = names.filter((name) => findProgram(name) === undefined);
  return missing.length === 0 ? undefined : `${missing.join(', ')} not on PATH`;
}

/** Called in a `beforeEach`: the pods' last words are printed after a failure. */
export function printLogsOnFailure(directory: () => string | undefined): void {
  onTestFailed(() => {
    const pods = join(directory() ?? '', 'pods');
    for (const pod of readdirSync(pods)) {
      const tail = logTail(join(pods, pod, 'log'), 30);
      if (tail !== '') console.error(`--- ${pod}\n${tail}`);
    }
  });
}
