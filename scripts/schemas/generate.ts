/** Puts the sources together: from Go modules to the files under schemas/. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json } from './clean.ts';
import { type CrdEntry, collectCrds } from './crd.ts';
import { formatJson } from './format.ts';
import { downloadModule, generateCrds, type Result, type Scratch } from './go.ts';
import { collectOpenApi } from './openapi.ts';
import { API_MODULES, CONTROLLER_GEN_VERSION, CRD_MODULES, modulePath, type Versions } from './sources.ts';

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
  const fetch = (name: keyof Versions, suffix = ''): Result<string> => {
    const path = modulePath(name) + suffix;
    say(`fetching ${path}@${versions[name]}`);
    return downloadModule(scratch, path, versions[name]);
  };

  const kubernetes = fetch('kubernetes');
  if (!kubernetes.ok) return kubernetes;
  const specs = join(kubernetes.value, 'api/openapi-spec/v3');
  if (!existsSync(specs)) return { ok: false, error: `no api/openapi-spec/v3 in ${kubernetes.value}` };
  const documents = readdirSync(specs)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => JSON.parse(readFileSync(join(specs, file), 'utf8')) as Json);
  const builtin = collectOpenApi(documents);
  const folder = kubernetesFolder(versions.kubernetes);
  for (const [file, content] of builtin.files) out.set(`${folder}/${file}`, formatJson(content));
  out.set(
    `${folder}/index.json`,
    formatJson({
      source: `${modulePath('kubernetes')}@${versions.kubernetes}`,
      kinds: builtin.kinds,
      notServed: builtin.notServed,
    }),
  );
  say(`${Object.keys(builtin.kinds).length} built-in kinds of Kubernetes ${versions.kubernetes}`);

  const kinds: Record<string, CrdEntry> = {};
  const notServed: string[] = [];
  const add = (text: string, source: string): void => {
    const result = collectCrds(text, source);
    for (const [file, content] of result.files) out.set(`crds/${file}`, formatJson(content));
    Object.assign(kinds, result.kinds);
    notServed.push(...result.notServed);
  };
  for (const name of CRD_MODULES) {
    const dir = fetch(name);
    if (!dir.ok) return dir;
    const bases = join(dir.value, 'config/crd/bases');
    for (const file of readdirSync(bases).sort()) {
      if (file.endsWith('.yaml'))
        add(readFileSync(join(bases, file), 'utf8'), `${modulePath(name)}@${versions[name]}`);
    }
  }
  if (API_MODULES.length > 0) {
    say(
      `generating the CRDs of ${API_MODULES.join(', ')} from their Go types (about a minute the first time)`,
    );
    const modules = API_MODULES.map((name) => ({ path: `${modulePath(name)}/api`, version: versions[name] }));
    const crds = generateCrds(scratch, modules, CONTROLLER_GEN_VERSION);
    if (!crds.ok) return crds;
    for (const text of crds.value) {
      add(text, modules.map(({ path, version }) => `${path}@${version}`).join(' '));
    }
  }
  out.set('crds/index.json', formatJson({ kinds, notServed: notServed.sort() }));
  say(`${Object.keys(kinds).length} custom kinds of Flux`);
  return { ok: true, value: out };
}
