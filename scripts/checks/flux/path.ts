import { posix } from 'node:path';
import { describe } from '../../finding.ts';
import { pathOf } from '../../flux/kustomization.ts';
import { locate } from '../../render/object.ts';
import { type Files, walk } from '../../repository/files.ts';
import { textAt } from '../../yaml/node.ts';
import { nearestDirectory } from '../kustomization/nearest-directory.ts';
import type { Rule } from '../rule.ts';
import type { FluxSubject } from './flux-objects.ts';

export const path: Rule<FluxSubject> = {
  id: 'flux/path',
  severity: 'error',
  title: 'The path of a Kustomization is a directory with manifests',
  why: 'Flux reports ArtifactFailed or BuildFailed and applies nothing; what was applied before stays as it was.',
  fix: 'Write the path of a directory of the repository, from its root: `./overlays/<environment>/<component>`.',
  docs: 'https://fluxcd.io/flux/components/kustomize/kustomizations/#path',
  scope: 'general',
  *check(subject) {
    const { files } = subject;
    for (const object of subject.kustomizations) {
      if (!subject.isFromRepository(object)) continue;
      const written = textAt(object.node, ['spec', 'path']) ?? './';
      // A variable that Flux fills in: only the build knows the path.
      if (written.includes('${')) continue;
      const target = pathOf(object);
      const kind = files.kind(target);
      const problem =
        kind === undefined
          ? 'which is not in the repository'
          : kind !== 'directory'
            ? `which is a ${kind}, not a directory`
            : hasManifest(files, target)
              ? undefined
              : 'which holds no manifest';
      if (problem)
        yield {
          message: `${describe(object)}: its path is \`${written}\`, ${problem}: nothing is applied${kind === undefined ? suggestion(files, target) : ''}`,
          at: locate(object, ['spec', 'path']),
          object,
        };
    }
  },
};

const hasManifest = (files: Files, directory: string): boolean => {
  for (const file of walk(files, directory))
    if (/\.ya?ml$/.test(file) || posix.basename(file) === 'Kustomization') return true;
  return false;
};

const suggestion = (files: Files, path: string): string => {
  const nearest = nearestDirectory(files, path);
  return nearest === undefined ? '' : `; did you mean \`./${nearest}\`?`;
};
