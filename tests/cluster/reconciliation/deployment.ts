import { fluxNamespace } from '../../../scripts/cluster/names.ts';
import { groupOf } from '../../../scripts/render/object.ts';
import { at, textAt } from '../../../scripts/yaml/node.ts';
import { resourceKey, type Write } from './audit.ts';
import type { DeployedEnvironment } from './deployed-environment.ts';
import { isReady, kustomizations } from './flux-objects.ts';
import { quantity, requestsOn } from './workloads.ts';

/** What kustomize-controller has written of each Kustomization's objects. */
async function writesByComponent({
  audit,
  builds,
  client,
}: DeployedEnvironment): Promise<ReadonlyMap<string, readonly Write[]>> {
  const owners = new Map<string, string>();
  for (const { component, objects } of builds)
    for (const { apiVersion, kind, namespace: inside, name } of objects) {
      const resource = await client.resource({ apiVersion, kind });
      owners.set(resourceKey(groupOf(apiVersion), resource?.name ?? kind, inside, name), component);
    }
  const found = new Map<string, Write[]>();
  for (const write of audit.writes()) {
    const owner = owners.get(write.key);
    if (owner !== undefined) found.set(owner, [...(found.get(owner) ?? []), write]);
  }
  return found;
}

/** An edge of `dependsOn`. */
export interface Edge {
  /** `kafka → policies: written 12:00:03.123456, Ready 12:00:02`. */
  readonly edge: string;
  /** Nothing was written before what it waits for was Ready. */
  readonly inOrder: boolean;
}

export async function dependencyEdges(environment: DeployedEnvironment): Promise<readonly Edge[]> {
  const seen = await kustomizations(environment.client);
  const writes = await writesByComponent(environment);
  return [...environment.dependencies].flatMap(([name, dependencies]) =>
    dependencies.map((dependency) => {
      const written = Math.min(...(writes.get(name) ?? []).map(({ time }) => time));
      const ready = environment.firstReady.get(dependency) ?? Number.NaN;
      return {
        edge: `${name} → ${dependency}: written ${clock(written)}, Ready ${clock(ready)}`,
        // Conditions have whole seconds: it was Ready in the second that follows the time.
        inOrder: written >= ready && isReady(seen.get(dependency)),
      };
    }),
  );
}

const clock = (time: number): string =>
  Number.isFinite(time) ? new Date(time).toISOString().slice(11, -1) : 'never';

/** Under whom each Kustomization wrote its objects. */
export interface Authorship {
  readonly component: string;
  /** The accounts of its writes; undefined: as kustomize-controller itself. */
  readonly used: readonly (string | undefined)[];
  /** How many of its objects it wrote. */
  readonly written: number;
}

const kustomizationKey = 'kustomize.toolkit.fluxcd.io/kustomizations ';

/** Who wrote the objects of each Kustomization, and who should have: its own account, and all of them. */
export async function authorship(
  environment: DeployedEnvironment,
): Promise<{ readonly actual: readonly Authorship[]; readonly expected: readonly Authorship[] }> {
  const writes = await writesByComponent(environment);
  const builds = environment.builds.map(({ component, kustomization: object, objects }) => {
    const account = textAt(at(object?.node, ['spec', 'serviceAccountName']), []);
    const own = (writes.get(component) ?? []).filter(
      // Flux puts a finalizer on every Kustomization, whoever applied it.
      ({ as, key }) => as !== undefined || account === undefined || !key.startsWith(kustomizationKey),
    );
    return {
      expected: {
        component,
        // A component without objects writes none.
        used: objects.length === 0 ? [] : [account && `system:serviceaccount:${fluxNamespace}:${account}`],
        written: objects.length,
      },
      actual: {
        component,
        used: [...new Set(own.map((write) => write.as))],
        written: new Set(own.map(({ key }) => key)).size,
      },
    };
  });
  return {
    actual: builds.map(({ actual }) => actual),
    expected: builds.map(({ expected }) => expected),
  };
}

/** Nodes that are not as declared, or whose pods ask for more than they have. */
export async function capacityProblems({ client, nodes }: DeployedEnvironment): Promise<string[]> {
  const problems: string[] = [];
  for (const { name, cpu, memory, pods = '0' } of nodes) {
    const node = await client.get({ apiVersion: 'v1', kind: 'Node', name });
    const { allocatable = {} } = (node?.['status'] ?? {}) as { allocatable?: Record<string, string> };
    const asked = await requestsOn(client, name);
    for (const [resource, declared] of Object.entries({ cpu, memory, pods })) {
      if (allocatable[resource] !== declared)
        problems.push(`${name} has ${allocatable[resource]} ${resource}, declared ${declared}`);
      const wanted = asked[resource as keyof typeof asked];
      if (wanted > quantity(declared))
        problems.push(`${name}: ${wanted} ${resource} of ${declared} asked for`);
    }
  }
  return problems;
}
