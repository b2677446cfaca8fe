import type { Rule } from '../rule.ts';
import { fieldOf, isFluxObject } from './kustomization-files.ts';
import { hasHouseLayout, type KustomizationSubject } from './subject.ts';

const sources = [
  'resources',
  'bases',
  'components',
  'generators',
  'configMapGenerator',
  'secretGenerator',
  'helmCharts',
  'helmChartInflationGenerator',
];

export const yieldsNothing: Rule<KustomizationSubject> = {
  id: 'kustomization/yields-nothing',
  severity: 'warning',
  title: 'A kustomization yields something.',
  why: 'Flux builds an empty list of objects, reports Ready, and prunes whatever the Kustomization had deployed before.',
  fix: 'List what it should deploy under `resources`, or remove the directory and what names it.',
  scope: 'general',
  *check(subject) {
    const start = { file: subject.path, line: 1, column: 1 };
    if (!subject.node) {
      if (subject.file.problems.length > 0) return;
      yield {
        message:
          'the kustomization is empty: kustomize refuses it as a base, and at the path of a Flux Kustomization it prunes everything',
        severity: 'error',
        at: start,
      };
      return;
    }
    if ([...subject.node.entries.keys()].every((key) => /^(?:apiVersion|kind)$/i.test(key))) {
      yield {
        message: 'the kustomization has no fields: kustomize refuses it as empty',
        severity: 'error',
        at: subject.node.origin,
      };
      return;
    }
    if (subject.kind !== 'Kustomization' || isFluxObject(subject)) return;
    const filled = sources.some((name) => {
      const value = fieldOf(subject.node, name)?.value;
      return value !== undefined && (value.type === 'list' ? value.items.length > 0 : value.type === 'map');
    });
    if (!filled) {
      const empty = sources.map((name) => fieldOf(subject.node, name)).find((entry) => entry !== undefined);
      yield {
        message: `${empty ? 'the lists of this kustomization are empty' : 'this kustomization lists no resources'}: it yields no object`,
        ...(hasHouseLayout(subject.repository) ? { severity: 'error' } : {}),
        at: empty?.origin ?? subject.node.origin,
      };
    }
  },
};
