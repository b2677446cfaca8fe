import { configReferences } from '../checks/reference/config-references.ts';
import { indexEnvironment } from '../checks/reference/index-objects.ts';
import { describe } from '../finding.ts';
import { podTemplateOf } from '../kubernetes/pod-template.ts';
import { reloadOf } from '../kubernetes/reloader.ts';
import type { Repository } from '../render/environment.ts';

/** A workload that reads a Secret, and what becomes of it when a value changes. */
export interface Reader {
  /** `StatefulSet infometis/nifi`. */
  readonly object: string;
  /** `statefulset/nifi`, for kubectl. */
  readonly resource: string;
  readonly namespace: string;
  /** ``env `PASSWORD` of container `nifi` ``, one for each place. */
  readonly readers: readonly string[];
  /** Whether an annotation makes Reloader restart it. */
  readonly reloaded: boolean;
}

/**
 * The workloads that read a Secret, as the environment is rendered. Bare pods, and Jobs that Reloader does not make anew, are
 * not restarted, so not here.
 */
export function readersOf(
  repository: Repository,
  environment: string,
  secret: { readonly name: string; readonly namespace: string },
): readonly Reader[] {
  const rendered = repository.environments.find(
    ({ name, path }) => name === environment || path === `flux/${environment}`,
  );
  if (!rendered) return [];
  const readers = new Map<string, Reader>();
  const index = indexEnvironment(repository, rendered);
  const found = index.find({ group: '', kind: 'Secret', ...secret });
  for (const { object, target, reader } of configReferences(index, 'Secret')) {
    if (target.name !== secret.name || target.namespace !== secret.namespace) continue;
    const template = podTemplateOf(object);
    const reloaded =
      template !== undefined &&
      reloadOf(object.node, template.path, {
        kind: 'Secret',
        name: secret.name,
        ...(found && { node: found.node }),
      }) !== undefined;
    if (
      !['Deployment', 'StatefulSet', 'DaemonSet'].includes(object.kind) &&
      !(object.kind === 'Job' && reloaded)
    )
      continue;
    const name = describe(object);
    readers.set(name, {
      object: name,
      resource: `${object.kind.toLowerCase()}/${object.name}`,
      namespace: target.namespace,
      readers: [...(readers.get(name)?.readers ?? []), reader],
      reloaded,
    });
  }
  return [...readers.values()];
}

/** What a person does after a value changed, one line each. */
export function restartSteps(readers: readonly Reader[]): readonly string[] {
  return readers.map(({ object, resource, namespace, readers: places, reloaded }) =>
    reloaded
      ? `${object} is ${resource.startsWith('job/') ? 'run again' : 'restarted'} by Reloader once Flux has applied the Secret`
      : `kubectl -n ${namespace} rollout restart ${resource}   # reads it by ${places.join(', ')}`,
  );
}
