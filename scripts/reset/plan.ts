import type { UsageError } from '../cli/exit.ts';
import { componentBuilds } from '../cluster/components.ts';
import { kindArgument, type Reference } from '../cluster/removal.ts';
import { type HostVolume, hostVolumes } from '../cluster/volumes.ts';
import type { Environment } from '../render/environment.ts';
import { groupOf, isKind } from '../render/object.ts';
import type { Sources } from '../repository/sources.ts';
import { readSecretDeclarations } from '../secrets/declaration.ts';
import { refuseProduction } from '../teardown/plan.ts';
import { didYouMean } from '../text/nearest.ts';

/** What resetting one component is about. */
export interface ResetPlan {
  readonly environment: Environment;
  readonly component: string;
  readonly volumes: readonly HostVolume[];
  /** What has pods, and Jobs that have set something up in the data. */
  readonly workloads: readonly Reference[];
  /** `namespace/name` of the Secrets that it reads, which stay. */
  readonly secrets: readonly string[];
}

export type ResetPlanned =
  | { readonly ok: true; readonly plan: ResetPlan }
  | { readonly ok: false; readonly error: UsageError };

export function planReset(sources: Sources, environment: Environment, component: string): ResetPlanned {
  const refused = refuseProduction(environment, 'reset a store of');
  if (refused) return { ok: false, error: refused };
  const read = hostVolumes(environment);
  if (!read.ok) return read;
  const withData = [...new Set(read.volumes.map((volume) => volume.component))].sort();
  const build = componentBuilds(environment).find((candidate) => candidate.component === component);
  if (!build || !withData.includes(component))
    return {
      ok: false,
      error: {
        message: build
          ? `${component} has no volume of its own, so there is nothing to reset`
          : `there is no component \`${component}\` in ${environment.name}${didYouMean(component, withData)}`,
        fix: `With volumes: ${withData.join(', ')}.`,
      },
    };
  const declared = readSecretDeclarations(sources, environment.name);
  if (!declared.ok) return declared;
  return {
    ok: true,
    plan: {
      environment,
      component,
      volumes: read.volumes.filter((volume) => volume.component === component),
      workloads: build.objects
        .filter(
          (object) =>
            ['Deployment', 'StatefulSet', 'DaemonSet'].some((kind) => isKind(object, 'apps', kind)) ||
            ['Job', 'CronJob'].some((kind) => isKind(object, 'batch', kind)),
        )
        .map(({ apiVersion, kind, namespace, name }) => ({
          kind: kindArgument(groupOf(apiVersion), apiVersion.slice(apiVersion.indexOf('/') + 1), kind),
          namespace,
          name,
        })),
      secrets: declared.secrets
        .filter(({ consumers }) => consumers.includes(component))
        .map(({ namespace, name }) => `${namespace}/${name}`),
    },
  };
}
