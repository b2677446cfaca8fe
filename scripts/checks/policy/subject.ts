import { type KnownGood, knownGoodKey } from '../../cache/known-good.ts';
import {
  type Admission,
  type Decision,
  type ExpressionProblem,
  expressionProblems,
  openAdmission,
} from '../../kubernetes/admission/index.ts';
import type { PodSecurityLevel } from '../../kubernetes/pod-security/index.ts';
import type { Schemas } from '../../kubernetes/schema/index.ts';
import type { Environment, Repository } from '../../render/environment.ts';
import { isKind, type RenderedObject } from '../../render/object.ts';
import { textAt } from '../../yaml/node.ts';
import { isUnknown } from '../reference/known-cluster.ts';
import { schemas as kubernetesSchemas } from '../schema/subject.ts';
import type { SubjectOf } from '../stage.ts';
import { checkPodSecurity, type PodSecurityResult } from './check-pod-security.ts';

export interface DecisionOn {
  readonly object: RenderedObject;
  readonly decision: Decision;
}

export interface ProblemOf {
  readonly object: RenderedObject;
  readonly problem: ExpressionProblem;
  /** Whether the policy is one of those that the objects have to pass, and not merely one of the objects. */
  readonly inForce: boolean;
}

/** The objects of one cluster, with what its policies and its Pod Security levels hold against them. */
export interface PolicySubject {
  /** Objects that admission would look at when Flux applies them. */
  readonly objects: readonly RenderedObject[];
  readonly binding: (name: string) => RenderedObject | undefined;
  /** Expressions of policies that the server would refuse, or that cannot be taken here. */
  readonly problems: readonly ProblemOf[];
  readonly decisions: readonly DecisionOn[];
  readonly podSecurity: readonly PodSecurityResult[];
  /** Whether many warnings of one policy are told as one. */
  readonly together: boolean;
  /** Whether some of the cluster's objects are not known, because what yields them could not be built. */
  readonly incomplete: boolean;
}

export interface PolicyInputs {
  readonly schemas: Schemas;
  /** To be checked. */
  readonly objects: readonly RenderedObject[];
  /** What is in the cluster: policies, bindings, namespaces, parameters. */
  readonly cluster: readonly RenderedObject[];
  /** Who applies an object. */
  readonly userOf?: (object: RenderedObject) => string;
  /** A level that holds for every pod, whatever its namespace says. */
  readonly podSecurity?: PodSecurityLevel;
  readonly together: boolean;
  readonly incomplete?: boolean;
  /** What earlier runs found to pass. */
  readonly knownGood?: KnownGood | undefined;
}

const group = 'admissionregistration.k8s.io';

/** Makes a subject; the policies are compiled at once, objects are looked at when a rule first asks. */
export function policySubject(inputs: PolicyInputs): PolicySubject {
  const { schemas, objects, cluster, podSecurity, together, knownGood } = inputs;
  const admission = openAdmission({ schemas, objects: cluster.map(({ value }) => value) });
  const isPolicy = (object: RenderedObject): boolean => isKind(object, group, 'ValidatingAdmissionPolicy');
  const inCluster = new Set(cluster);
  const problems = [...new Set([...cluster, ...objects])].filter(isPolicy).flatMap((object) =>
    expressionProblems(object.value).map((problem): ProblemOf => {
      return { object, problem, inForce: inCluster.has(object) };
    }),
  );
  let decisions: readonly DecisionOn[] | undefined;
  let levels: readonly PodSecurityResult[] | undefined;
  return {
    objects,
    together,
    incomplete: inputs.incomplete ?? false,
    problems,
    binding: (name) =>
      cluster.find(
        (object) => object.name === name && isKind(object, group, 'ValidatingAdmissionPolicyBinding'),
      ),
    get decisions() {
      decisions ??= decide(admission, inputs);
      return decisions;
    },
    get podSecurity() {
      levels ??= checkPodSecurity({ schemas, objects, namespaces: cluster, level: podSecurity, knownGood });
      return levels;
    },
  };
}

function decide(
  admission: Admission,
  { objects, cluster, userOf, knownGood }: PolicyInputs,
): readonly DecisionOn[] {
  if (admission.isEmpty) return [];
  const seenByAll = knownGood ? clusterKey(cluster) : '';
  return objects.flatMap((object) => {
    const user = userOf?.(object);
    const seen = knownGood ? knownGoodKey(seenByAll, user ?? '', JSON.stringify(object.value)) : '';
    const key = (policy: string): string => knownGoodKey('policy', policy, seen);
    const decisions = admission.evaluate(
      object.value,
      user,
      (policy) => knownGood?.has(key(policy)) === true,
    );
    if (knownGood) {
      const objecting = new Set(decisions.map(({ policy }) => policy));
      for (const policy of admission.policies) if (!objecting.has(policy)) knownGood.add(key(policy));
    }
    return decisions.map((decision) => ({ object, decision }));
  });
}

/** Of all that a policy can see besides the object itself. */
function clusterKey(cluster: readonly RenderedObject[]): string {
  const parameterKinds = cluster
    .filter((object) => isKind(object, group, 'ValidatingAdmissionPolicy'))
    .map(({ node }) => textAt(node, ['spec', 'paramKind', 'kind']));
  const kinds = new Set([...visibleKinds, ...parameterKinds]);
  return knownGoodKey(
    ...cluster.filter(({ kind }) => kinds.has(kind)).map(({ value }) => JSON.stringify(value)),
  );
}

const visibleKinds = [
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'Namespace',
  'ServiceAccount',
  'PriorityClass',
];

/** The objects of each environment; a policy that one build yields is there for all of them. */
export function* policySubjects(repository: Repository): Generator<SubjectOf<PolicySubject>> {
  for (const environment of repository.environments)
    yield {
      subject: policySubject({
        schemas: kubernetesSchemas(),
        objects: environment.objects,
        cluster: environment.objects,
        userOf: usersOf(environment),
        together: true,
        incomplete: environment.builds.some(isUnknown),
        knownGood: repository.knownGood,
      }),
      environment: environment.name,
    };
}

/** Flux applies as the service account that the Kustomization names. */
function usersOf(environment: Environment): (object: RenderedObject) => string {
  const users = new Map(
    environment.builds.map(({ component, kustomization }) => {
      const account = textAt(kustomization?.node, ['spec', 'serviceAccountName']);
      const namespace = kustomization?.namespace ?? 'flux-system';
      return [
        component,
        account === undefined
          ? 'system:serviceaccount:flux-system:kustomize-controller'
          : `system:serviceaccount:${namespace}:${account}`,
      ];
    }),
  );
  return ({ component }) => users.get(component) ?? 'system:serviceaccount:flux-system:kustomize-controller';
}
