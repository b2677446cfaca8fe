import { textAt } from '../../yaml/node.ts';
import { readDeclaredSecrets } from '../reference/declared-secrets.ts';
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
    if (isFluxObject(subject)) return;
    const severity = hasHouseLayout(subject.repository) ? { severity: 'error' as const } : {};
    const resources = fieldOf(subject.node, 'resources');
    const isEmpty =
      resources !== undefined &&
      (resources.value.type === 'list'
        ? resources.value.items.length === 0
        : resources.value.type === 'scalar' && resources.value.value === null);
    const filled = sources.some((name) => {
      const value = fieldOf(subject.node, name)?.value;
      return value !== undefined && (value.type === 'list' ? value.items.length > 0 : value.type === 'map');
    });
    if (!filled && subject.kind === 'Kustomization') {
      const empty = sources.map((name) => fieldOf(subject.node, name)).find((entry) => entry !== undefined);
      const awaiting = environmentWithoutSecrets(subject);
      if (awaiting !== undefined) {
        yield {
          message: `environment \`${awaiting}\` has no Secrets yet: until they are made its pods wait for them`,
          fix: `Run \`npm run secrets -- init ${awaiting}\`, and commit what it writes.`,
          severity: 'info',
          at: empty?.origin ?? subject.node.origin,
        };
        return;
      }
      yield {
        message: `${empty ? 'the lists of this kustomization are empty' : 'this kustomization lists no resources'}: it yields no object`,
        ...severity,
        at: empty?.origin ?? subject.node.origin,
      };
    } else if (isEmpty) {
      yield {
        message:
          '`resources` is empty: what it listed is gone from every build of this kustomization, and Flux prunes it',
        fix: 'List the manifests under `resources`, or remove the field.',
        ...severity,
        at: resources.origin,
      };
    }
  },
};

/**
 * The environment whose encrypted Secrets go into this directory and are not made yet: its Flux Kustomization decrypts, and
 * secrets.yaml declares some. Nobody can ship them beforehand, since each site has a key of its own.
 */
function environmentWithoutSecrets(subject: KustomizationSubject): string | undefined {
  return subject.usedBy.find(
    ({ environment, path, kustomization }) =>
      path === subject.directory &&
      kustomization !== undefined &&
      textAt(kustomization.node, ['spec', 'decryption', 'provider']) === 'sops' &&
      (readDeclaredSecrets(subject.repository.sources, environment)?.size ?? 0) > 0,
  )?.environment;
}
