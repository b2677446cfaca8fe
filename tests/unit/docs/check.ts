/**
 * What a page says of the repository and of the cluster, against both. Each function returns what is wrong, in words; an
 * empty list is good.
 */
import { posix } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { commands, inlineCode, links, type Page } from './pages.ts';

/** What there is: the repository's files and scripts, and what the environments render to. */
export interface World {
  /** Files, relative to the root. */
  readonly files: ReadonlySet<string>;
  /** Names of `npm run`. */
  readonly scripts: ReadonlySet<string>;
  /** Names of alerts. */
  readonly alerts: ReadonlySet<string>;
  readonly cluster: Cluster;
}

/** What the environments have, all of them together, with the pods and claims that their StatefulSets make. */
export interface Cluster {
  /** `kind/name`, the kind in full and in small letters. */
  readonly objects: ReadonlySet<string>;
  /** Containers of a workload and of a StatefulSet's pods, init containers too, by `kind/name`. */
  readonly containers: ReadonlyMap<string, ReadonlySet<string>>;
  /** Flux Kustomizations. */
  readonly kustomizations: ReadonlySet<string>;
}

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const at = (value: Json | undefined, ...path: readonly (string | number)[]): Json | undefined =>
  path.reduce<Json | undefined>((found, key) => {
    if (found === null || typeof found !== 'object') return undefined;
    return (found as Record<string | number, Json>)[key];
  }, value);
const list = (value: Json | undefined): readonly Json[] =>
  Array.isArray(value) ? (value as readonly Json[]) : [];

/** The cluster that YAML texts describe. Of an object that several texts have, patches of it among them, all counts. */
export function clusterOf(texts: readonly string[]): Cluster {
  const objects = new Set<string>();
  const containers = new Map<string, Set<string>>();
  const sets = new Map<string, { replicas: number; readonly templates: Set<string> }>();
  const kustomizations = new Set<string>();
  for (const document of texts.flatMap((text) => parseAllDocuments(text))) {
    const value = document.toJS() as Json;
    const kind = String(at(value, 'kind') ?? '').toLowerCase();
    const name = String(at(value, 'metadata', 'name') ?? '');
    if (kind === '' || name === '') continue;
    objects.add(`${kind}/${name}`);
    if (kind === 'kustomization') kustomizations.add(name);
    const spec = at(value, 'spec', 'jobTemplate', 'spec') ?? at(value, 'spec');
    const pod = at(spec, 'template', 'spec');
    const all = containers.get(`${kind}/${name}`) ?? new Set();
    for (const container of [...list(at(pod, 'containers')), ...list(at(pod, 'initContainers'))])
      all.add(String(at(container, 'name')));
    if (all.size > 0) containers.set(`${kind}/${name}`, all);
    if (kind !== 'statefulset') continue;
    const set = sets.get(name) ?? { replicas: 1, templates: new Set() };
    set.replicas = Math.max(set.replicas, Number(at(spec, 'replicas') ?? 1));
    for (const template of list(at(spec, 'volumeClaimTemplates')))
      set.templates.add(String(at(template, 'metadata', 'name')));
    sets.set(name, set);
  }
  for (const [name, { replicas, templates }] of sets)
    for (let ordinal = 0; ordinal < replicas; ordinal += 1) {
      objects.add(`pod/${name}-${ordinal}`);
      const all = containers.get(`statefulset/${name}`);
      if (all !== undefined) containers.set(`pod/${name}-${ordinal}`, all);
      for (const template of templates) objects.add(`persistentvolumeclaim/${template}-${name}-${ordinal}`);
    }
  return { objects, containers, kustomizations };
}

/** `npm run NAME` for a NAME that package.json does not have. */
export const unknownScripts = ({ text }: Page, world: World): readonly string[] =>
  [...text.matchAll(/npm run (?:--silent |-s )?([a-z][\w:-]*)/g)]
    .map((match) => match[1] ?? '')
    .filter((name) => !world.scripts.has(name))
    .map((name) => `npm run ${name}: package.json has no such script.`);

/** Paths and rules in backticks and targets of links that are not there. `planned` are those that a page tells the reader to make. */
export function missingPaths(
  { path, text }: Page,
  world: World,
  planned: ReadonlySet<string> = new Set(),
): readonly string[] {
  const directories = new Set([...world.files].flatMap((file) => ancestors(file)));
  const tops = new Set([...world.files].map((file) => file.split('/')[0] ?? ''));
  // A rule is called by its stage and its name.
  const rules = 'scripts/checks';
  const exists = (name: string) =>
    world.files.has(name) || directories.has(name) || world.files.has(`${rules}/${name}.ts`);
  const known = (top: string) => tops.has(top) || directories.has(`${rules}/${top}`);
  const named = inlineCode(text)
    .map((code) => (code.split(' ')[0] ?? '').replace(/^\.\//, '').replace(/[/,.;:]+$/, ''))
    .filter((name) => name.includes('/') && known(name.split('/')[0] ?? ''))
    // Patterns and places to fill in.
    .filter((name) => !/[<>*…{}$@=()[\]]|\bNAME\b|\bRULE\b|NAME/.test(name))
    .filter((name) => !planned.has(name) && !exists(name))
    .map((name) => `${name}: the repository has no such file or folder.`);
  const linked = links(text)
    .map((target) => posix.normalize(posix.join(posix.dirname(path), decodeURI(target))).replace(/\/$/, ''))
    .filter((target) => target !== '.' && !exists(target))
    .map((target) => `link to ${target}: the repository has no such file or folder.`);
  return [...named, ...linked];
}

const ancestors = (file: string): readonly string[] => {
  const parts = file.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
};

/** What `kubectl` takes for the kinds that pages name. */
const kinds: ReadonlyMap<string, string> = new Map([
  ['sts', 'statefulset'],
  ['statefulset', 'statefulset'],
  ['deploy', 'deployment'],
  ['deployment', 'deployment'],
  ['daemonset', 'daemonset'],
  ['job', 'job'],
  ['cronjob', 'cronjob'],
  ['svc', 'service'],
  ['service', 'service'],
  ['pod', 'pod'],
  ['pvc', 'persistentvolumeclaim'],
]);
const anyKind = [...kinds.keys()].join('|');
// Not followed by what a shell fills in, or a person.
const anyName = '[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?![\\w$*…{<.=-])';
const plain = new RegExp(`^${anyName}$`);

/** The objects that one `kubectl` command names, as `kind/name`. */
function objectsOf(command: string): readonly string[] {
  const slashed = [...command.matchAll(new RegExp(`(?<![\\w/.-])(${anyKind})/(${anyName})`, 'g'))];
  const listed = [
    ...command.matchAll(
      new RegExp(
        `\\b(?:get|delete|scale|annotate|describe|patch|status|restart) (${anyKind})((?: ${anyName}(?!/))+)`,
        'g',
      ),
    ),
  ];
  const bare = [...command.matchAll(new RegExp(`\\b(?:exec|logs)(?: -[a-z]+)* (${anyName})(?![/])`, 'g'))];
  return [
    ...slashed.map(([, kind = '', name = '']) => `${kinds.get(kind)}/${name}`),
    ...listed.flatMap(([, kind = '', names = '']) =>
      names
        .trim()
        .split(' ')
        .map((name) => `${kinds.get(kind)}/${name}`),
    ),
    ...bare.map(([, name = '']) => `pod/${name}`),
  ];
}

/** The `kubectl` commands of a page for the namespace `infometis`, each up to what runs inside a pod. */
const kubectl = (text: string): readonly string[] =>
  commands(text).flatMap((command) =>
    command
      .split(/\bkubectl (?=-n infometis )/)
      .slice(1)
      .map((part) =>
        (part.split(/ -- |[|;&>)]/)[0] ?? '').replace('-n infometis ', '').replaceAll(/["']/g, ''),
      ),
  );

/** Objects and containers that a `kubectl` command names and no environment has. `made` are those that the page makes. */
export function unknownObjects(
  { text }: Page,
  { cluster }: World,
  made: ReadonlySet<string> = new Set(),
): readonly string[] {
  return kubectl(text).flatMap((command) => {
    const named = objectsOf(command);
    const unknown = named
      .filter((object) => !cluster.objects.has(object) && !made.has(object))
      .map((object) => `${object}: no environment has it (kubectl ${command.trim()}).`);
    const container = command.match(new RegExp(`^(?:exec|logs)\\b.* -c (${anyName})`))?.[1];
    const has = named[0] === undefined ? undefined : cluster.containers.get(named[0]);
    return container === undefined || has === undefined || has.has(container)
      ? unknown
      : [...unknown, `${named[0]} has no container ${container}, but ${[...has].join(', ')}.`];
  });
}

/** Names after `flux suspend|resume|reconcile kustomization` and `npm run promote --` that no environment has. */
export function unknownKustomizations({ text }: Page, world: World): readonly string[] {
  const names = commands(text).flatMap((command) => [
    ...[
      ...command.matchAll(/flux (?:suspend|resume|reconcile) kustomization ((?:[a-z][a-z0-9-]* ?)+)/g),
    ].flatMap((match) => (match[1] ?? '').trim().split(' ')),
    ...[...command.matchAll(/npm run promote -- ((?:[a-z][a-z0-9-]* ?)+)/g)].flatMap((match) =>
      (match[1] ?? '').trim().split(' '),
    ),
  ]);
  return [...new Set(names)]
    .filter((name) => plain.test(name) && !world.cluster.kustomizations.has(name))
    .map((name) => `${name}: no environment has a Flux Kustomization of this name.`);
}

/** Words in backticks that look like an alert's name, and are none. */
export function unknownAlerts({ text }: Page, world: World): readonly string[] {
  // The words that names of alerts end with: Down, Late, Lagging …
  const endings = new Set([...world.alerts].map((name) => name.match(/[A-Z][a-z]+$/)?.[0] ?? ''));
  return inlineCode(text)
    .filter((code) => /^(?:[A-Z][a-z]+){2,}$/.test(code.replace(/^NiFi/, 'Nifi')))
    .filter((code) => endings.has(code.match(/[A-Z][a-z]+$/)?.[0] ?? '-') && !world.alerts.has(code))
    .map((code) => `${code}: no alert has this name.`);
}
