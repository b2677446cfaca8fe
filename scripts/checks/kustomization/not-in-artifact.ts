import { posix } from 'node:path';
import { type ArtifactOptions, type IsIgnored, ignoredByFlux } from '../../flux/artifact.ts';
import { artifactOptions, sourceOf } from '../../flux/source.ts';
import type { Build } from '../../render/environment.ts';
import { isKind, type RenderedObject } from '../../render/object.ts';
import { at, textAt } from '../../yaml/node.ts';
import type { Rule } from '../rule.ts';
import type { KustomizationSubject } from './subject.ts';

export const notInArtifact: Rule<KustomizationSubject> = {
  id: 'kustomization/not-in-artifact',
  severity: 'error',
  title: 'Every file that a kustomization names is part of the artifact that Flux builds from.',
  why: 'Flux copies the repository without symbolic links, pictures, archives and CI files, and of a source with a sparse checkout only the directories on its list: a local build passes and the one in the cluster fails.',
  fix: 'Commit a real file under a name that Flux keeps.',
  docs: 'https://fluxcd.io/flux/components/source/gitrepositories/#excluding-files',
  scope: 'general',
  *check(subject) {
    const { files } = subject.repository.sources;
    const artifacts = artifactsOf(subject).filter(
      // Of a kustomization that is left out itself, what leads to it is to blame.
      ({ isIgnored, isOutside }) => !isIgnored(subject.path) && !isOutside(subject.path),
    );
    for (const { path, field, text, origin } of subject.references) {
      if (path === undefined) continue;
      const kind = files.kind(path);
      if (kind === 'symlink') {
        yield {
          message: `\`${text}\` in \`${field}\` is, or lies behind, a symbolic link; Flux’s artifact holds no links`,
          fix: 'Commit the file itself, or name the place where it really lies.',
          at: origin,
        };
        continue;
      }
      // A directory is there when something in it is.
      const looked = kind === 'directory' ? kustomizationIn(subject, path) : path;
      if (kind === undefined || looked === undefined) continue;
      const artifact = artifacts.find(({ isIgnored, isOutside }) => isIgnored(looked) || isOutside(looked));
      if (!artifact) continue;
      yield artifact.isOutside(looked)
        ? {
            message: `\`${text}\` in \`${field}\` is left out of Flux’s artifact: the sparseCheckout of ${artifact.printed} does not reach \`${posix.dirname(looked)}\``,
            fix: `Add \`- ${posix.dirname(looked)}\` to the sparseCheckout of ${artifact.printed}${artifact.place}.`,
            at: origin,
          }
        : {
            message: `\`${text}\` in \`${field}\` is left out of Flux’s artifact: \`${posix.basename(looked)}\` is among the files that ${artifact.chosen ? `the \`ignore\` of ${artifact.printed} names` : 'source-controller ignores'}`,
            fix: artifact.chosen
              ? `Rename the file, or change the \`ignore\` of ${artifact.printed}${artifact.place}.`
              : 'Rename the file, or allow it with a `!` pattern in `.sourceignore`.',
            at: origin,
          };
    }
  },
};

/** What one source packs, of those that the builds of a kustomization are made from. */
interface Artifact {
  readonly isIgnored: IsIgnored;
  /** Whether its sparse checkout leaves a path out. */
  readonly isOutside: IsIgnored;
  /** Whether it has patterns of its own. */
  readonly chosen: boolean;
  /** `GitRepository flux-system/kafka`. */
  readonly printed: string;
  /** ` (flux/small-production/kafka.yaml:11)`, for a fix. */
  readonly place: string;
}

function artifactsOf({ repository, usedBy }: KustomizationSubject): readonly Artifact[] {
  const { files } = repository.sources;
  const sources = new Set(usedBy.map((build) => sourceObject(repository.environments, build)));
  // Which source the builds of others are from is not known: nothing is said where one has a choice of its own.
  if (usedBy.length === 0 && repository.environments.some(({ objects }) => objects.some(hasChoice)))
    return [];
  if (usedBy.length === 0) sources.add(undefined);
  return [...sources].map((source): Artifact => {
    const { ignore, sparseCheckout }: ArtifactOptions = artifactOptions(source?.node);
    const origin = source && (at(source.node, ['spec', 'sparseCheckout']) ?? source.node).origin;
    return {
      isIgnored: ignoredByFlux(files, ignore === undefined ? {} : { ignore }),
      isOutside: sparseCheckout ? outsideOf(sparseCheckout) : () => false,
      chosen: ignore !== undefined,
      printed: source ? `GitRepository ${source.namespace ?? 'default'}/${source.name}` : '',
      place: origin ? ` (${origin.file}:${origin.line})` : '',
    };
  });
}

/** As `ignoredByFlux` has it, without the patterns. */
const outsideOf = (sparseCheckout: readonly string[]): IsIgnored => {
  const directories = sparseCheckout.map((directory) => posix.normalize(directory));
  return (path) => !directories.some((directory) => directory === '.' || path.startsWith(directory));
};

const hasChoice = (object: RenderedObject): boolean =>
  isKind(object, 'source.toolkit.fluxcd.io', 'GitRepository') &&
  (at(object.node, ['spec', 'ignore']) ?? at(object.node, ['spec', 'sparseCheckout'])) !== undefined;

/** The GitRepository that a build is made from; undefined where it is not in Git, as that of `flux bootstrap` is. */
function sourceObject(
  environments: KustomizationSubject['repository']['environments'],
  { environment, kustomization }: Build,
): RenderedObject | undefined {
  if (!kustomization) return undefined;
  const { kind, namespace, name } = sourceOf(kustomization);
  return environments
    .find((each) => each.name === environment)
    ?.objects.find(
      (object) =>
        isKind(object, 'source.toolkit.fluxcd.io', kind) &&
        object.name === name &&
        (object.namespace ?? textAt(kustomization.node, ['metadata', 'namespace'])) === namespace,
    );
}

/** The file by which a directory is built, which has to be in the artifact. */
const kustomizationIn = ({ repository }: KustomizationSubject, directory: string): string | undefined =>
  ['kustomization.yaml', 'kustomization.yml', 'Kustomization']
    .map((name) => posix.join(directory, name))
    .find((path) => repository.sources.files.kind(path) === 'file');
