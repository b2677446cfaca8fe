import { posix } from 'node:path';
import { ignoredByFlux } from '../../flux/artifact.ts';
import type { Repository } from '../../render/environment.ts';
import { at } from '../../yaml/node.ts';
import type { Rule } from '../rule.ts';
import type { KustomizationSubject } from './subject.ts';

export const notInArtifact: Rule<KustomizationSubject> = {
  id: 'kustomization/not-in-artifact',
  severity: 'error',
  title: 'Every file that a kustomization names is part of the artifact that Flux builds from.',
  why: 'Flux copies the repository without symbolic links, pictures, archives and CI files: a local build passes and the one in the cluster fails.',
  fix: 'Commit a real file under a name that Flux keeps.',
  docs: 'https://fluxcd.io/flux/components/source/gitrepositories/#excluding-files',
  scope: 'general',
  *check(subject) {
    const { files } = subject.repository.sources;
    const isIgnored = hasPatternsOfItsOwn(subject.repository) ? () => false : ignoredByFlux(files);
    for (const { path, field, text, origin } of subject.references) {
      if (path === undefined) continue;
      const kind = files.kind(path);
      if (kind === 'symlink')
        yield {
          message: `\`${text}\` in \`${field}\` is, or lies behind, a symbolic link; Flux’s artifact holds no links`,
          fix: 'Commit the file itself, or name the place where it really lies.',
          at: origin,
        };
      else if (kind === 'file' && isIgnored(path))
        yield {
          message: `\`${text}\` in \`${field}\` is left out of Flux’s artifact: \`${posix.basename(path)}\` is among the files that source-controller ignores`,
          fix: 'Rename the file, or allow it with a `!` pattern in `.sourceignore`.',
          at: origin,
        };
    }
  },
};

/** Whether a source packs by patterns or directories of its own: which source a build is from is not known here. */
const hasPatternsOfItsOwn = (repository: Repository): boolean =>
  repository.environments.some((environment) =>
    environment.objects.some(
      (object) =>
        object.kind === 'GitRepository' &&
        (at(object.node, ['spec', 'ignore']) ?? at(object.node, ['spec', 'sparseCheckout'])) !== undefined,
    ),
  );
