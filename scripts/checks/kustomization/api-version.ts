import type { Rule } from '../rule.ts';
import { fieldOf, isFluxObject, textOf } from './kustomization-files.ts';
import type { KustomizationSubject } from './subject.ts';

const versions: Readonly<Record<string, string>> = {
  Kustomization: 'kustomize.config.k8s.io/v1beta1',
  Component: 'kustomize.config.k8s.io/v1alpha1',
};

export const apiVersion: Rule<KustomizationSubject> = {
  id: 'kustomization/api-version',
  severity: 'error',
  title: 'A kustomization.yaml has the kind and apiVersion of a Kustomization or a Component.',
  why: 'kustomize refuses the file: nothing that includes it is deployed.',
  fix: 'A Kustomization is kustomize.config.k8s.io/v1beta1, a Component kustomize.config.k8s.io/v1alpha1; both lines may also be left out of a Kustomization.',
  docs: 'https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/',
  scope: 'general',
  *check(subject) {
    if (!subject.node) return;
    const kind = textOf(subject.node, 'kind') ?? '';
    const version = textOf(subject.node, 'apiVersion') ?? '';
    const kindEntry = fieldOf(subject.node, 'kind');
    const versionEntry = fieldOf(subject.node, 'apiVersion');
    if (kindEntry && isFluxObject(subject)) {
      yield {
        message:
          'this is a Flux Kustomization, an object of the cluster; kustomization.yaml is kustomize’s own file',
        fix: 'Give the file another name, and list it under the `resources` of a kustomization.yaml.',
        at: kindEntry.origin,
      };
      return;
    }
    if (kindEntry && kind !== '' && !Object.hasOwn(versions, kind)) {
      yield {
        message: `kustomize knows no kind \`${kind}\`: it refuses the file`,
        fix: 'Write `kind: Kustomization`, or `kind: Component` for a part that overlays include under `components`.',
        at: kindEntry.origin,
      };
      return;
    }
    const required = versions[kind === '' ? 'Kustomization' : kind]!;
    if (versionEntry && version !== '' && version !== required)
      yield {
        message: `a ${kind || 'Kustomization'} has the apiVersion \`${required}\`, not \`${version}\`: kustomize refuses the file`,
        fix: `Write \`apiVersion: ${required}\`.`,
        at: versionEntry.origin,
      };
  },
};
