import { describe } from '../../finding.ts';
import { builtInPriorityClasses } from '../../kubernetes/cluster-builtins.ts';
import { locate, type RenderedObject } from '../../render/object.ts';
import { didYouMean } from '../../text/nearest.ts';
import { type Path, textAt } from '../../yaml/node.ts';
import type { Rule } from '../rule.ts';
import { claimTemplatesOf, isPodKind } from './config-references.ts';
import type { ReferenceSubject } from './index-objects.ts';
import { isUnknown } from './known-cluster.ts';

interface Naming {
  readonly object: RenderedObject;
  readonly path: Path;
  readonly group: string;
  readonly kind: string;
  readonly name: string | undefined;
  readonly consequence: string;
}

export const ownClass: Rule<ReferenceSubject> = {
  id: 'reference/own-class',
  severity: 'error',
  title: 'The PriorityClass and the StorageClass of a workload are in Git, whatever charts may bring',
  why: 'A chart may bring classes, so elsewhere a name that is not in Git passes. Here none does: pods of a missing PriorityClass are refused, and claims of a missing StorageClass stay Pending.',
  fix: 'Correct the name, or add the class to the environment.',
  docs: 'https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/',
  scope: 'infometis',
  *check(subject) {
    // What failed to build may be what brings the class.
    if (subject.environment.builds.some(isUnknown)) return;
    const told = new Set<string>();
    for (const { object, path, group, kind, name, consequence } of namings(subject)) {
      const key = `${describe(object)} ${kind} ${name}`;
      if (!name || told.has(key) || subject.find({ group, kind, name })) continue;
      // Where nothing may bring it, that is an error of reference/priority-class and reference/storage-class already.
      const missing = subject.missing({ group, kind, name });
      if (missing && missing.severity === undefined) continue;
      told.add(key);
      yield {
        message: `${describe(object)}: ${kind} ${name} is not in Git: ${consequence}${didYouMean(
          name,
          subject.everywhere(group, kind).map((known) => known.name),
        )}`,
        at: locate(object, path),
        object,
      };
    }
  },
};

function* namings(subject: ReferenceSubject): Generator<Naming> {
  for (const { object, template } of subject.workloads) {
    const name = textAt(template.spec, ['priorityClassName']);
    if (!isPodKind(object) || builtInPriorityClasses.has(name ?? '')) continue;
    yield {
      object,
      path: [...template.specPath, 'priorityClassName'],
      group: 'scheduling.k8s.io',
      kind: 'PriorityClass',
      name,
      consequence: 'the API server refuses its pods',
    };
  }
  const claims = [
    ...subject.all('', 'PersistentVolumeClaim').map((object) => ({ object, path: [], node: object.node })),
    ...subject
      .all('apps', 'StatefulSet')
      .flatMap((object) => claimTemplatesOf(object).map(({ node, path }) => ({ object, path, node }))),
  ];
  for (const { object, path, node } of claims)
    yield {
      object,
      path: [...path, 'spec', 'storageClassName'],
      group: 'storage.k8s.io',
      kind: 'StorageClass',
      name: textAt(node, ['spec', 'storageClassName']),
      consequence: 'its claims stay Pending, and so do its pods',
    };
}
