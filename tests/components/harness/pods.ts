import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ProcessResult } from '../../../scripts/cluster/process.ts';
import { openRepository } from '../../../scripts/render/open.ts';
import type { JsonObject } from '../../../scripts/yaml/node.ts';
import type { RunningProcess } from '../../cluster/harness/processes.ts';
import { type CertificateSpec, certificateAuthority } from './certificates.ts';
import { type Box, type Host, javaHome, type Mount, type Network, startNetwork } from './network.ts';

// Pods of the rendered workloads, as processes: what the kubelet, the cluster's DNS and cert-manager would give them.

const repository = join(import.meta.dirname, '../../..');

/** What small-production's Kustomizations of these names apply. */
export async function renderedObjects(...components: string[]): Promise<readonly JsonObject[]> {
  const opened = await openRepository(repository, { cache: true, deployed: false });
  if (!opened.ok) throw new Error(opened.error.message);
  const environment = opened.repository.environments.find(({ name }) => name === 'small-production');
  return components.flatMap((component) => {
    const build = environment?.builds.find((candidate) => candidate.component === component);
    if (build === undefined || build.failures.length > 0 || build.objects.length === 0)
      throw new Error(`small-production/${component} does not render: see npm run render`);
    return build.objects.map(({ value }) => value);
  });
}

interface KeyRef {
  readonly name: string;
  readonly key: string;
}
interface EnvironmentVariable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly secretKeyRef?: KeyRef;
    readonly configMapKeyRef?: KeyRef;
    readonly fieldRef?: { readonly fieldPath: string };
  };
}
interface Probe {
  readonly exec?: { readonly command: readonly string[] };
}
export interface Container {
  readonly name: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly EnvironmentVariable[];
  readonly volumeMounts?: readonly {
    readonly name: string;
    readonly mountPath: string;
    readonly readOnly?: boolean;
  }[];
  readonly startupProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly livenessProbe?: Probe;
}
interface Item {
  readonly key: string;
  readonly path: string;
}
interface Volume {
  readonly name: string;
  readonly configMap?: { readonly name: string; readonly items?: readonly Item[] };
  readonly secret?: { readonly secretName: string; readonly items?: readonly Item[] };
  readonly projected?: {
    readonly sources: readonly {
      readonly secret: { readonly name: string; readonly items: readonly Item[] };
    }[];
  };
  readonly emptyDir?: object;
}
interface PodTemplate {
  readonly initContainers?: readonly Container[];
  readonly containers: readonly Container[];
  readonly volumes?: readonly Volume[];
}
interface Workload {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: {
    readonly replicas?: number;
    readonly serviceName?: string;
    readonly template: { readonly spec: PodTemplate };
    readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[];
  };
}

export interface PodOptions {
  /** Files that the image would bring; see `BoxSpec`. */
  readonly image?: string;
  /** Directories of this machine that the image or an object store would be. */
  readonly directories?: readonly Mount[];
  /** What the test changes in a container's environment, on top of the manifest's. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface Pod {
  readonly name: string;
  readonly address: string;
  /** Where a volume of it lies on this machine. */
  volume(name: string): string;
  /** Runs the init containers in their order. @throws where one fails */
  initialise(): Promise<void>;
  /** Starts the container's command; without one in the manifest, the words that stand for the image's entry point. */
  start(entryPoint?: readonly string[]): Promise<RunningProcess>;
  /** As `kubectl exec`: with the container's environment. */
  exec(
    command: readonly string[],
    more?: { readonly input?: string; readonly environment?: Readonly<Record<string, string>> },
  ): Promise<ProcessResult>;
  /** Like `exec`, and it goes on. */
  spawn(command: readonly string[], logFile: string): Promise<RunningProcess>;
  /** The command of a probe that is one. */
  probe(kind: 'startupProbe' | 'readinessProbe' | 'livenessProbe'): Promise<ProcessResult>;
  readonly container: Container;
  readonly environment: Readonly<Record<string, string>>;
}

export interface Cluster {
  /** The value of a Secret: of a Certificate what the authority issued, otherwise random and the same each time. */
  secret(name: string, key: string): string;
  /**
   * Makes the pod of a rendered workload.
   *
   * @param ordinal of a StatefulSet the ordinal, of anything else any number from 0
   */
  addPod(kind: string, name: string, ordinal: number, options?: PodOptions): Promise<Pod>;
  workload(kind: string, name: string): Workload;
  /** Ends every process and removes the files. */
  stop(): Promise<void>;
  readonly directory: string;
}

/**
 * A cluster for the pods of these objects.
 *
 * @param names the workloads that get pods and how many, as `StatefulSet/kafka`: their addresses and names are known to all
 * @param services names of Services by the workload behind them
 */
export async function startCluster(
  directory: string,
  objects: readonly JsonObject[],
  names: readonly {
    readonly kind: string;
    readonly name: string;
    readonly pods: number;
    readonly service?: string;
  }[],
): Promise<Cluster> {
  const ofKind = <T>(kind: string): readonly T[] =>
    objects.filter((object) => object['kind'] === kind) as unknown as readonly T[];
  const workload = (kind: string, name: string): Workload => {
    const found = ofKind<Workload>(kind).find(({ metadata }) => metadata.name === name);
    if (found === undefined) throw new Error(`there is no ${kind} ${name} among the rendered objects`);
    return found;
  };

  // --- addresses ---
  const addresses = new Map<string, string>();
  const hosts: Host[] = [];
  names.forEach(({ kind, name, pods, service }, row) => {
    const { metadata, spec } = workload(kind, name);
    for (let ordinal = 0; ordinal < pods; ordinal++) {
      const address = `10.9.${row + 1}.${ordinal + 10}`;
      const pod = `${name}-${ordinal}`;
      addresses.set(pod, address);
      const domain = `${metadata.namespace}.svc.cluster.local`;
      hosts.push({
        address,
        names: [
          ...(spec.serviceName === undefined ? [] : [`${pod}.${spec.serviceName}.${domain}`]),
          ...(service === undefined
            ? []
            : [service, `${service}.${metadata.namespace}`, `${service}.${domain}`]),
          pod,
        ],
      });
    }
  });

  // --- secrets ---
  const random = new Map<string, string>();
  const password = (name: string, key: string): string => {
    const id = `${name}/${key}`;
    const value = random.get(id) ?? randomBytes(12).toString('hex');
    random.set(id, value);
    return value;
  };
  const authority = certificateAuthority(join(directory, 'certificates'));
  const certificates = new Map<string, ReadonlyMap<string, Buffer>>();
  await Promise.all(
    ofKind<{ readonly spec: CertificateSpec & { readonly isCA?: boolean } }>('Certificate').map(
      async ({ spec }) => {
        if (!spec.isCA) certificates.set(spec.secretName, await authority.issue(spec, password));
      },
    ),
  );
  const secret = (name: string, key: string): Buffer => {
    const issued = certificates.get(name);
    if (issued === undefined) return Buffer.from(password(name, key));
    const value = issued.get(key);
    if (value === undefined) throw new Error(`the Secret ${name} of a Certificate gets no key ${key}`);
    return value;
  };

  const network: Network = await startNetwork(join(directory, 'pods'));

  function fill(volume: Volume, target: string): void {
    const put = (path: string, data: string | Buffer): void => {
      mkdirSync(dirname(join(target, path)), { recursive: true });
      writeFileSync(join(target, path), data, { mode: 0o440 });
    };
    if (volume.configMap !== undefined) {
      const { name, items } = volume.configMap;
      const data = ofKind<{
        readonly metadata: { readonly name: string };
        readonly data: Readonly<Record<string, string>>;
      }>('ConfigMap').find(({ metadata }) => metadata.name === name)?.data;
      if (data === undefined) throw new Error(`there is no ConfigMap ${name} among the rendered objects`);
      for (const { key, path } of items ?? Object.keys(data).map((key) => ({ key, path: key })))
        put(path, data[key] ?? '');
    }
    const sources = [
      ...(volume.secret === undefined
        ? []
        : [{ name: volume.secret.secretName, items: volume.secret.items ?? [] }]),
      ...(volume.projected?.sources.map((source) => source.secret) ?? []),
    ];
    for (const { name, items } of sources) for (const { key, path } of items) put(path, secret(name, key));
  }

  async function addPod(kind: string, name: string, ordinal: number, options: PodOptions = {}): Promise<Pod> {
    const { metadata, spec } = workload(kind, name);
    const template = spec.template.spec;
    const container = template.containers[0]!;
    const pod = `${name}-${ordinal}`;
    const address = addresses.get(pod);
    if (address === undefined) throw new Error(`${pod} was not announced`);
    const volumes = join(directory, 'pods', pod, 'volumes');
    const known = new Map<string, Volume>([
      ...(template.volumes ?? []).map((volume) => [volume.name, volume] as const),
      ...(spec.volumeClaimTemplates ?? []).map((claim) => [claim.metadata.name, claim.metadata] as const),
    ]);
    for (const volume of known.values()) {
      mkdirSync(join(volumes, volume.name), { recursive: true });
      fill(volume, join(volumes, volume.name));
    }
    const mountsOf = ({ volumeMounts = [] }: Container): Mount[] =>
      volumeMounts.map(({ name: volume, mountPath, readOnly }) => {
        const found = known.get(volume);
        if (found === undefined) throw new Error(`${pod} mounts ${volume}, which is no volume of it`);
        return {
          path: mountPath,
          source: join(volumes, volume),
          readOnly: readOnly === true && found.emptyDir === undefined,
        };
      });
    const environmentOf = ({ env = [] }: Container): Record<string, string> => {
      const result: Record<string, string> = {};
      for (const { name: variable, value, valueFrom } of env) {
        const field = valueFrom?.fieldRef?.fieldPath;
        const key = valueFrom?.secretKeyRef;
        const fields: Readonly<Record<string, string>> = {
          'metadata.name': pod,
          'metadata.namespace': metadata.namespace,
          "metadata.labels['apps.kubernetes.io/pod-index']": String(ordinal),
          'status.podIP': address,
        };
        const found =
          key !== undefined
            ? secret(key.name, key.key).toString()
            : field !== undefined
              ? fields[field]
              : value?.replace(/\$\$|\$\(([\w.-]+)\)/g, (whole, reference?: string) =>
                  reference === undefined ? '$' : (result[reference] ?? whole),
                );
        if (found === undefined) throw new Error(`${pod}: ${variable} has no value here`);
        result[variable] = found;
      }
      return result;
    };
    const bare = {
      PATH: `/opt/image/bin:${javaHome()}/bin:/usr/local/bin:/usr/bin:/bin`,
      JAVA_HOME: javaHome(),
      HOME: '/tmp',
      HOSTNAME: pod,
    };
    const box = async (of: Container, boxName: string): Promise<Box> =>
      network.addBox(
        {
          name: boxName,
          // Two containers of a pod share its address, and here only the main one needs it.
          ...(of === container ? { address } : {}),
          ...(options.image === undefined ? {} : { image: options.image }),
          mounts: [...(options.directories ?? []), ...mountsOf(of)],
        },
        hosts,
      );
    const environment = { ...bare, ...environmentOf(container), ...options.environment };
    const words = (of: Container, entryPoint: readonly string[] = []): string[] => {
      const own = environmentOf(of);
      return [...(of.command ?? entryPoint), ...(of.args ?? [])].map((word) =>
        word.replace(/\$\$|\$\(([\w.-]+)\)/g, (whole, reference?: string) =>
          reference === undefined ? '$' : (own[reference] ?? whole),
        ),
      );
    };
    let main: Box | undefined;
    const logFile = join(directory, 'pods', pod, 'log');

    /** The container's files: made when first needed, after the init containers. */
    const inside = async (): Promise<Box> => {
      main ??= await box(container, pod);
      return main;
    };
    return {
      name: pod,
      address,
      container,
      environment,
      volume: (volume) => join(volumes, volume),
      async initialise() {
        for (const init of template.initContainers ?? []) {
          const place = await box(init, `${pod}.${init.name}`);
          const { code, stdout, stderr } = await place.run(words(init), {
            ...bare,
            ...environmentOf(init),
          });
          if (code !== 0) throw new Error(`${pod}: ${init.name} ended with ${code}: ${stderr}${stdout}`);
        }
      },
      start: async (entryPoint) => (await inside()).start(words(container, entryPoint), environment, logFile),
      exec: async (command, more = {}) =>
        (await inside()).run(command, { ...environment, ...more.environment }, more.input),
      spawn: async (command, log) => (await inside()).start(command, environment, log),
      async probe(probe) {
        const command = container[probe]?.exec?.command;
        if (command === undefined) throw new Error(`${pod}: its ${probe} is no command`);
        return (await inside()).run(command, environment);
      },
    };
  }

  return {
    directory,
    secret: (name, key) => secret(name, key).toString(),
    workload,
    addPod,
    async stop() {
      await network.stop();
      rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    },
  };
}
