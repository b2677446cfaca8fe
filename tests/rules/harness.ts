import { posix } from 'node:path';
import { buildKustomization } from '../../scripts/kustomize/build.ts';
import { renderDeployed } from '../../scripts/render/deployed.ts';
import type { Build, Repository } from '../../scripts/render/environment.ts';
import { type RenderedObject, renderedObject } from '../../scripts/render/object.ts';
import { renderRepository } from '../../scripts/render/render.ts';
import { openMemory, walk } from '../../scripts/repository/files.ts';
import { openSources, type Sources } from '../../scripts/repository/sources.ts';
import type { MapNode } from '../../scripts/yaml/node.ts';

const isYaml = (path: string): boolean => /\.ya?ml$/.test(path);
const isKustomization = (path: string): boolean => posix.basename(path) === 'kustomization.yaml';

/**
 * The repository that a fixture stands for. With a `flux/` directory it is discovered and rendered as the gate does it.
 * Without one, each kustomization that no other names is a build of the environment `test`; without any, all objects of
 * all YAML files are one build. Files below `.commits/<id>/` are those of a commit that components may be pinned to, and
 * `.commits/main` lists the ids that main has.
 */
export async function fixtureRepository(archive: Readonly<Record<string, string>>): Promise<Repository> {
  const inCommits = /^\.commits\/([0-9a-f]{40})\/(.+)$/;
  const contents = Object.fromEntries(
    Object.entries(archive).filter(([path]) => !path.startsWith('.commits/')),
  );
  const files = openMemory(contents, 'fixture');
  const sources = openSources(files);
  const paths = [...walk(files, '.')];
  if (files.kind('flux') === 'directory') {
    const repository = renderRepository(sources);
    const commits = new Map<string, Record<string, string>>();
    for (const [path, text] of Object.entries(archive)) {
      const [, id, file] = inCommits.exec(path) ?? [];
      if (id !== undefined && file !== undefined) commits.set(id, { ...commits.get(id), [file]: text });
    }
    if (commits.size === 0) return repository;
    const main = archive['.commits/main']?.split('\n');
    const rendered = renderDeployed(sources, repository.environments, {
      parsed: new Map(),
      isOnMain: (commit) => main?.includes(commit),
      openPin: (id) => {
        const own = commits.get(id);
        return own
          ? { ok: true, commit: { id, files: openMemory(own, id) } }
          : { ok: false, reason: 'missing-commit', message: `no ${id}` };
      },
    });
    if (!rendered.ok) throw new Error(rendered.error.message);
    return { ...repository, deployed: rendered.deployed };
  }
  const tops = topKustomizations(sources, paths);
  const builds =
    tops.length > 0
      ? tops.map((directory) => kustomizeBuild(sources, directory))
      : [plainBuild(sources, paths)];
  return {
    sources,
    paths,
    environments: [
      {
        name: 'test',
        path: '.',
        builds,
        objects: builds.flatMap((build): readonly RenderedObject[] => build.objects),
      },
    ],
  };
}

function plainBuild(sources: Sources, paths: readonly string[]): Build {
  const owner = { environment: 'test', component: 'test' };
  // secrets.yaml declares what is not in Git; it is no manifest.
  const read = paths.filter((path) => isYaml(path) && path !== 'secrets.yaml');
  const nodes = read.flatMap((path) => sources.yaml(path)?.documents.map((document) => document.node) ?? []);
  const objects = nodes
    .filter((node): node is MapNode => node?.type === 'map')
    .map((node) => renderedObject(node, owner));
  return { ...owner, path: '.', objects, failures: [], notices: [], reads: new Set(read) };
}

function kustomizeBuild(sources: Sources, directory: string): Build {
  const owner = { environment: 'test', component: directory };
  const result = buildKustomization(sources, directory, { loadRestrictions: 'none', order: 'none' });
  const base = { ...owner, path: directory, reads: result.reads };
  switch (result.status) {
    case 'built':
      return {
        ...base,
        objects: result.objects.map((node) => renderedObject(node, owner)),
        failures: [],
        notices: result.notices,
      };
    case 'failed':
      return {
        ...base,
        objects: [],
        failures: result.problems.map((problem) => ({ stage: 'render', ...problem })),
        notices: result.notices,
      };
    case 'unsupported':
      throw new Error(`fixture uses ${result.feature}, which only the real kustomize builds`);
  }
}

function topKustomizations(sources: Sources, paths: readonly string[]): string[] {
  const directories = paths.filter(isKustomization).map((path) => posix.dirname(path));
  const named = new Set(
    directories.flatMap((directory) => {
      const text = sources.files.read(posix.join(directory, 'kustomization.yaml'));
      const relative = text.ok
        ? [...text.text.matchAll(/^\s*-\s+(\S+)\s*$/gm)].map((match) => match[1]!)
        : [];
      return relative.map((path) => posix.normalize(posix.join(directory, path)));
    }),
  );
  return directories.filter((directory) => !named.has(directory));
}
