import { describe } from '../../finding.ts';
import { builtInNamespaces } from '../../kubernetes/cluster-builtins.ts';
import { locate } from '../../render/object.ts';
import { nearestName } from '../../text/nearest.ts';
import type { Rule } from '../rule.ts';
import type { ReferenceSubject } from './index-objects.ts';

export const namespace: Rule<ReferenceSubject> = {
  id: 'reference/namespace',
  severity: 'error',
  title: 'The namespace of every object is in the environment',
  why: 'The API server refuses an object whose namespace does not exist, and Flux with it everything that is built together.',
  fix: 'Correct the namespace, or add a Namespace object to the environment.',
  docs: 'https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/',
  scope: 'general',
  *check(subject) {
    const declared = subject.everywhere('', 'Namespace').map(({ name }) => name);
    // Where none is declared they are made elsewhere, and where a part is not seen they may be in it.
    if (declared.length === 0) return;
    const known = new Set([...declared, ...builtInNamespaces, 'flux-system']);
    const reported = new Set<string>();
    for (const object of subject.environment.objects) {
      const name = subject.namespaceOf(object);
      if (name === undefined || known.has(name)) continue;
      const missing = subject.missing({ group: '', kind: 'Namespace', name });
      // One report for each build: its first object stands for the rest.
      const key = `${object.component} ${name}`;
      if (!missing || reported.has(key)) continue;
      reported.add(key);
      const nearest = nearestName(name, known);
      yield {
        message: `${describe(object)}: namespace ${name} is not in the environment: the API server refuses the object and Flux applies nothing that is built with it${nearest === undefined ? '' : `; did you mean \`${nearest}\`?`}`,
        fix:
          nearest === undefined
            ? `Add a Namespace \`${name}\`.`
            : `Write \`namespace: ${nearest}\`, or add a Namespace \`${name}\`.`,
        at: locate(object, ['metadata', 'namespace']),
        object,
        ...(missing.severity && { severity: missing.severity }),
      };
    }
  },
};
