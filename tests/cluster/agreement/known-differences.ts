import type { JsonObject } from './json.ts';
import type { Outcome } from './measure.ts';
import type { Difference } from './report.ts';

/** A difference between gate and server that is known, and why it is there. Any other one fails the suite. */
export interface KnownDifference {
  readonly outcome: Exclude<Outcome, 'both accept' | 'both refuse' | 'false rejection'>;
  readonly kind?: RegExp;
  /** Of what the side that refuses says: the gate, but for a false acceptance. */
  readonly says: RegExp;
  readonly cause: string;
  /** An object on which they differ so, since not every seed brings one up. */
  readonly example: JsonObject;
}

const pod = (spec: JsonObject): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'example', namespace: 'agreement' },
  spec: { containers: [{ name: 'a', image: 'a' }], ...spec },
});

const definition = (spec: JsonObject): JsonObject => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'examples.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Cluster',
    names: { kind: 'Example', plural: 'examples' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', properties: { spec } } },
      },
    ],
  },
});

export const knownDifferences: readonly KnownDifference[] = [
  {
    outcome: 'refused when created only',
    says: /^range: .* an integer from -2147483648 to 2147483647 is wanted/,
    cause:
      'Applied, a number beyond 32 bits is cut to another one, which is stored without a word. Nobody means it.',
    example: {
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: { name: 'example' },
      value: 2 ** 32 + 1,
    },
  },
  {
    outcome: 'refused when created only',
    kind: /^(k8up|metallb)\.io\//,
    says: /^unknown-field: /,
    cause:
      'Applied, a field of a mapping whose definition names none is dropped without a word: a pod would lack its labels.',
    example: {
      apiVersion: 'k8up.io/v1',
      kind: 'PreBackupPod',
      metadata: { name: 'example', namespace: 'agreement' },
      spec: { pod: { metadata: { labels: { app: 'dump' } }, spec: { containers: [] } } },
    },
  },
  {
    outcome: 'false acceptance',
    says: /(integer value of priority|string value of PreemptionPolicy) .* must not be provided in pod spec/,
    cause: 'The Priority admission plugin, which knows the classes of the cluster.',
    example: pod({ priority: 5 }),
  },
  {
    outcome: 'false acceptance',
    kind: /^apiextensions\.k8s\.io\/|^resource\.k8s\.io\//,
    says: /exceeds budget by|too complex, exceeds cost limit/,
    cause: 'What an expression may cost at most is not estimated here.',
    example: definition({
      type: 'object',
      properties: { a: { type: 'string' } },
      'x-kubernetes-validations': [{ rule: 'self.a.matches(self.a)' }],
    }),
  },
  {
    outcome: 'false acceptance',
    kind: /MutatingAdmissionPolicy$/,
    says: /must evaluate to (Object|list\(JSONPatch\)) but got|expected type of field/,
    cause: 'The parser at hand knows no objects that an expression makes, and so not whether they are right.',
    example: {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingAdmissionPolicy',
      metadata: { name: 'example' },
      spec: {
        matchConstraints: {
          resourceRules: [
            { apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'] },
          ],
        },
        reinvocationPolicy: 'Never',
        mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: '[Object{}]' } }],
      },
    },
  },
];

/** Which entry a difference falls under; undefined for a new one. */
export const knownCause = (difference: Difference): KnownDifference | undefined =>
  knownDifferences.find(
    ({ outcome, kind, says }) =>
      outcome === difference.outcome &&
      (kind === undefined || kind.test(difference.kind)) &&
      says.test(outcome === 'false acceptance' ? difference.server : difference.checker),
  );
