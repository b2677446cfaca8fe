import type { UsageError } from '../cli/exit.ts';
import { componentBuilds, dependenciesOf } from '../cluster/components.ts';
import { containersOf, podTemplateOf } from '../kubernetes/pod-template.ts';
import type { Environment } from '../render/environment.ts';
import { isKind, type RenderedObject } from '../render/object.ts';
import { didYouMean } from '../text/nearest.ts';
import { at, itemsAt, type Node, textAt } from '../yaml/node.ts';

export interface Addition {
  readonly component: string;
  /** `kafka depends on it`. */
  readonly reason: string;
}

/** Which components of an environment are deployed. */
export interface Choice {
  /** In the order of the environment; all where nothing was chosen. */
  readonly components: readonly string[];
  /** What was not asked for but is needed. */
  readonly added: readonly Addition[];
  /** What stays away. */
  readonly omitted: readonly string[];
  /** A chosen component is configured to talk to one that stays away. */
  readonly notes: readonly string[];
}

export type ChoiceMade =
  | { readonly ok: true; readonly choice: Choice }
  | { readonly ok: false; readonly error: UsageError };

/**
 * The chosen components (empty: all) and what they cannot be applied without: what their Kustomizations depend on, and who
 * brings the Namespace, StorageClass, IngressClass or PriorityClass that their objects name.
 */
export function chooseComponents(environment: Environment, only: readonly string[]): ChoiceMade {
  const builds = new Map(componentBuilds(environment).map((build) => [build.component, build]));
  const unknown = only.find((name) => !builds.has(name));
  if (unknown !== undefined)
    return {
      ok: false,
      error: {
        message: `--only: there is no component \`${unknown}\` in ${environment.name}${didYouMean(unknown, builds.keys())}`,
        fix: `Components: ${[...builds.keys()].sort().join(', ')}.`,
      },
    };
  if (only.length === 0)
    return { ok: true, choice: { components: [...builds.keys()], added: [], omitted: [], notes: [] } };

  const providers = new Map(
    environment.objects.flatMap((object) => {
      const key = providedKey(object);
      return key === undefined ? [] : [[key, object.component] as const];
    }),
  );
  const chosen = new Set(only);
  const added: Addition[] = [];
  // The set grows while it is walked, so what an addition needs is found as well.
  for (const name of chosen) {
    const build = builds.get(name);
    if (!build) continue;
    const needs: Addition[] = [
      ...dependenciesOf(build).map((component) => ({ component, reason: `${name} depends on it` })),
      ...build.objects.flatMap(neededKeys).flatMap((key) => {
        const component = providers.get(key);
        return component === undefined
          ? []
          : [{ component, reason: `it brings the ${key} that ${name} uses` }];
      }),
    ];
    for (const need of needs) {
      if (chosen.has(need.component) || !builds.has(need.component)) continue;
      chosen.add(need.component);
      added.push(need);
    }
  }
  const all = [...builds.keys()];
  return {
    ok: true,
    choice: {
      components: all.filter((name) => chosen.has(name)),
      added,
      omitted: all.filter((name) => !chosen.has(name)),
      notes: unmetTalk(environment, chosen),
    },
  };
}

const providingKinds: readonly (readonly [group: string, kind: string])[] = [
  ['', 'Namespace'],
  ['storage.k8s.io', 'StorageClass'],
  ['networking.k8s.io', 'IngressClass'],
  ['scheduling.k8s.io', 'PriorityClass'],
];

const providedKey = (object: RenderedObject): string | undefined =>
  providingKinds.some(([group, kind]) => isKind(object, group, kind))
    ? `${object.kind} ${object.name}`
    : undefined;

function neededKeys(object: RenderedObject): readonly string[] {
  const storageClass = (spec: Node | undefined): string | undefined => textAt(spec, ['storageClassName']);
  const spec = at(object.node, ['spec']);
  const named: readonly (readonly [kind: string, name: string | undefined])[] = [
    ['Namespace', object.namespace],
    [
      'IngressClass',
      isKind(object, 'networking.k8s.io', 'Ingress') ? textAt(spec, ['ingressClassName']) : undefined,
    ],
    [
      'StorageClass',
      isKind(object, '', 'PersistentVolumeClaim') || isKind(object, '', 'PersistentVolume')
        ? storageClass(spec)
        : undefined,
    ],
    ...itemsAt(spec, ['volumeClaimTemplates']).map(
      (claim) => ['StorageClass', storageClass(at(claim, ['spec']))] as const,
    ),
    ['PriorityClass', textAt(podTemplateOf(object)?.spec, ['priorityClassName'])],
  ];
  return named.flatMap(([kind, name]) => (name === undefined ? [] : [`${kind} ${name}`]));
}

// Flux knows no edge between components that merely talk to each other, so the choice is the person's: they are only told.
function unmetTalk(environment: Environment, chosen: ReadonlySet<string>): readonly string[] {
  const services = new Map(
    environment.objects
      .filter((object) => isKind(object, '', 'Service'))
      .map(({ name, component }) => [name, component]),
  );
  const missing = new Map<string, Set<string>>();
  for (const object of environment.objects) {
    if (!chosen.has(object.component)) continue;
    const template = podTemplateOf(object);
    if (!template) continue;
    const values = containersOf(template).flatMap(({ node }) =>
      itemsAt(node, ['env']).flatMap((variable) => textAt(variable, ['value']) ?? []),
    );
    for (const word of values.flatMap((value) => value.match(/[a-z0-9-]+/g) ?? [])) {
      const owner = services.get(word);
      if (owner === undefined || owner === object.component || chosen.has(owner)) continue;
      const partners = missing.get(object.component) ?? new Set();
      missing.set(object.component, partners.add(owner));
    }
  }
  return [...missing].map(
    ([component, partners]) =>
      `${component} is configured to talk to ${[...partners].sort().join(', ')}, which you did not choose`,
  );
}
