import { checkPodSecurity } from '../../../scripts/checks/policy/check-pod-security.ts';
import { type PodSecurityLevel, violationMessage } from '../../../scripts/kubernetes/pod-security/index.ts';
import { loadSchemas, type Schemas } from '../../../scripts/kubernetes/schema/index.ts';
import { type RenderedObject, renderedObject } from '../../../scripts/render/object.ts';
import { fromJson, type Json, type MapNode } from '../../../scripts/yaml/node.ts';
import type { Client, KubernetesObject } from '../harness/client.ts';
import type { Seed } from './case.ts';
import { podSpecOf, podSpecs } from './generate.ts';
import { isObject, type JsonObject, pathOf, withValue } from './json.ts';
import { inFlight } from './measure.ts';
import { randomFor } from './random.ts';
import { podCases } from './rules/pod.ts';
import { securityEdits } from './rules/security.ts';
import { schemaDirectory } from './schema.ts';
import { namespace } from './seeds.ts';
import { apply, openGate, serverVerdict } from './verdicts.ts';

const levels: readonly Exclude<PodSecurityLevel, 'privileged'>[] = ['baseline', 'restricted'];
/** Rules have changed with versions; a namespace may ask for those of an older one. */
const versions = ['latest', 'v1.33', 'v1.24'];

export interface SecurityDifference {
  readonly pod: JsonObject;
  readonly namespace: string;
  readonly server: string;
  readonly offline: string;
}

export interface SecurityReport {
  /** Pods that the server takes where nothing is enforced. */
  readonly pods: number;
  readonly verdicts: number;
  readonly refused: number;
  readonly differences: readonly SecurityDifference[];
}

const restricted: JsonObject = {
  automountServiceAccountToken: false,
  securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
  containers: [
    {
      name: 'app',
      image: 'app:1',
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
    },
  ],
};

/** Pods: those that the seeds are or make, and one that may run anywhere, changed in every way that a rule looks at. */
export function podsOf(seeds: readonly Seed[], seed: number, count: number): JsonObject[] {
  const specs: JsonObject[] = [restricted];
  for (const { kind, object } of seeds) {
    const spec = podSpecs.has(kind) ? podSpecOf(object) : undefined;
    // A pod of another service account would be refused for want of it.
    if (isObject(spec)) specs.push({ ...spec, serviceAccountName: 'default' });
  }
  const random = randomFor(seed, 'pod security');
  const changed = [restricted, ...random.shuffle(specs).slice(0, 4)].flatMap((spec) =>
    [...securityEdits, ...podCases.flatMap(({ edits }) => edits)].map((edit) => {
      let next: unknown = spec;
      for (let index = 0; index < edit.length; index += 2)
        next = withValue(next, pathOf(String(edit[index])), edit[index + 1]);
      return next as JsonObject;
    }),
  );
  // Validation comes before admission: a pod that is not valid says nothing of a level.
  const gate = openGate();
  const pods: JsonObject[] = [];
  for (const spec of [...specs, ...random.shuffle(changed)]) {
    const metadata = { name: `pod-${pods.length}`, namespace };
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata, spec };
    if (pods.length < count && gate(pod).accepts) pods.push(pod);
  }
  return pods;
}

/** Asks the server, in a namespace for each level and version, and the offline evaluation; messages count too. */
export async function measurePodSecurity(
  client: Client,
  pods: readonly JsonObject[],
): Promise<SecurityReport> {
  const schemas = loadSchemas(schemaDirectory);
  const spaces = levels.flatMap((level) => versions.map((version) => namespaceOf(level, version)));
  for (const space of spaces) {
    await apply(client, space);
    await apply(client, {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'default', namespace: space.metadata.name ?? '' },
    });
  }
  const verdicts = await inFlight(8, pods, (pod) => serverVerdict(client, pod, 'apply'));
  const valid = pods.filter((_, index) => verdicts[index]?.accepts);
  const differences: SecurityDifference[] = [];
  let refused = 0;
  await inFlight(
    8,
    valid.flatMap((pod) => spaces.map((space) => ({ pod, space }))),
    async ({ pod, space }) => {
      const placed = withValue(pod, ['metadata', 'namespace'], space.metadata.name) as JsonObject;
      const verdict = await serverVerdict(client, placed, 'apply');
      const message =
        verdict === undefined ? 'depends on the cluster' : verdict.accepts ? '' : verdict.message;
      const server = message.replace(/^pods "[^"]*" is forbidden: /, '');
      const offline = offlineVerdict(schemas, placed, space);
      if (server !== '') refused += 1;
      if (server !== offline)
        differences.push({ pod, namespace: space.metadata.name ?? '', server, offline });
    },
  );
  return { pods: valid.length, verdicts: valid.length * spaces.length, refused, differences };
}

function namespaceOf(level: PodSecurityLevel, version: string): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: `agreement-${level}-${version.replace('.', '-')}`,
      labels: {
        'pod-security.kubernetes.io/enforce': level,
        'pod-security.kubernetes.io/enforce-version': version,
      },
    },
  };
}

/** What stage policy of the gate makes of the pod, in the server's words; empty where it passes. */
function offlineVerdict(schemas: Schemas, pod: JsonObject, space: KubernetesObject): string {
  const [found] = checkPodSecurity({ schemas, objects: [rendered(pod)], namespaces: [rendered(space)] });
  return found?.kind === 'violation' && found.mode === 'enforce'
    ? violationMessage(found.level, found.violations)
    : '';
}

function rendered(object: unknown): RenderedObject {
  const origin = { file: 'agreement', line: 1, column: 1 };
  return renderedObject(fromJson(object as Json, origin) as MapNode, { environment: '', component: '' });
}
