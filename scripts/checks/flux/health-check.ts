import { isBuiltInGroup, isClusterScoped } from '../../kubernetes/cluster-builtins.ts';
import { booleanAt } from '../../kubernetes/pod-template.ts';
import { groupOf } from '../../render/object.ts';
import { itemsAt, textAt } from '../../yaml/node.ts';
import { reportMissing } from '../reference/report-missing.ts';
import type { Rule } from '../rule.ts';
import type { FluxSubject } from './flux-objects.ts';

export const healthCheck: Rule<FluxSubject> = {
  id: 'flux/health-check',
  severity: 'error',
  title: 'The objects of healthChecks exist',
  why: 'Flux waits for an object that nobody makes until its timeout, reports HealthCheckFailed, and whatever depends on it is held back.',
  fix: 'Write the kind, name and namespace of an object that the Kustomization applies, or use `wait: true`.',
  docs: 'https://fluxcd.io/flux/components/kustomize/kustomizations/#health-checks',
  scope: 'general',
  *check(subject) {
    const { references } = subject;
    for (const object of subject.kustomizations) {
      const { node } = object;
      // With `wait` Flux looks at all that it applied and ignores the list.
      if (booleanAt(node, ['spec', 'wait']) === true) continue;
      if (textAt(node, ['spec', 'kubeConfig', 'secretRef', 'name'])) continue;
      if (!subject.isFromRepository(object)) continue;
      for (const [index, check] of itemsAt(node, ['spec', 'healthChecks']).entries()) {
        const apiVersion = textAt(check, ['apiVersion']) ?? '';
        const kind = textAt(check, ['kind']);
        const name = textAt(check, ['name']);
        if (kind === undefined || name === undefined) continue;
        const group = groupOf(apiVersion);
        const namespace =
          isClusterScoped(apiVersion, kind) === true
            ? undefined
            : (textAt(check, ['namespace']) ?? (isBuiltInGroup(group) ? 'default' : undefined));
        // Whether a custom kind has namespaces the list does not tell.
        if (references.find({ group, kind, name })) continue;
        yield* reportMissing(references, {
          object,
          path: ['spec', 'healthChecks', index, 'name'],
          target: { group, kind, namespace, name },
          reader: `health check ${index + 1}`,
          consequence: 'Flux waits for it until the timeout and is never Ready',
        });
      }
    }
  },
};
