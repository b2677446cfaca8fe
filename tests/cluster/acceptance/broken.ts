import type { Environment } from '../../../scripts/render/environment.ts';
import type { KubernetesObject } from '../harness/client.ts';
import { manifest } from './reconcile.ts';

/** A rendered object with one thing broken, and what a policy of the platform says to it. */
export interface BrokenCase {
  readonly title: string;
  /** The policies that refuse it, each with its whole message; which of several speaks is not defined. */
  readonly refusals: Readonly<Record<string, string>>;
  /** The one environment that has the policy; all where absent. */
  readonly environment?: string;
  /** As `Kind name`; of a rendered object, unless it is `given`. */
  readonly object: string;
  /** Where objects of the kind are made in the cluster, such as volumes by a provisioner. */
  readonly given?: KubernetesObject;
  readonly breakIt: (object: BrokenObject) => void;
}

interface Container {
  name: string;
  image: string;
  ports?: { containerPort: number; hostPort?: number }[];
  resources: { limits?: object };
  securityContext: {
    runAsUser?: number;
    capabilities: { add?: string[]; drop: string[] };
  };
}

/** As far as the cases below reach into it; of a workload, or of a PersistentVolume. */
interface BrokenObject {
  spec: {
    template: {
      spec: {
        automountServiceAccountToken?: boolean;
        enableServiceLinks?: boolean;
        containers: [Container, ...Container[]];
        volumes?: { name: string; hostPath?: { path: string } }[];
      };
    };
    hostPath: { path: string };
    local: { path: string };
  };
}

const podOf = (object: BrokenObject) => object.spec.template.spec;
const firstOf = (object: BrokenObject) => podOf(object).containers[0];

/** As the provisioner makes them. */
const localVolume: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name: 'provisioned' },
  spec: {
    accessModes: ['ReadWriteOnce'],
    capacity: { storage: '1Gi' },
    local: { path: '/var/lib/infometis-volumes/provisioned' },
    nodeAffinity: {
      required: {
        nodeSelectorTerms: [
          { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['node-1'] }] },
        ],
      },
    },
  },
};

const brokenCases: readonly BrokenCase[] = [
  {
    title: 'a port of the node',
    object: 'StatefulSet kafka',
    breakIt: (object) => {
      firstOf(object).ports = [{ containerPort: 9092, hostPort: 9092 }];
    },
    refusals: {
      'infometis-host-ports':
        'container kafka takes a port of the node: remove hostPort and publish the Service through an Ingress. Only pods of ServiceAccount traefik may have one.',
    },
  },
  {
    title: 'a privileged container',
    object: 'StatefulSet kafka',
    breakIt: (object) => {
      // Without the other the API server's own validation would speak first.
      Object.assign(firstOf(object).securityContext, { privileged: true, allowPrivilegeEscalation: true });
    },
    refusals: {
      'infometis-host-access': 'container kafka is privileged: remove securityContext.privileged.',
      'infometis-capabilities':
        'container kafka could gain privileges: set securityContext.allowPrivilegeEscalation: false.',
    },
  },
  {
    title: 'a directory of the node',
    object: 'Deployment schema-registry',
    breakIt: (object) => {
      podOf(object).volumes = [
        ...(podOf(object).volumes ?? []),
        { name: 'node', hostPath: { path: '/etc' } },
      ];
    },
    refusals: {
      'infometis-host-access':
        'volume node is a hostPath: use a claim, and put the directory into a PersistentVolume of the overlay.',
    },
  },
  {
    title: 'no memory limit',
    object: 'Deployment flink-jobmanager',
    breakIt: (object) => {
      delete firstOf(object).resources.limits;
    },
    refusals: {
      'infometis-resources':
        'container jobmanager lacks resources: set resources.requests.cpu, resources.requests.memory and resources.limits.memory.',
    },
  },
  {
    title: 'root',
    object: 'StatefulSet elasticsearch',
    breakIt: (object) => {
      firstOf(object).securityContext.runAsUser = 0;
    },
    refusals: {
      'infometis-root-user':
        'container elasticsearch may run as root: set securityContext.runAsUser to the number of a user other than 0, and runAsNonRoot: true, on the pod or the container. Root is for the init container set-owner alone.',
    },
  },
  {
    title: 'a capability',
    object: 'StatefulSet nifi',
    breakIt: (object) => {
      firstOf(object).securityContext.capabilities = { drop: ['ALL'], add: ['SYS_ADMIN'] };
    },
    refusals: {
      'infometis-capabilities':
        'container nifi adds a capability: remove it. Allowed are NET_BIND_SERVICE, and in the init container set-owner CHOWN, DAC_OVERRIDE, DAC_READ_SEARCH, FOWNER.',
    },
  },
  {
    title: 'the tag latest',
    object: 'Deployment kafka-ui',
    breakIt: (object) => {
      firstOf(object).image = 'kafbat/kafka-ui:latest';
    },
    refusals: {
      'infometis-image-tag':
        'image without a fixed tag in container kafka-ui (kafbat/kafka-ui:latest): pin newTag under images: in the kustomization of the base.',
    },
  },
  {
    title: 'a token for the API',
    object: 'StatefulSet grafana',
    breakIt: (object) => {
      podOf(object).automountServiceAccountToken = true;
    },
    refusals: {
      'infometis-api-token':
        'pods of ServiceAccount grafana must not get an API token: set automountServiceAccountToken: false in the pod spec, or add the account to policies/api-token.yaml with the reason.',
    },
  },
  {
    title: 'service links',
    object: 'StatefulSet ksqldb',
    breakIt: (object) => {
      delete podOf(object).enableServiceLinks;
    },
    refusals: {
      'infometis-service-links':
        'enableServiceLinks must be false in the pod spec: the variables that it injects are taken for settings by the images of Kafka, Schema Registry and ksqlDB.',
    },
  },
  {
    title: 'a volume anywhere on the node',
    environment: 'prototype',
    object: 'PersistentVolume kafka-data',
    breakIt: (object) => {
      object.spec.hostPath.path = '/var/lib/k0s';
    },
    refusals: {
      'infometis-volume-path':
        'the volume lies in /var/lib/k0s: put it into /tmp/<name>-data, where every volume of the prototype is.',
    },
  },
  {
    title: 'a volume anywhere on the node',
    environment: 'small-production',
    object: 'PersistentVolume provisioned',
    given: localVolume,
    breakIt: (object) => {
      object.spec.local.path = '/var/lib/k0s';
    },
    refusals: {
      'infometis-volume-path':
        'the volume lies in /var/lib/k0s: put it into a directory of its own in /var/lib/infometis-volumes, where the provisioner puts every volume.',
    },
  },
  {
    title: 'an unknown registry',
    environment: 'small-production',
    object: 'Deployment kafka-ui',
    breakIt: (object) => {
      firstOf(object).image = 'registry.example.net/kafka-ui:1.0.0';
    },
    refusals: {
      'infometis-image-registry':
        'image from an unknown registry in container kafka-ui (registry.example.net/kafka-ui:1.0.0): take it from docker.elastic.co/, docker.io/, ghcr.io/, quay.io/, registry.k8s.io/, registry.example.com/infometis/, or add the registry to overlays/small-production/policies/image-registry.yaml.',
    },
  },
];

export const brokenCasesOf = (name: string): readonly BrokenCase[] =>
  brokenCases.filter(({ environment }) => environment === undefined || environment === name);

/** The policies of an environment that refuse; those that only warn are no fence. */
export function refusingPolicies({ objects }: Environment): string[] {
  return objects
    .filter(({ kind }) => kind === 'ValidatingAdmissionPolicyBinding')
    .map(({ value }) => value['spec'] as unknown as { policyName: string; validationActions: string[] })
    .filter(({ validationActions }) => validationActions.includes('Deny'))
    .map(({ policyName }) => policyName);
}

/** A copy of the rendered object under another name, so that nothing is changed that must not be, and it broken. */
export function breakObject(
  { objects }: Environment,
  { object, given, breakIt }: BrokenCase,
): { readonly intact: KubernetesObject; readonly broken: KubernetesObject } {
  const found = objects.find(({ kind, name }) => `${kind} ${name}` === object);
  const whole = given ?? (found && manifest(found));
  if (!whole) throw new Error(`${object} is not rendered`);
  const { metadata, ...rest } = whole;
  const intact = { ...rest, metadata: { ...metadata, name: `${metadata.name}-copy` } } as KubernetesObject;
  const broken = structuredClone(intact);
  breakIt(broken as unknown as BrokenObject);
  return { intact, broken };
}
