/** Namespaces. Mirrors `ValidateNamespace` and the admission plugin PodSecurity, which reads their labels. */
import { type Errors, faultsOf } from './error.ts';
import { type Field, get, text } from './field.ts';
import { validateFinalizers } from './metadata.ts';

const { fault, oneOf } = faultsOf('label');

const levels = ['privileged', 'baseline', 'restricted'];

export function* validateNamespace(object: Field): Errors {
  yield* validateFinalizers(get(object, 'spec', 'finalizers'), true);
  const labels = get(object, 'metadata', 'labels');
  for (const mode of ['enforce', 'audit', 'warn']) {
    const level = get(labels, `pod-security.kubernetes.io/${mode}`);
    if (level.value !== undefined && !levels.includes(text(level))) yield oneOf(level, levels);
    const version = get(labels, `pod-security.kubernetes.io/${mode}-version`);
    if (version.value !== undefined && !/^(?:latest|v1\.(?:0|[1-9][0-9]*))$/.test(text(version)))
      yield fault(
        version,
        `is \`${text(version)}\`, which is no version of the Pod Security Standards`,
        'write latest, or a version such as v1.36',
      );
  }
}
