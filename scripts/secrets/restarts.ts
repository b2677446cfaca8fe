import { configReferences } from '../checks/reference/config-references.ts';
import { indexEnvironment } from '../checks/reference/index-objects.ts';
import { describe } from '../finding.ts';
import type { Repository } from '../render/environment.ts';
import { at } from '../yaml/node.ts';

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

/** The workloads that read a Secret, as the environment is rendered. Jobs and bare pods are not restarted, so not here. */
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
  for (const { object, target, reader } of configReferences(
    indexEnvironment(repository, rendered),
    'Secret',
  )) {
    if (target.name !== secret.name || target.namespace !== secret.namespace) continue;
    if (!['Deployment', 'StatefulSet', 'DaemonSet'].includes(object.kind)) continue;
    const name = describe(object);
    readers.set(name, {
      object: name,
      resource: `${object.kind.toLowerCase()}/${object.name}`,
      namespace: target.namespace,
      readers: [...(readers.get(name)?.readers ?? []), reader],
      reloaded: [
        ['metadata', 'annotations'],
        ['spec', 'template', 'metadata', 'annotations'],
      ].some((path) => {
        const auto = at(object.node, [...path, 'reloader.stakater.com/auto']);
        const listed = at(object.node, [...path, 'secret.reloader.stakater.com/reload']);
        return (
          (auto?.type === 'scalar' && String(auto.value) === 'true') ||
          (listed?.type === 'scalar' && String(listed.value).split(',').includes(secret.name))
        );
      }),
    });
  }
  return [...readers.values()];
}

/** What a person does after a value changed, one line each. */
export function restartSteps(readers: readonly Reader[]): readonly string[] {
  return readers.map(({ object, resource, namespace, readers: places, reloaded }) =>
    reloaded
      ? `${object} is restarted by Reloader once Flux has applied the Secret`
      : `kubectl -n ${namespace} rollout restart ${resource}   # reads it by ${places.join(', ')}`,
  );
}
