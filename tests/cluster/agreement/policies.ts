import { type Admission, openAdmission } from '../../../scripts/kubernetes/admission/index.ts';
import { loadSchemas } from '../../../scripts/kubernetes/schema/index.ts';
import type { Environment } from '../../../scripts/render/environment.ts';
import type { Client, KubernetesObject } from '../harness/client.ts';
import { done, notYet, waitFor } from '../harness/wait.ts';
import { podSpecs } from './generate.ts';
import { isObject, type JsonObject, pathOf, valueAt, withValue } from './json.ts';
import { inFlight } from './measure.ts';
import { randomFor } from './random.ts';
import { podCases } from './rules/pod.ts';
import { securityEdits } from './rules/security.ts';
import { schemaDirectory } from './schema.ts';
import { apply, collectionOf, openGate } from './verdicts.ts';

export interface PolicyDifference {
  readonly object: JsonObject;
  readonly server: readonly string[];
  readonly offline: readonly string[];
}

export interface PolicyReport {
  readonly policies: readonly string[];
  /** Objects on which admission had its say: those that the server finds valid. */
  readonly objects: number;
  /** How often each policy held something against one of them. */
  readonly violations: Readonly<Record<string, number>>;
  readonly denied: number;
  readonly differences: readonly PolicyDifference[];
}

const isKind = ({ value }: { readonly value: JsonObject }, ...kinds: readonly string[]): boolean =>
  kinds.includes(String(value['kind']));

/** Objects of the environment as they are and changed: in pods what policies look at, in volumes where they lie. */
export function policyCases(environment: Environment, seed: number, count: number): JsonObject[] {
  const random = randomFor(seed, 'policies');
  const objects = environment.objects.map(({ value }) => value as JsonObject);
  const changed = objects.flatMap((object) => {
    const path = podSpecs.get(`${String(object['apiVersion'])} ${String(object['kind'])}`);
    const edits =
      path !== undefined
        ? [...securityEdits, ...random.shuffle(podCases.flatMap(({ edits }) => edits)).slice(0, 60)]
        : object['kind'] === 'PersistentVolume'
          ? volumeEdits
          : [];
    return edits.map((edit) => {
      let next: unknown = object;
      for (let index = 0; index < edit.length; index += 2)
        next = withValue(next, [...(path ?? []), ...pathOf(String(edit[index]))], edit[index + 1]);
      return next as JsonObject;
    });
  });
  // The same as bare pods, in their namespace and in another.
  const pods = changed.flatMap((object, index) => {
    const path = podSpecs.get(`${String(object['apiVersion'])} ${String(object['kind'])}`);
    const spec = path === undefined ? undefined : valueAt(object, path);
    const namespace = index % 7 === 0 ? 'default' : String(valueAt(object, ['metadata', 'namespace']));
    return isObject(spec)
      ? [{ apiVersion: 'v1', kind: 'Pod', metadata: { name: `pod-${index}`, namespace }, spec }]
      : [];
  });
  // What is refused without policies never gets to them. One in ten is as the environment has it.
  const gate = openGate();
  const cases: JsonObject[] = [];
  const plain = random.shuffle(objects);
  for (const object of random.shuffle([...changed, ...pods])) {
    if (cases.length >= count) break;
    const next = (cases.length % 10 === 0 && plain.pop()) || object;
    if (gate(next).accepts) cases.push(next);
  }
  return cases;
}

const volumeEdits: readonly (readonly [string, unknown, ...unknown[]])[] = [
  ...[
    '/tmp/a-data',
    '/tmp/a',
    '/',
    '/etc',
    '/tmp/a-data/b',
    '/tmp/-data',
    '/tmp/A-data',
    '/tmp/a-b-data',
  ].map((path) => ['spec.hostPath', { path }] as const),
  ...[null, { name: 'a', namespace: 'default' }, { name: 'a', namespace: 'infometis' }].map(
    (reference) => ['spec.claimRef', reference] as const,
  ),
  [
    'spec.hostPath',
    null,
    'spec.local',
    { path: '/mnt' },
    'spec.nodeAffinity',
    { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'Exists' }] }] } },
  ],
  ['spec.hostPath', null, 'spec.nfs', { server: 'a', path: '/b' }],
];

/**
 * Installs the environment's policies twice: bound to warn, so that all that each has to say is seen, and as they are
 * bound, so that the verdict is seen. Compares both with the offline evaluation, message by message.
 */
export async function measurePolicies(
  client: Client,
  environment: Environment,
  cases: readonly JsonObject[],
): Promise<PolicyReport> {
  const objects = environment.objects.map(({ value }) => value as JsonObject);
  const bindings = environment.objects.filter((one) => isKind(one, 'ValidatingAdmissionPolicyBinding'));
  const policies = environment.objects.filter((one) => isKind(one, 'ValidatingAdmissionPolicy'));
  await removePolicies(client);
  for (const one of environment.objects.filter((one) => isKind(one, 'PriorityClass')))
    await apply(client, one.value as unknown as KubernetesObject);
  for (const one of environment.objects.filter((one) => isKind(one, 'Namespace')))
    await apply(client, withoutPodSecurity(one.value as JsonObject) as KubernetesObject);
  const spaces = new Set(environment.objects.flatMap(({ namespace }) => namespace ?? []));
  for (const space of ['default', ...spaces]) {
    if (!(await client.get({ apiVersion: 'v1', kind: 'Namespace', name: space })))
      await apply(client, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: space } });
    await apply(client, {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'default', namespace: space },
    });
  }
  for (const one of environment.objects.filter((one) => isKind(one, 'ServiceAccount')))
    await apply(client, one.value as unknown as KubernetesObject);

  const admission: Admission = openAdmission({
    schemas: loadSchemas(schemaDirectory),
    objects,
    user: 'admin',
  });
  const before = await inFlight(8, cases, (object) => send(client, object));
  // The gate may have been wrong, or an account be missing.
  const valid = cases.filter((_, index) => before[index]?.accepts);
  for (const one of policies) await apply(client, one.value as unknown as KubernetesObject);

  for (const one of bindings)
    await apply(client, withValue(one.value, ['spec', 'validationActions'], ['Warn']) as KubernetesObject);
  await marker(client, 'warn');
  const warned = await inFlight(8, valid, (object) => send(client, object));
  for (const one of bindings) await apply(client, one.value as unknown as KubernetesObject);
  await marker(client, 'deny');
  const final = await inFlight(8, valid, (object) => send(client, object));

  const violations: Record<string, number> = {};
  const differences: PolicyDifference[] = [];
  let denied = 0;
  for (const [index, object] of valid.entries()) {
    const decisions = admission.evaluate(object as never, 'admin');
    const offline = decisions.map(({ policy, binding, message }) => said(policy, binding, message)).sort();
    const server = (warned[index]?.warnings ?? [])
      .filter((text) => text.startsWith('Validation failed for'))
      .map(withoutChance)
      .sort();
    for (const { policy } of decisions) violations[policy] = (violations[policy] ?? 0) + 1;
    const refusals = decisions.filter(({ actions }) => actions.includes('Deny'));
    const last = final[index];
    if (last?.accepts === false) denied += 1;
    const sameWords =
      server.length === offline.length && server.every((text, at) => matches(text, offline[at] ?? ''));
    // The server tells of one refusal, whichever policy comes first.
    const sameVerdict = last?.accepts
      ? refusals.length === 0
      : refusals.some(({ policy, binding, message }) =>
          withoutChance(last?.message ?? '').endsWith(
            `ValidatingAdmissionPolicy '${policy}' with binding '${binding}' denied request: ${withoutChance(message)}`,
          ),
        );
    if (!sameWords || !sameVerdict)
      differences.push({
        object,
        server: [...server, ...(last?.accepts ? [] : [last?.message ?? ''])],
        offline: [...offline, ...refusals.map(({ policy }) => `${policy} denies`)],
      });
  }
  return {
    policies: policies.map(({ name }) => name),
    objects: valid.length,
    violations,
    denied,
    differences,
  };
}

const said = (policy: string, binding: string, message: string): string =>
  withoutChance(
    `Validation failed for ValidatingAdmissionPolicy '${policy}' with binding '${binding}': ${message}`,
  );

/** The volume of a service account's token has a name that is made up anew each time. */
const withoutChance = (text: string): string => text.replace(/kube-api-access-\w{5}/g, 'kube-api-access');

/** The server cuts warnings when there are many. */
const matches = (server: string, offline: string): boolean =>
  server === offline || (server.length >= 200 && offline.startsWith(server));

interface Sent {
  readonly accepts: boolean;
  readonly message: string;
  readonly warnings: readonly string[];
}

async function send(client: Client, object: JsonObject): Promise<Sent> {
  const collection = await collectionOf(client, object);
  const name = encodeURIComponent(String(valueAt(object, ['metadata', 'name'])));
  const answer = await client.request(
    'PATCH',
    `${collection}/${name}?dryRun=All&fieldValidation=Strict&fieldManager=agreement&force=true`,
    { text: JSON.stringify(object), type: 'application/apply-patch+yaml' },
  );
  const { message } = JSON.parse(answer.body) as { message?: string };
  return { accepts: answer.status < 300, message: message ?? '', warnings: answer.warnings };
}

/** Waits until the server heeds what was applied before: policies take effect one after another, a little later. */
async function marker(client: Client, phase: string): Promise<void> {
  const name = `agreement-${phase}`;
  await apply(client, {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name },
    spec: {
      matchConstraints: {
        resourceRules: [
          { apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['CREATE'] },
        ],
      },
      validations: [{ expression: `object.metadata.name != '${name}'` }],
    },
  });
  await apply(client, {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name },
    spec: { policyName: name, validationActions: ['Deny'] },
  });
  const probe = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' } };
  await waitFor(`the policies of phase ${phase}`, async () =>
    (await send(client, probe)).accepts ? notYet('they are not in force') : done(undefined),
  );
  // The marker may be a moment ahead of the others.
  await new Promise((resolve) => setTimeout(resolve, 1000));
}

/** Takes away what another environment, measured before, has put in force, and waits until it is heeded no more. */
async function removePolicies(client: Client): Promise<void> {
  const apiVersion = 'admissionregistration.k8s.io/v1';
  for (const kind of ['ValidatingAdmissionPolicyBinding', 'ValidatingAdmissionPolicy'])
    for (const { metadata } of await client.list({ apiVersion, kind }))
      await client.delete({ apiVersion, kind, name: metadata.name ?? '' });
  const name = 'agreement-deny';
  const probe = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' } };
  await waitFor('no policy to be in force', async () =>
    (await send(client, probe)).accepts ? done(undefined) : notYet('one still denies'),
  );
  // As for the marker: others may be a moment behind.
  await new Promise((resolve) => setTimeout(resolve, 1000));
}

/** Pod Security is measured apart. */
const withoutPodSecurity = (object: JsonObject): unknown =>
  withValue(
    object,
    ['metadata', 'labels'],
    Object.fromEntries(
      Object.entries((valueAt(object, ['metadata', 'labels']) ?? {}) as JsonObject).filter(
        ([key]) => !key.startsWith('pod-security.'),
      ),
    ),
  );
