import { declaredNodes } from '../checks/capacity/declared-nodes.ts';
import type { UsageError } from '../cli/exit.ts';
import { type Requests, sumRequests } from '../cluster/requests.ts';
import { containersOf, numberAt, podTemplateOf } from '../kubernetes/pod-template.ts';
import { parseQuantity } from '../kubernetes/quantity.ts';
import type { Environment } from '../render/environment.ts';
import { isKind } from '../render/object.ts';
import { renderRepository } from '../render/render.ts';
import type { Sources } from '../repository/sources.ts';
import { didYouMean } from '../text/nearest.ts';
import { at, entriesAt, itemsAt, type Node, textAt } from '../yaml/node.ts';

/** A directory of the node in which volumes lie. */
export interface VolumeDirectory {
  readonly path: string;
  /** What the volumes in it may grow to, in bytes. */
  readonly bytes: number;
}

/** A port of the node that a pod takes. */
export interface HostPort {
  readonly port: number;
  /** The address that it is bound to; every one where empty. */
  readonly address: string;
  /** `Deployment traefik`. */
  readonly owner: string;
}

/** A kernel setting that the node's configuration writes. */
export interface KernelSetting {
  readonly name: string;
  readonly value: string;
  /** The file on the node that sets it. */
  readonly file: string;
}

/** What an environment needs of each of its nodes, as the repository says it. */
export interface Target {
  readonly environment: string;
  /** `flux/prototype`. */
  readonly path: string;
  /** How many nodes are declared, and what each can give to pods: CPUs, bytes. */
  readonly nodes: {
    readonly count: number;
    readonly cpu: number | undefined;
    readonly memory: number | undefined;
  };
  /** Where that is said. */
  readonly factsFile: string;
  /** Of all pods together. */
  readonly requests: Requests;
  /** The configuration of k0s, and what it keeps back from pods on each node: CPUs, bytes. */
  readonly k0sFile: string;
  readonly reserved: { readonly cpu: number; readonly memory: number };
  readonly kernelSettings: readonly KernelSetting[];
  readonly nodeLocalLoadBalancing: boolean;
  readonly volumes: readonly VolumeDirectory[];
  readonly hostPorts: readonly HostPort[];
  /** By tool, as versions.yaml has them. */
  readonly versions: ReadonlyMap<string, string>;
}

export type TargetRead =
  | { readonly ok: true; readonly target: Target }
  | { readonly ok: false; readonly error: UsageError };

/** Reads from the repository what an environment needs of its nodes. */
export function readTarget(sources: Sources, name: string): TargetRead {
  const { environments } = renderRepository(sources, { layout: 'environments' });
  const names = environments.map((environment) => environment.name);
  const environment = environments.find((candidate) => candidate.name === name);
  if (!environment)
    return {
      ok: false,
      error: {
        message: `there is no environment \`${name}\`${didYouMean(name, names)}`,
        fix: `One of ${names.join(', ') || '(none)'}.`,
      },
    };
  const broken = environment.builds.find(({ failures }) =>
    failures.some(({ code }) => code !== 'foreign-source'),
  );
  if (broken)
    return {
      ok: false,
      error: {
        message: `${broken.component} cannot be built, so what it needs is not known: ${broken.failures[0]!.message}`,
        fix: 'Run `npm run validate` and mend what it reports.',
      },
    };
  const declared = declaredNodes(sources, name);
  const count = declared?.count ?? 1;
  const k0sFile = `k0s/${name}.yaml`;
  const k0s = sources.yaml(k0sFile)?.documents[0]?.node;
  // A k0sctl file has the configuration of k0s within it.
  const config = at(k0s, ['spec', 'k0s', 'config', 'spec']) ?? at(k0s, ['spec']);
  const balancing = at(config, ['network', 'nodeLocalLoadBalancing', 'enabled']);
  return {
    ok: true,
    target: {
      environment: name,
      path: environment.path,
      nodes: {
        count,
        cpu: declared?.each.get('cpu')?.amount,
        memory: declared?.each.get('memory')?.amount,
      },
      factsFile: `overlays/${name}/environment/environment.yaml`,
      requests: sumRequests(environment.objects, count),
      k0sFile,
      reserved: reservedBy(config),
      kernelSettings: kernelSettingsOf(k0s),
      nodeLocalLoadBalancing: balancing?.type === 'scalar' && balancing.value === true,
      volumes: volumeDirectories(environment, count),
      hostPorts: hostPortsOf(environment),
      versions: new Map(
        [...entriesAt(sources.yaml('versions.yaml')?.documents[0]?.node, [])].flatMap(([tool, { value }]) =>
          value.type === 'scalar' ? [[tool, String(value.value)] as const] : [],
        ),
      ),
    },
  };
}

// The kubelet gives to pods what the machine has, less these.
function reservedBy(config: Node | undefined): Target['reserved'] {
  const values = at(itemsAt(config, ['workerProfiles'])[0], ['values']);
  const amount = (resource: string): number =>
    ['kubeReserved', 'systemReserved'].reduce((sum, list) => {
      const found = at(values, [list, resource]);
      return sum + (found?.type === 'scalar' ? (parseQuantity(String(found.value)) ?? 0) : 0);
    }, 0);
  return { cpu: amount('cpu'), memory: amount('memory') };
}

/** `name = value` lines of the files that k0sctl puts below /etc/sysctl.d on the first host; all hosts get the same. */
const kernelSettingsOf = (k0sctl: Node | undefined): readonly KernelSetting[] =>
  itemsAt(itemsAt(k0sctl, ['spec', 'hosts'])[0], ['files']).flatMap((file) => {
    const path = textAt(file, ['dst']) ?? '';
    if (!path.startsWith('/etc/sysctl.d/')) return [];
    return (textAt(file, ['data']) ?? '').split('\n').flatMap((line): KernelSetting[] => {
      const [, name, value] = /^\s*([\w./-]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
      return name !== undefined && value !== undefined ? [{ name, value, file: path }] : [];
    });
  });

/** Directories that PersistentVolumes name; where volumes are made on demand, those of the provisioner. */
function volumeDirectories({ objects }: Environment, nodes: number): readonly VolumeDirectory[] {
  const named = objects.flatMap((object): VolumeDirectory[] => {
    if (!isKind(object, '', 'PersistentVolume')) return [];
    const path =
      textAt(object.node, ['spec', 'hostPath', 'path']) ?? textAt(object.node, ['spec', 'local', 'path']);
    return path === undefined ? [] : [{ path, bytes: bytesAt(object.node, ['spec', 'capacity', 'storage']) }];
  });
  if (named.length > 0) return named;
  const directories = objects.flatMap(({ node }) =>
    itemsAt(node, ['spec', 'values', 'nodePathMap']).flatMap((entry) =>
      itemsAt(entry, ['paths']).flatMap((path) => textAt(path, []) ?? []),
    ),
  );
  const claimed = objects.reduce((sum, object) => {
    const storage = ['spec', 'resources', 'requests', 'storage'];
    if (isKind(object, '', 'PersistentVolumeClaim')) return sum + bytesAt(object.node, storage);
    if (!isKind(object, 'apps', 'StatefulSet')) return sum;
    const each = itemsAt(object.node, ['spec', 'volumeClaimTemplates']).reduce(
      (bytes, template) => bytes + bytesAt(template, storage),
      0,
    );
    return sum + each * (numberAt(object.node, ['spec', 'replicas']) ?? 1);
  }, 0);
  // Spread over the nodes; one that has more than its share has less room.
  return directories.map((path) => ({ path, bytes: Math.ceil(claimed / nodes / directories.length) }));
}

function bytesAt(node: Node, path: readonly string[]): number {
  const found = at(node, path);
  return found?.type === 'scalar' ? (parseQuantity(String(found.value)) ?? 0) : 0;
}

const hostPortsOf = ({ objects }: Environment): readonly HostPort[] =>
  objects.flatMap((object) => {
    const template = podTemplateOf(object);
    return (template ? containersOf(template) : []).flatMap(({ node }) =>
      itemsAt(node, ['ports']).flatMap((port): HostPort[] => {
        const number = numberAt(port, ['hostPort']);
        return number === undefined || (textAt(port, ['protocol']) ?? 'TCP') !== 'TCP'
          ? []
          : [
              {
                port: number,
                address: textAt(port, ['hostIP']) ?? '',
                owner: `${object.kind} ${object.name}`,
              },
            ];
      }),
    );
  });
