import type { Rule } from '../rule.ts';
import { kustomizationFiles, kustomizationOf } from './kustomization-files.ts';
import type { KustomizationSubject } from './subject.ts';

export const componentKind: Rule<KustomizationSubject> = {
  id: 'kustomization/component-kind',
  severity: 'error',
  title: '`components` names Components, `resources` names Kustomizations.',
  why: 'kustomize refuses the one in the place of the other, and nothing is deployed.',
  fix: 'List the directory under the field that fits its kind.',
  docs: 'https://kubectl.docs.kubernetes.io/guides/config_management/components/',
  scope: 'general',
  *check(subject) {
    for (const { path, field, text, origin } of subject.references) {
      if (path === undefined) continue;
      if ((field === 'resources' || field === 'bases') && kustomizationFiles(subject.repository).has(path)) {
        yield {
          message: `\`${text}\` in \`${field}\` is a kustomization file; kustomize wants its directory`,
          fix: `Write \`${text.replace(/\/?[^/]*$/, '') || '.'}\`.`,
          at: origin,
        };
        continue;
      }
      const target = kustomizationOf(subject.repository, path);
      if (!target?.node) continue;
      if ((field === 'resources' || field === 'bases') && target.kind === 'Component')
        yield {
          message: `\`${text}\` in \`${field}\` is a Component; kustomize takes it under \`components\` only`,
          fix: `Move \`${text}\` to \`components\`.`,
          at: origin,
        };
      if (field === 'components' && target.kind === 'Kustomization')
        yield {
          message: `\`${text}\` in \`components\` is a Kustomization, not a Component`,
          fix: `Move \`${text}\` to \`resources\`, or make ${target.path} a Component (apiVersion kustomize.config.k8s.io/v1alpha1, kind Component).`,
          at: origin,
        };
    }
  },
};
