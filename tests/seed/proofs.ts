import type { Json } from '../../scripts/yaml/node.ts';
import type { Expectation, ObjectProof, Proof, Steps } from './statement.ts';

const namespace = 'infometis';

export const statefulSet = (name: string): string => `StatefulSet/${namespace}/${name}`;
export const deployment = (name: string): string => `Deployment/${namespace}/${name}`;
export const service = (name: string): string => `Service/${namespace}/${name}`;
export const ingress = (name: string): string => `Ingress/${namespace}/${name}`;
export const configMap = (name: string): string => `ConfigMap/${namespace}/${name}`;
export const fluxKustomization = (name: string): string => `Kustomization/flux-system/${name}`;

/** The way to a container of a workload's pod. */
export const container = (name: string, ...rest: Steps): Steps => [
  'spec',
  'template',
  'spec',
  'containers',
  { name },
  ...rest,
];

export const initContainer = (name: string, ...rest: Steps): Steps => [
  'spec',
  'template',
  'spec',
  'initContainers',
  { name },
  ...rest,
];

/** The image is of this repository and version (a regular expression), whether a digest follows or not. */
export const image = (object: string, of: string, repository: string, version: string): ObjectProof => ({
  object,
  path: container(of, 'image'),
  matches: new RegExp(`^${repository.replaceAll('.', '\\.')}:${version}(@sha256:[0-9a-f]{64})?$`),
});

/** A variable of the container's environment. */
export const variable = (object: string, of: string, name: string, value: Expectation): ObjectProof => ({
  object,
  path: container(of, 'env', { name }, 'value'),
  ...value,
});

/** A setting in a configuration file that a ConfigMap holds. */
export const setting = (
  configMapName: string,
  file: string,
  inside: Steps,
  value: Expectation,
): ObjectProof => ({
  object: configMap(configMapName),
  path: ['data', file],
  inside,
  ...value,
});

/** A port that a Service offers, and the port of the container that it leads to. */
export const port = (serviceName: string, name: string, number: number): ObjectProof => ({
  object: service(serviceName),
  path: ['spec', 'ports', { name }, 'port'],
  is: number,
});

export const containerPort = (object: string, of: string, name: string, number: number): ObjectProof => ({
  object,
  path: container(of, 'ports', { name }, 'containerPort'),
  is: number,
});

/** An Ingress leads a path on Traefik's entry points to a Service's port. */
export const route = (
  name: string,
  path: string,
  entryPoints: string,
  serviceName: string,
  portName: string,
): readonly ObjectProof[] => [
  {
    object: ingress(name),
    path: ['spec', 'rules', 0, 'http', 'paths', { path }, 'backend', 'service'],
    is: { name: serviceName, port: { name: portName } },
  },
  {
    object: ingress(name),
    path: ['metadata', 'annotations', 'traefik.ingress.kubernetes.io/router.entrypoints'],
    is: entryPoints,
  },
];

export interface Volume {
  /** The StatefulSet, which is also the name of its container and of its application. */
  readonly of: string;
  /** Name of the claim template. */
  readonly claim: string;
  readonly size: string;
  readonly mountPath: string;
  readonly directory: string;
}

/** A PersistentVolume, kept for one claim, mounted at the path where the component keeps its data. */
export function volume({ of, claim, size, mountPath, directory }: Volume): readonly Proof[] {
  const claimName = `${claim}-${of}-0`;
  const persistentVolume = `PersistentVolume/${directory.slice('/tmp/'.length)}`;
  const ofVolume = (path: Steps, is: Json): ObjectProof => ({ object: persistentVolume, path, is });
  return [
    ofVolume(['spec', 'capacity', 'storage'], size),
    ofVolume(['spec', 'hostPath', 'path'], directory),
    ofVolume(['spec', 'claimRef', 'name'], claimName),
    {
      object: statefulSet(of),
      path: [
        'spec',
        'volumeClaimTemplates',
        { 'metadata.name': claim },
        'spec',
        'resources',
        'requests',
        'storage',
      ],
      is: size,
    },
    {
      object: statefulSet(of),
      path: container(of, 'volumeMounts', { mountPath }, 'name'),
      is: claim,
    },
  ];
}

/** Requests as the seed asks for them; the limit is the memory that it recommends. */
export const resources = (
  object: string,
  of: string,
  cpu: string,
  memory: string,
  recommendedMemory: string,
): readonly ObjectProof[] => [
  { object, path: container(of, 'resources', 'requests', 'cpu'), is: cpu },
  { object, path: container(of, 'resources', 'requests', 'memory'), is: memory },
  { object, path: container(of, 'resources', 'limits', 'memory'), is: recommendedMemory },
];
