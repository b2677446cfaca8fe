import { posix } from 'node:path';
import type { Repository } from '../../render/environment.ts';
import type { Rule } from '../rule.ts';
import { readPaths } from './kustomization-files.ts';
import { hasHouseLayout } from './subject.ts';
import { broughtBySwitchedOff, orphansOf, switchedOff } from './tree.ts';

export const orphanDirectory: Rule<Repository> = {
  id: 'kustomization/orphan-directory',
  severity: 'warning',
  title: 'Every directory with manifests is built by something.',
  why: 'No Flux Kustomization and no other kustomization names the directory: nothing of it reaches a cluster, and no check ever looks at it.',
  fix: 'Name the directory in a kustomization or in the `path` of a Flux Kustomization, or remove it.',
  scope: 'general',
  *check(repository) {
    const read = readPaths(repository);
    const commented = switchedOff(repository);
    const brought = broughtBySwitchedOff(repository);
    const severity = hasHouseLayout(repository) ? 'error' : 'warning';
    const told = new Set<string>();
    for (const { path, nearest } of orphansOf(repository)) {
      if (nearest && read.has(nearest.path)) {
        // Files beside a kustomization that is built are the business of orphan-file.
        continue;
      }
      // So are those beside one that is switched off with what would have brought it, of which one word is enough.
      if (nearest && brought.has(nearest.path) && !commented.has(nearest.directory)) continue;
      const directory = nearest?.directory ?? posix.dirname(path);
      if (told.has(directory)) continue;
      told.add(directory);
      const off = commentedOut(commented, directory);
      // One word about the directory that is switched off is enough for all below it.
      if (off !== undefined && off !== directory) continue;
      yield {
        message:
          off === undefined
            ? messageFor(directory, nearest?.kind)
            : `nothing builds \`${directory}\`: the line that lists it is commented out`,
        fix:
          off === undefined
            ? fixFor(directory, nearest?.kind)
            : 'Nothing, if it is off on purpose: take away the # to switch it on.',
        severity: off === undefined ? severity : 'info',
        at: {
          file: nearest?.path ?? path,
          line: 1,
          column: 1,
        },
      };
    }
  },
};

function messageFor(directory: string, kind: string | undefined): string {
  const overlay = /^overlays\/([^/]+)\/([^/]+)$/.exec(directory);
  if (overlay && kind !== 'Component')
    return `no Flux Kustomization of \`${overlay[1]}\` builds \`${directory}\`: \`${overlay[2]}\` is not deployed`;
  if (kind === 'Component') return `no kustomization includes the Component \`${directory}\``;
  if (kind === undefined)
    return `\`${directory}\` has manifests but no kustomization.yaml, and nothing reads them`;
  return `no kustomization and no Flux Kustomization builds \`${directory}\``;
}

function fixFor(directory: string, kind: string | undefined): string {
  const overlay = /^overlays\/([^/]+)\/([^/]+)$/.exec(directory);
  if (overlay && kind !== 'Component')
    return `Add flux/${overlay[1]}/${overlay[2]}.yaml, a Flux Kustomization with \`path: ./${directory}\`, and list it in flux/${overlay[1]}/kustomization.yaml; or remove the directory.`;
  if (kind === 'Component')
    return 'List it under the `components` of the overlays that want it, or remove it.';
  if (kind === undefined)
    return `Add ${directory}/kustomization.yaml and name the directory where it belongs, or remove it.`;
  return 'List it under the `resources` of a kustomization, name it in the `path` of a Flux Kustomization, or remove it.';
}

/** The directory itself or one above it, where a comment names it. */
function commentedOut(commented: ReadonlySet<string>, directory: string): string | undefined {
  for (let current = directory; current !== '.'; current = posix.dirname(current))
    if (commented.has(current)) return current;
  return undefined;
}
