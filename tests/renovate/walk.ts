/**
 * Every pin in the repository, found without Renovate: its own reading of each kind of file that names a version. What this
 * walk lists and Renovate's extraction must be the same.
 */
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseAllDocuments } from 'yaml';

/** A version that stands in a file. */
export interface Pin {
  /** Relative to the root, with forward slashes. */
  readonly file: string;
  /** As the registry knows it: an image, a chart, owner/repository, a module, `group:artifact`, an npm package. */
  readonly name: string;
  /** The version as written; of a GitHub Action the one in its comment. Without the digest. */
  readonly value: string;
  /** `sha256:…` of an image, the commit of an action. */
  readonly digest?: string;
  /** Why nothing moves it, where that shows in the file itself. */
  readonly fixed?: string;
}

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type JsonMap = { readonly [key: string]: Json };

// Samples, renders and lists that programs write: what stands in them is not what runs.
const notOurs: readonly RegExp[] = [
  /^schemas\//,
  /^tests\/(?:golden|rules|unit|faults)\//,
  /^tests\/cluster\/agreement\//,
  /(?:^|\/)(?:package-lock\.json|go\.sum)$/,
];

const isMap = (value: Json | undefined): value is JsonMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const mapAt = (value: Json | undefined, ...path: readonly string[]): JsonMap | undefined => {
  const found = path.reduce<Json | undefined>((at, key) => (isMap(at) ? at[key] : undefined), value);
  return isMap(found) ? found : undefined;
};
const listAt = (map: JsonMap, key: string): readonly Json[] => {
  const value = map[key];
  return Array.isArray(value) ? (value as readonly Json[]) : [];
};
const textOf = (value: Json | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined;

/** Every map in a document, with the key that it stands under. */
function* maps(value: Json, key = ''): Generator<readonly [string, JsonMap]> {
  if (Array.isArray(value)) for (const item of value as readonly Json[]) yield* maps(item, key);
  if (!isMap(value)) return;
  yield [key, value];
  for (const [name, child] of Object.entries(value)) yield* maps(child, name);
}

/** `name:tag@sha256:…`; undefined where it names neither tag nor digest. */
function image(file: string, reference: string): Pin | undefined {
  const [withTag = '', digest] = reference.split('@');
  const colon = withTag.lastIndexOf(':');
  const tagged = colon > withTag.lastIndexOf('/');
  if (!tagged && digest === undefined) return undefined;
  const name = tagged ? withTag.slice(0, colon) : withTag;
  const value = tagged ? withTag.slice(colon + 1) : '';
  return digest === undefined ? { file, name, value } : { file, name, value, digest };
}

const repositoryOf = (url: string) => new URL(url).pathname.replace(/^\/|\.git$/g, '');

function* kustomization(file: string, document: JsonMap): Generator<Pin> {
  for (const entry of listAt(document, 'images')) {
    if (!isMap(entry)) continue;
    const name = textOf(entry['newName']) ?? textOf(entry['name']) ?? '';
    const tag = textOf(entry['newTag']);
    const digest = textOf(entry['digest']);
    const pin = image(
      file,
      `${name}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`,
    );
    if (pin === undefined) continue;
    yield /(?:^|\/)infometis\//.test(name) ? { ...pin, fixed: 'built by the site' } : pin;
  }
  for (const key of ['resources', 'components', 'bases'])
    for (const entry of listAt(document, key)) {
      const match = /^(\S+?)\?(?:.*&)?(?:ref|version)=([^&]+)/.exec(textOf(entry) ?? '');
      if (match) yield { file, name: match[1]!, value: match[2]! };
    }
}

// The chart's own repository, which its values do not repeat.
const imageOfValues: Readonly<Record<string, string>> = { helperImage: 'busybox' };

function* fluxObject(file: string, object: JsonMap): Generator<Pin> {
  const spec = mapAt(object, 'spec') ?? {};
  const ref = mapAt(spec, 'ref');
  const url = textOf(spec['url']) ?? '';
  switch (object['kind']) {
    case 'HelmRelease': {
      const chart = mapAt(spec, 'chart', 'spec');
      const version = textOf(chart?.['version']);
      if (chart !== undefined && version !== undefined)
        yield { file, name: textOf(chart['chart']) ?? '', value: version };
      for (const [key, values] of maps(spec['values'] ?? null)) {
        const tag = textOf(values['tag']);
        if (tag === undefined) continue;
        const repository = [values['registry'], values['repository']].flatMap((part) => textOf(part) ?? []);
        const name =
          repository.length > 0 ? repository.join('/') : (imageOfValues[key] ?? `the image of ${key}`);
        yield* [image(file, `${name}:${tag}`)].filter((pin) => pin !== undefined);
      }
      break;
    }
    case 'GitRepository': {
      const tag = textOf(ref?.['tag']);
      const commit = textOf(ref?.['commit']);
      if (tag !== undefined) yield { file, name: repositoryOf(url), value: tag };
      // Of a component of ours it is a promotion, which `npm run promote` writes.
      else if (commit !== undefined && !file.startsWith('flux/'))
        yield { file, name: url, value: '', digest: commit };
      break;
    }
    case 'OCIRepository': {
      const tag = textOf(ref?.['tag']);
      const digest = textOf(ref?.['digest']);
      const name = url.replace(/^oci:\/\//, '');
      if (tag !== undefined || digest !== undefined)
        yield { file, name, value: tag ?? '', ...(digest === undefined ? {} : { digest }) };
      break;
    }
    case 'Kustomization':
      yield* kustomization(file, { images: spec['images'] ?? [] });
  }
}

function* workflow(file: string, text: string, document: JsonMap): Generator<Pin> {
  for (const [, use, comment] of text.matchAll(/^\s*(?:- )?uses: *(\S+)(?: +# *(\S+))?/gm)) {
    if (use!.startsWith('./')) continue;
    if (use!.startsWith('docker://')) {
      yield* [image(file, use!.slice('docker://'.length))].filter((pin) => pin !== undefined);
      continue;
    }
    const [action = '', ref = ''] = use!.split('@');
    const name = action.split('/').slice(0, 2).join('/');
    const commit = /^[0-9a-f]{40}$/.test(ref);
    yield commit ? { file, name, value: comment ?? '', digest: ref } : { file, name, value: ref };
  }
  for (const job of Object.values(mapAt(document, 'jobs') ?? {})) {
    if (!isMap(job)) continue;
    for (const label of [job['runs-on'] ?? null].flat()) {
      const match = /^(ubuntu|macos|windows)-(\d.*)$/.exec(textOf(label) ?? '');
      if (match) yield { file, name: match[1]!, value: match[2]! };
    }
    for (const step of listAt(job, 'steps')) {
      const language = /^actions\/setup-(\w+)@/.exec(isMap(step) ? (textOf(step['uses']) ?? '') : '')?.[1];
      const version = mapAt(step, 'with')?.[`${language}-version`];
      if (language !== undefined && version !== undefined)
        yield {
          file,
          name: `actions/${language}-versions`,
          value: String(version),
          ...(language === 'node' ? { fixed: 'the oldest Node.js that is supported' } : {}),
        };
    }
  }
}

function* versionsFile(file: string, text: string): Generator<Pin> {
  let above: string | undefined;
  for (const line of text.split('\n')) {
    const [, key, value] = /^([a-z0-9-]+): *(\S+)/.exec(line) ?? [];
    const source = /^# renovate: .*\bdepName=(\S+)/.exec(line)?.[1];
    if (key !== undefined)
      yield above === undefined
        ? { file, name: key, value: value!, fixed: 'no comment says where it comes from' }
        : { file, name: above, value: value! };
    above = source;
  }
}

function* goMod(file: string, text: string): Generator<Pin> {
  const lines = text.split('\n').map((line) => line.trim());
  const tools: string[] = [];
  const required: { name: string; value: string; indirect: boolean }[] = [];
  let block = '';
  for (const line of lines) {
    if (line === '' || line.startsWith('//')) continue;
    if (line === ')') {
      block = '';
      continue;
    }
    const [, opened] = /^(\w+) \($/.exec(line) ?? [];
    if (opened !== undefined) {
      block = opened;
      continue;
    }
    const words = line.split(/\s+/);
    const verb = block === '' ? words.shift()! : block;
    if (verb === 'go' || verb === 'toolchain')
      yield { file, name: 'go', value: words[0]!, fixed: 'the lowest Go that will do' };
    if (verb === 'tool') tools.push(words[0]!);
    if (verb === 'require')
      required.push({ name: words[0]!, value: words[1]!, indirect: words.includes('indirect') });
    if (verb === 'replace') {
      const [name = '', value] = words.slice(words.indexOf('=>') + 1);
      const staging = file === 'tests/cluster/tools/kubernetes/go.mod' && name.startsWith('k8s.io/');
      if (value !== undefined)
        yield { file, name, value, ...(staging ? {} : { fixed: "what the tool's own go.mod says" }) };
    }
  }
  // The module of a tool is the longest one that its path starts with.
  const ofTools = new Set(
    tools.map(
      (tool) =>
        required
          .filter(({ name }) => tool === name || tool.startsWith(`${name}/`))
          .sort((a, b) => b.name.length - a.name.length)[0]?.name,
    ),
  );
  for (const { name, value, indirect } of required)
    yield {
      file,
      name,
      value,
      ...(indirect && !ofTools.has(name)
        ? { fixed: 'what its tool asks for' }
        : name === 'github.com/seaweedfs/seaweedfs'
          ? { fixed: 'the commit of a release that is no version of its module' }
          : {}),
    };
}

function* npmPackage(file: string, manifest: JsonMap): Generator<Pin> {
  for (const key of [
    'dependencies',
    'devDependencies',
    'optionalDependencies',
    'peerDependencies',
    'engines',
    'overrides',
  ])
    for (const [name, value] of Object.entries(mapAt(manifest, key) ?? {}))
      if (typeof value === 'string')
        yield {
          file,
          name,
          value,
          ...(key === 'engines' ? { fixed: 'the oldest Node.js that is supported' } : {}),
        };
  const [name, value] = textOf(manifest['packageManager'])?.split('@') ?? [];
  if (name !== undefined && value !== undefined) yield { file, name, value };
}

// The tests' servers bring these themselves, in exactly this version.
const broughtByServer: ReadonlySet<string> = new Set([
  'com.h2database:h2',
  'io.prometheus.jmx:jmx_prometheus_javaagent',
  'org.apache.logging.log4j:log4j-core',
  'org.apache.logging.log4j:log4j-slf4j-impl',
  'org.slf4j:slf4j-reload4j',
]);

function* pom(file: string, text: string): Generator<Pin> {
  const element = /<(dependency|plugin|parent|extension)>([\s\S]*?)<\/\1>/g;
  for (const [, kind, body] of text.matchAll(element)) {
    const field = (tag: string) => new RegExp(`<${tag}>\\s*(.*?)\\s*</${tag}>`).exec(body!)?.[1];
    const group = field('groupId') ?? (kind === 'plugin' ? 'org.apache.maven.plugins' : '');
    const name = `${group}:${field('artifactId')}`;
    const value = field('version');
    if (value === undefined) continue;
    yield { file, name, value, ...(broughtByServer.has(name) ? { fixed: 'what the server brings' } : {}) };
  }
}

function* checksums(file: string, text: string): Generator<Pin> {
  for (const line of text.split('\n')) {
    const path = /^[0-9a-f]{64} +\*?(\S+)$/.exec(line)?.[1]?.split('/');
    if (path === undefined) continue;
    if (path.length < 4)
      throw new Error(`${file}: '${line}' is no path of a Maven repository; teach tests/renovate/walk.ts.`);
    const [value, artifact] = [path.at(-2)!, path.at(-3)!];
    yield { file, name: `${path.slice(0, -3).join('.')}:${artifact}`, value };
  }
}

function* containerfile(file: string, text: string): Generator<Pin> {
  for (const line of text.replaceAll(/\\\n/g, ' ').split('\n')) {
    const reference =
      /^\s*ARG\s+\w+=(\S+)/i.exec(line)?.[1] ??
      /^\s*FROM\s+(?:--\S+\s+)*(\S+)/i.exec(line)?.[1] ??
      /^\s*COPY\s+.*--from=(\S+)/i.exec(line)?.[1];
    if (reference === undefined || reference.includes('$')) continue;
    const pin = image(file, reference);
    if (pin !== undefined) yield pin;
  }
}

function* requirements(file: string, text: string): Generator<Pin> {
  for (const line of text.split('\n')) {
    const [, name, value] = /^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?\s*(==\s*[^\s;#]+)/.exec(line) ?? [];
    if (name !== undefined) yield { file, name: name.toLowerCase(), value: value! };
  }
}

// Files that hold pins, of kinds that the repository does not have yet.
const unknownKind =
  /^(?:Cargo\.toml|Gemfile|pyproject\.toml|Pipfile|setup\.py|build\.gradle.*|\.tool-versions|mise\.toml|\.nvmrc|\.node-version|\.python-version|\.pre-commit-config\.yaml|Chart\.yaml|values.*\.yaml|(?:docker-)?compose.*\.ya?ml|deno\.jsonc?|flake\.nix|.*\.tf|pnpm-workspace\.yaml)$/;

function* yamlFile(file: string, text: string): Generator<Pin> {
  const name = basename(file);
  for (const parsed of parseAllDocuments(text, { logLevel: 'error', strict: false })) {
    const document = parsed.toJSON() as Json;
    if (!isMap(document)) continue;
    if (/^kustomization\.ya?ml$/.test(name)) yield* kustomization(file, document);
    if (/toolkit\.fluxcd\.io\//.test(textOf(document['apiVersion']) ?? '')) yield* fluxObject(file, document);
    if (/^\.github\/(?:workflows|actions)\//.test(file)) yield* workflow(file, text, document);
    for (const [key, map] of maps(document)) {
      // Workloads name an image without a tag; one that has a tag is a pin out of place.
      const pin = image(file, textOf(map['image']) ?? '');
      if (pin !== undefined) yield pin;
      const version = textOf(map['version']);
      if (key === 'k0s' && version !== undefined) yield { file, name: 'k0sproject/k0s', value: version };
    }
  }
}

function pinsOf(root: string, file: string, files: ReadonlySet<string>): Iterable<Pin> {
  const name = basename(file);
  if (unknownKind.test(name))
    throw new Error(`${file}: nobody reads its pins yet; teach tests/renovate/walk.ts.`);
  const text = () => readFileSync(join(root, file), 'utf8');
  if (file === 'versions.yaml') return versionsFile(file, text());
  if (name === 'go.mod') return goMod(file, text());
  if (name === 'package.json') return npmPackage(file, JSON.parse(text()) as JsonMap);
  if (name === 'pom.xml') return pom(file, text());
  // Beside a pom.xml it is what Maven made of that.
  if (name.endsWith('.sha256'))
    return files.has(join(dirname(file), 'pom.xml')) ? [] : checksums(file, text());
  if (/(?:^|\.)(?:container|docker)file/i.test(name)) return containerfile(file, text());
  if (/^requirements.*\.(?:txt|in)$/.test(name)) return requirements(file, text());
  if (/\.ya?ml$/.test(name)) return yamlFile(file, text());
  return [];
}

/**
 * Every pin in these files.
 *
 * @param files relative to root, as `git ls-files` prints them
 * @throws Error for a kind of file that holds pins and that nothing here reads
 */
export function walk(root: string, files: readonly string[]): Pin[] {
  const all = new Set(files);
  return files
    .filter((file) => !notOurs.some((pattern) => pattern.test(file)))
    .flatMap((file) => [...pinsOf(root, file, all)]);
}
