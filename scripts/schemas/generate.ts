/** Puts the sources together: from Go modules to the files under schemas/. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json } from './clean.ts';
import { type CrdEntry, collectCrds } from './crd.ts';
import { formatJson } from './format.ts';
import { downloadModule, generateCrds, type Result, type Scratch } from './go.ts';
import { collectOpenApi } from './openapi.ts';
import {
  API_MODULES,
  CONTROLLER_GEN_VERSION,
  CRD_FOLDERS,
  isDefinitionFile,
  KUBERNETES,
  type Source,
} from './sources.ts';
import { sourceAt, type Versions } from './versions.ts';

/** Folder of a Kubernetes version's schemas: per minor, since a patch release changes no API. */
export function kubernetesFolder(version: string): string {
  return `kubernetes/${/^v\d+\.\d+/.exec(version)?.[0] ?? version}`;
}

/** Every file to write, by its path below schemas/. `say` is told what is being done. */
export function generateSchemas(
  scratch: Scratch,
  versions: Versions,
  say: (text: string) => void,
): Result<ReadonlyMap<string, string>> {
  const out = new Map<string, string>();
  const fetch = (source: Source): Result<string> => {
    say(`fetching ${sourceAt(source, versions)}`);
    return downloadModule(scratch, source.module, versions(source));
  };

  const kubernetes = fetch(KUBERNETES);
  if (!kubernetes.ok) return kubernetes;
  const specs = join(kubernetes.value, 'api/openapi-spec/v3');
  if (!existsSync(specs)) return { ok: false, error: `no api/openapi-spec/v3 in ${kubernetes.value}` };
  const documents = readdirSync(specs)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => JSON.parse(readFileSync(join(specs, file), 'utf8')) as Json);
  const builtin = collectOpenApi(documents);
  const folder = kubernetesFolder(versions(KUBERNETES));
  for (const [file, content] of builtin.files) out.set(`${folder}/${file}`, formatJson(content));
  out.set(
    `${folder}/index.json`,
    formatJson({
      source: sourceAt(KUBERNETES, versions),
      kinds: builtin.kinds,
      notServed: builtin.notServed,
    }),
  );
  say(`${Object.keys(builtin.kinds).length} built-in kinds of Kubernetes ${versions(KUBERNETES)}`);

  const kinds: Record<string, CrdEntry> = {};
  const notServed: string[] = [];
  const add = (text: string, source: string): void => {
    const result = collectCrds(text, source);
    for (const [file, content] of result.files) out.set(`crds/${file}`, formatJson(content));
    Object.assign(kinds, result.kinds);
    notServed.push(...result.notServed);
  };
  for (const source of CRD_FOLDERS) {
    const dir = fetch(source);
    if (!dir.ok) return dir;
    const folder = join(dir.value, source.folder);
    const files = existsSync(folder) ? readdirSync(folder).filter((f) => isDefinitionFile(source, f)) : [];
    // A release that has moved them must not look like one that has none.
    if (files.length === 0)
      return { ok: false, error: `no definitions in ${source.folder} of ${sourceAt(source, versions)}` };
    for (const file of files.sort())
      add(readFileSync(join(folder, file), 'utf8'), sourceAt(source, versions));
  }
  if (API_MODULES.length > 0) {
    const names = API_MODULES.map(({ name }) => name).join(', ');
    say(`generating the CRDs of ${names} from their Go types (about a minute the first time)`);
    const modules = API_MODULES.map((source) => ({ path: source.module, version: versions(source) }));
    const crds = generateCrds(scratch, modules, CONTROLLER_GEN_VERSION);
    if (!crds.ok) return crds;
    const source = API_MODULES.map((module) => sourceAt(module, versions)).join(' ');
    for (const text of crds.value) add(text, source);
  }
  out.set('crds/index.json', formatJson({ kinds, notServed: notServed.sort() }));
  say(`${Object.keys(kinds).length} custom kinds of Flux and the add-ons`);
  return { ok: true, value: out };
}
