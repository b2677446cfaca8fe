import { posix } from 'node:path';
import type { Repository } from '../../render/environment.ts';
import { textAt } from '../../yaml/node.ts';
import type { Rule } from '../rule.ts';
import type { KustomizationSubject } from './subject.ts';

// The patterns that source-controller applies where nobody overrides them (fluxcd/pkg sourceignore).
const ignoredEndings = ['.jpg', '.jpeg', '.gif', '.png', '.wmv', '.flv', '.tar.gz', '.zip'];
const ignoredNames = new Set([
  '.gitignore',
  '.gitmodules',
  '.gitattributes',
  '.travis.yml',
  '.gitlab-ci.yml',
  'appveyor.yml',
  '.drone.yml',
  'cloudbuild.yaml',
  'codeship-services.yml',
  'codeship-steps.yml',
  '.goreleaser.yml',
  '.sops.yaml',
  '.flux.yaml',
]);
const ignoredDirectories = new Set(['.git', '.github', '.circleci']);

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
    const ownPatterns = hasOwnPatterns(subject.repository);
    for (const { path, field, text, origin } of subject.references) {
      if (path === undefined) continue;
      const kind = files.kind(path);
      if (kind === 'symlink')
        yield {
          message: `\`${text}\` in \`${field}\` is, or lies behind, a symbolic link; Flux’s artifact holds no links`,
          fix: 'Commit the file itself, or name the place where it really lies.',
          at: origin,
        };
      else if (kind === 'file' && !ownPatterns && isIgnored(path))
        yield {
          message: `\`${text}\` in \`${field}\` is left out of Flux’s artifact: \`${posix.basename(path)}\` is among the files that source-controller ignores by default`,
          fix: 'Rename the file, or allow it with a `!` pattern in `.sourceignore`.',
          at: origin,
        };
    }
  },
};

const isIgnored = (path: string): boolean =>
  ignoredEndings.some((ending) => path.endsWith(ending)) ||
  ignoredNames.has(posix.basename(path)) ||
  path.split('/').some((name) => ignoredDirectories.has(name));

/** Whether somebody chose other patterns: what these let through is not ours to guess. */
const hasOwnPatterns = (repository: Repository): boolean =>
  repository.paths.some((path) => posix.basename(path) === '.sourceignore') ||
  repository.environments.some((environment) =>
    environment.objects.some(
      (object) => object.kind === 'GitRepository' && textAt(object.node, ['spec', 'ignore']) !== undefined,
    ),
  );
