import { posix } from 'node:path';
import type { Files } from '../../repository/files.ts';
import { didYouMean } from '../../text/nearest.ts';
import type { Report, Rule } from '../rule.ts';
import { kustomizationNames, type Reference } from './kustomization-files.ts';
import type { KustomizationSubject } from './subject.ts';

export const missingFile: Rule<KustomizationSubject> = {
  id: 'kustomization/missing-file',
  severity: 'error',
  title: 'Every file and directory that a kustomization names exists.',
  why: 'kustomize fails, so Flux keeps the last revision that built and deploys nothing new of this Kustomization.',
  fix: 'Correct the path, or add the file to Git.',
  docs: 'https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/resource/',
  scope: 'general',
  *check(subject) {
    const { files } = subject.repository.sources;
    for (const reference of subject.references) {
      if (reference.path === undefined || reference.path === subject.directory) continue;
      const report = problemOf(files, reference, reference.path, subject.directory);
      if (report) yield report;
    }
  },
};

function problemOf(files: Files, reference: Reference, path: string, directory: string): Report | undefined {
  const kind = files.kind(path);
  const named = `\`${reference.text}\` in \`${reference.field}\``;
  // Links have a rule of their own.
  if (kind === 'symlink') return undefined;
  if (kind === undefined) {
    const parent = posix.dirname(path);
    return {
      message: `${named} does not exist: there is no \`${path}\`${didYouMean(posix.basename(path), files.list(parent))}`,
      fix: suggestion(files, path, directory),
      at: reference.origin,
    };
  }
  if (kind === 'file' && reference.expected === 'directory')
    return {
      message: `${named} is a file; \`${reference.field}\` takes directories with a kustomization.yaml`,
      fix:
        reference.field === 'components'
          ? 'Name the directory of the Component, or list the file under `resources`.'
          : 'List the file under `resources`.',
      at: reference.origin,
    };
  if (kind === 'directory' && reference.expected === 'file')
    return {
      message: `${named} is a directory; \`${reference.field}\` takes files`,
      fix: 'Name each file of the directory.',
      at: reference.origin,
    };
  if (kind === 'directory' && !kustomizationNames.some((name) => files.kind(`${path}/${name}`) === 'file'))
    return {
      message: `${named} is a directory without a kustomization.yaml: kustomize cannot build it`,
      fix: `Add ${path}/kustomization.yaml with its \`resources\`, or name the files themselves.`,
      at: reference.origin,
    };
  return undefined;
}

function suggestion(files: Files, path: string, directory: string): string {
  const name = posix.basename(path);
  for (const candidate of [posix.join(directory, name), posix.join(posix.dirname(directory), name)])
    if (candidate !== path && files.kind(candidate) !== undefined)
      return `Write \`${posix.relative(directory, candidate)}\`: that one exists.`;
  return `Correct the path (it is relative to ${directory}/), or add ${path}.`;
}
