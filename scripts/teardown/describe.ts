import { block } from '../bootstrap/describe.ts';
import { fluxNamespace } from '../cluster/names.ts';
import { describeAccess, type NodeAccess } from '../cluster/node.ts';
import { describeReference } from '../cluster/removal.ts';
import type { Present } from './cluster.ts';
import type { TeardownPlan } from './plan.ts';

export interface DescribeOptions {
  readonly keepData: boolean;
  readonly access: NodeAccess;
  /** Directories that are there; undefined where nobody can look. */
  readonly directories: readonly string[] | undefined;
}

/** The whole list of what goes and what stays: what the person agrees to. */
export function describeTeardown(
  plan: TeardownPlan,
  present: Present,
  { keepData, access, directories }: DescribeOptions,
): string {
  const going = keepData ? [] : plan.volumes;
  const kept = keepData ? keptNamespaces(plan, present) : [];
  const namespaces = present.namespaces.filter((name) => !kept.includes(name));
  const foreign = present.foreign.filter(({ namespace }) => namespaces.includes(namespace ?? ''));
  const width = Math.max(0, ...going.map(({ directory }) => directory.length));
  return block([
    'This goes',
    ...row(
      'components',
      present.deployed.map(({ name }) => name),
    ),
    ...row('of the whole cluster', present.leftovers.map(describeReference)),
    ...row('namespaces', namespaces, ', with all that is in them'),
    ...row('in them, not from Git', foreign.map(describeReference)),
    ...(going.length > 0
      ? [
          '  data, for good:',
          ...going.map(
            ({ directory, size, claim, name }) =>
              `    ${directory.padEnd(width)}  ${size.padStart(5)}  ${claim.namespace}/${claim.name}, volume ${name}${
                directories !== undefined && !directories.includes(directory) ? ' (no such directory)' : ''
              }`,
          ),
          `    The directories are removed ${describeAccess(access)}.`,
        ]
      : []),
    ...(keepData
      ? []
      : row(
          'Secrets',
          present.secrets.map(({ namespace, name }) => `${namespace}/${name}`),
          ', after the data that they open',
        )),
    ...row('Flux', [
      ...(present.hasRoot ? [`the root Kustomization ${fluxNamespace}`] : []),
      ...(present.hasSource ? ['its source'] : []),
      ...(!keepData && present.identity.ownFlux
        ? ['Flux itself with its namespace, since bootstrap has installed it']
        : []),
    ]),
    'This stays',
    ...(keepData
      ? [
          ...row('namespaces', kept, ', with claims and Secrets'),
          ...row('volumes, with their directories', present.volumes),
          ...row(
            'Secrets',
            present.secrets.map(({ namespace, name }) => `${namespace}/${name}`),
          ),
          '  the label of the cluster: another environment would take over the data',
        ]
      : []),
    ...(present.identity.ownFlux && !keepData
      ? []
      : [
          `  Flux itself${present.identity.ownFlux ? '' : ', which was there before bootstrap'}, with the Secret by which it fetches`,
        ]),
    '  Git, with what `flux bootstrap` has committed',
    ...present.moved.map(
      ({ name, directory }) =>
        `  the directory ${directory} of volume ${name}: Git names another one, and only that is removed`,
    ),
  ]);
}

const row = (title: string, names: readonly string[], note = ''): readonly string[] =>
  names.length === 0 ? [] : [`  ${title}: ${names.join(', ')}${note}`];

/** Namespaces that hold a claim of a volume, or a Secret that was made for the data. */
export const keptNamespaces = (plan: TeardownPlan, present: Present): readonly string[] =>
  present.namespaces.filter(
    (name) =>
      plan.volumes.some(({ claim }) => claim.namespace === name) ||
      plan.secrets.some(({ namespace }) => namespace === name),
  );
