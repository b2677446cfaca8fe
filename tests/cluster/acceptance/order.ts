import { fluxNamespace } from '../../../scripts/cluster/names.ts';
import type { Build, Environment } from '../../../scripts/render/environment.ts';
import { groupOf, type RenderedObject } from '../../../scripts/render/object.ts';
import type { Sources } from '../../../scripts/repository/sources.ts';
import { at, itemsAt, textAt } from '../../../scripts/yaml/node.ts';

/**
 * The builds of an environment, each after those that it depends on, else in the order in which they were rendered.
 *
 * @throws where they depend on each other in a ring or on one that is not there: Flux would wait for ever
 */
export function inDependencyOrder({ builds }: Environment): Build[] {
  const byKey = new Map(builds.map((build) => [keyOf(build), build]));
  const ordered: Build[] = [];
  const state = new Map<Build, 'entered' | 'left'>();
  const visit = (build: Build): void => {
    if (state.get(build) === 'left') return;
    if (state.get(build) === 'entered') throw new Error(`Kustomization ${build.component} waits for itself`);
    state.set(build, 'entered');
    for (const dependency of dependenciesOf(build)) {
      const found = byKey.get(dependency);
      if (!found)
        throw new Error(`Kustomization ${build.component} waits for ${dependency}, which is not there`);
      visit(found);
    }
    state.set(build, 'left');
    ordered.push(build);
  };
  for (const build of builds) visit(build);
  return ordered;
}

/** `namespace/name` of the Flux Kustomization; the environment's own is called as `flux bootstrap` does. */
export const keyOf = ({ kustomization, component }: Build): string =>
  `${kustomization?.namespace ?? fluxNamespace}/${kustomization?.name ?? component}`;

export const dependenciesOf = ({ kustomization }: Build): string[] =>
  itemsAt(kustomization?.node, ['spec', 'dependsOn']).map(
    (item) =>
      `${textAt(item, ['namespace']) ?? kustomization?.namespace ?? fluxNamespace}/${textAt(item, ['name'])}`,
  );

/**
 * The objects of one build in the stages in which kustomize-controller applies them: each stage is tried out as a whole
 * before any of it is applied. Mirrors ApplyAllStaged and ReconcileOrder of fluxcd/pkg/ssa 0.76.
 *
 * @param customKinds as `group/Kind`: the controller's --custom-apply-stage-kinds
 */
export function stagesOf(
  objects: readonly RenderedObject[],
  customKinds: ReadonlySet<string>,
): readonly (readonly RenderedObject[])[] {
  const stages: RenderedObject[][] = [[], [], [], []];
  for (const object of objects) {
    const kind = `${groupOf(object.apiVersion)}/${object.kind}`;
    const stage = definitions.has(kind)
      ? 0
      : object.kind.endsWith('Class')
        ? 1
        : customKinds.has(kind)
          ? 2
          : 3;
    stages[stage]?.push(object);
  }
  return stages.filter((stage) => stage.length > 0).map((stage) => stage.sort(compare));
}

const definitions = new Set([
  '/Namespace',
  'apiextensions.k8s.io/CustomResourceDefinition',
  'rbac.authorization.k8s.io/ClusterRole',
]);

const first = [
  'CustomResourceDefinition',
  'Namespace',
  'ClusterRole',
  'ClusterClass',
  'RuntimeClass',
  'PriorityClass',
  'StorageClass',
  'VolumeSnapshotClass',
  'IngressClass',
  'GatewayClass',
  'ClusterRoleBinding',
  'ResourceQuota',
  'ServiceAccount',
  'Role',
  'RoleBinding',
  'ConfigMap',
  'Secret',
  'Service',
  'LimitRange',
  'Deployment',
  'StatefulSet',
  'CronJob',
  'PodDisruptionBudget',
];
const last = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'];

const rank = ({ kind }: RenderedObject): number => {
  const early = first.indexOf(kind);
  return early !== -1 ? early - first.length : last.indexOf(kind) + 1;
};

function compare(a: RenderedObject, b: RenderedObject): number {
  const text = (object: RenderedObject): string[] => [
    groupOf(object.apiVersion),
    object.kind,
    object.namespace ?? '',
    object.name,
  ];
  const difference = rank(a) - rank(b);
  if (difference !== 0) return difference;
  const [left, right] = [text(a), text(b)];
  const index = left.findIndex((part, position) => part !== right[position]);
  return index === -1 ? 0 : left[index]! < right[index]! ? -1 : 1;
}

/**
 * What the environment's patches of kustomize-controller say about stages. The Deployment that they patch is not in the
 * repository before `flux bootstrap` has written it.
 */
export function customStageKinds({ files, yaml }: Sources, environment: Environment): ReadonlySet<string> {
  const directory = `${environment.path}/flux-system`;
  const flag = '--custom-apply-stage-kinds=';
  const given: string[] = [];
  for (const patch of itemsAt(yaml(`${directory}/kustomization.yaml`)?.documents[0]?.node, ['patches'])) {
    if (textAt(patch, ['target', 'name']) !== 'kustomize-controller') continue;
    const path = `${directory}/${textAt(patch, ['path']) ?? ''}`;
    if (files.kind(path) !== 'file') continue;
    for (const operation of itemsAt(yaml(path)?.documents[0]?.node, [])) {
      const value = at(operation, ['value']);
      const text = value?.type === 'scalar' ? String(value.value) : '';
      if (text.startsWith(flag)) given.push(...text.slice(flag.length).split(','));
    }
  }
  return new Set(given.map((kind) => kind.trim()).filter(Boolean));
}
