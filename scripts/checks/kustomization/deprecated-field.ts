import type { Rule } from '../rule.ts';
import type { KustomizationSubject } from './subject.ts';

const replacements: Readonly<Record<string, string>> = {
  bases: 'List the directories under `resources`.',
  commonLabels:
    'Write `labels: [{pairs: {…}, includeTemplates: true}]`; add `includeSelectors: true` only where the selectors already carry these labels.',
  imageTags: 'Write `images`.',
  patchesJson6902: 'Write `patches` with the same `target`, and `path` or `patch`.',
  patchesStrategicMerge: 'Write `patches: [{path: …}]`, or `patches: [{patch: …}]` for an inline patch.',
  vars: 'Write `replacements`, which name the source and the target fields.',
  helmChartInflationGenerator: 'Write `helmCharts`.',
};

export const deprecatedField: Rule<KustomizationSubject> = {
  id: 'kustomization/deprecated-field',
  severity: 'warning',
  title: 'A kustomization uses no deprecated fields.',
  why: 'kustomize still understands them but announces their removal; a later Flux will refuse the file.',
  fix: 'Use the field that replaced it; `kustomize edit fix` rewrites most of them.',
  docs: 'https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/',
  scope: 'general',
  *check(subject) {
    for (const [key, entry] of subject.node?.entries ?? []) {
      const field = Object.keys(replacements).find((name) => name.toLowerCase() === key.toLowerCase());
      if (field !== undefined)
        yield {
          message: `\`${key}\` is deprecated in kustomize`,
          fix: replacements[field]!,
          at: entry.origin,
        };
    }
  },
};
