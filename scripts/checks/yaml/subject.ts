import { isUtf8 } from 'node:buffer';
import { posix } from 'node:path';
import type { Repository } from '../../render/environment.ts';
import { textAt } from '../../yaml/node.ts';
import { parseYaml, type YamlFile } from '../../yaml/parse.ts';
import { isKustomizationPath, kustomizationFiles, readPaths } from '../kustomization/kustomization-files.ts';
import { hasHouseLayout, topOf, treesOf } from '../kustomization/subject.ts';
import type { SubjectOf } from '../stage.ts';
import { inlinePatchesOf } from './inline-patches.ts';

/** What reads a file, and so how strictly it is read. `other` is configuration that ends in a ConfigMap as it is. */
export type Role = 'manifest' | 'kustomization' | 'patch' | 'other';

export interface YamlSubject {
  readonly file: YamlFile;
  readonly role: Role;
  readonly repository: Repository;
  /** Why the file could not be read at all; `file` is empty then. */
  readonly failure?: 'too-large' | 'unreadable' | 'not-utf8';
}

const isYaml = (path: string): boolean => /\.ya?ml$/.test(path) || isKustomizationPath(path);

// JSON is YAML, too, but far quicker to read as what it is; only a broken file needs places.
function isBrokenJson({ sources }: Repository, path: string): boolean {
  const read = path.endsWith('.json') ? sources.files.read(path) : undefined;
  if (!read?.ok) return false;
  try {
    JSON.parse(read.text);
    return false;
  } catch {
    return true;
  }
}

const patchFields = new Set(['patches.path', 'patchesJson6902.path', 'patchesStrategicMerge']);
const configurationFields =
  /^(?:configMapGenerator|secretGenerator|helmCharts|openapi|configurations|replacements)/;

/** Every YAML file that a build reads, the patches that stand inside others, and manifests that nothing reads yet. */
export function* yamlSubjects(repository: Repository): Generator<SubjectOf<YamlSubject>> {
  const read = new Set(readPaths(repository));
  const roles = rolesOf(repository);
  const trees = treesOf(repository);
  const paths = new Set(
    [...repository.paths, ...read]
      .filter((path) => isYaml(path) || (read.has(path) && isBrokenJson(repository, path)))
      .sort(),
  );
  // No build reads it, and the gate goes by it.
  if (hasHouseLayout(repository)) read.add('secrets.yaml');
  for (const path of paths) {
    if (repository.sources.files.kind(path) !== 'file') continue;
    if (!read.has(path) && !trees.has(topOf(path))) continue;
    const subject = subjectOf(repository, path, roles.get(path) ?? 'manifest');
    if (!read.has(path) && subject.role !== 'kustomization' && !isManifest(subject.file)) continue;
    yield { subject };
    if (subject.role === 'other') continue;
    for (const file of inlinePatchesOf(subject.file)) yield { subject: { file, role: 'patch', repository } };
  }
}

function subjectOf(repository: Repository, path: string, role: Role): YamlSubject {
  const read = repository.sources.files.read(path);
  const file = repository.sources.yaml(path);
  if (!read.ok || !file)
    return {
      file: parseYaml(path, ''),
      role,
      repository,
      failure: !read.ok && read.reason === 'too-large' ? 'too-large' : 'unreadable',
    };
  return { file, role, repository, ...(isUtf8(read.bytes) ? {} : { failure: 'not-utf8' }) };
}

function rolesOf(repository: Repository): ReadonlyMap<string, Role> {
  const roles = new Map<string, Role>();
  for (const kustomization of kustomizationFiles(repository).values()) {
    roles.set(kustomization.path, 'kustomization');
    for (const { field, path } of kustomization.references) {
      if (path === undefined || isKustomizationPath(path)) continue;
      if (patchFields.has(field)) roles.set(path, 'patch');
      else if (configurationFields.test(field) && !roles.has(path)) roles.set(path, 'other');
      else if (field === 'resources') roles.set(path, 'manifest');
    }
  }
  return roles;
}

// Rendered charts' templates are no YAML before Helm has read them, and fail to parse here.
const isManifest = (file: YamlFile): boolean =>
  posix.basename(file.file) !== 'Chart.yaml' &&
  file.problems.every((problem) => problem.code !== 'syntax') &&
  file.documents.some(
    ({ node }) => textAt(node, ['apiVersion']) !== undefined && textAt(node, ['kind']) !== undefined,
  );
