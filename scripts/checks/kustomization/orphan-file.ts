import { posix } from 'node:path';
import type { Repository } from '../../render/environment.ts';
import type { Rule } from '../rule.ts';
import { isKustomizationPath, readPaths } from './kustomization-files.ts';
import { broughtBySwitchedOff, orphansOf, switchedOff } from './tree.ts';

export const orphanFile: Rule<Repository> = {
  id: 'kustomization/orphan-file',
  severity: 'error',
  title: 'Every manifest beside a kustomization that is deployed is deployed too.',
  why: 'Nothing reads the file: what it should create is not in the cluster, and no check ever looks at it.',
  fix: 'List it in the kustomization.yaml beside it, or remove the file.',
  scope: 'general',
  *check(repository) {
    const read = readPaths(repository);
    const commented = switchedOff(repository);
    const brought = broughtBySwitchedOff(repository);
    for (const { path, nearest } of orphansOf(repository)) {
      if (isKustomizationPath(path) || !nearest) continue;
      const off = commented.has(path);
      // What is switched off is not deployed, but nothing may lie there that would not be even if it were.
      if (!read.has(nearest.path) && (!brought.has(nearest.path) || brought.has(path))) continue;
      const relative = posix.relative(nearest.directory, path);
      yield {
        message: off
          ? `\`${path}\` is deployed by nothing: the line that lists it is commented out`
          : `\`${path}\` is deployed by nothing: ${nearest.path} does not list it, and neither does any other kustomization`,
        fix: `${fixFor(relative, nearest.path)}, or remove the file.`,
        ...(off ? { severity: 'info' as const } : {}),
        at: { file: path, line: 1, column: 1 },
      };
    }
  },
};

function fixFor(relative: string, kustomization: string): string {
  if (relative.startsWith('config/'))
    return `List \`${relative}\` under the \`files\` of a \`configMapGenerator\` in ${kustomization}`;
  if (/patch/i.test(posix.basename(relative)))
    return `Write \`patches: [{path: ${relative}}]\` in ${kustomization}`;
  return `List \`${relative}\` under \`resources\` in ${kustomization}`;
}
