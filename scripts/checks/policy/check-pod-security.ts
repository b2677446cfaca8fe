import { type KnownGood, knownGoodKey } from '../../cache/known-good.ts';
import { syncAppArmor } from '../../kubernetes/admission/prepare.ts';
import { defaultObject, type JsonObject } from '../../kubernetes/defaults/index.ts';
import {
  evaluatePod,
  type LevelVersion,
  type NamespacePolicy,
  type PodSecurityLevel,
  type PodSecurityMode,
  type PodToCheck,
  policyOf,
  type Violation,
} from '../../kubernetes/pod-security/index.ts';
import type { Schemas } from '../../kubernetes/schema/index.ts';
import { groupOf, isKind, type RenderedObject } from '../../render/object.ts';
import { entriesAt, type Path } from '../../yaml/node.ts';

/** A pod, or a template of pods, that breaks a level; or a namespace whose labels are no levels. */
export type PodSecurityResult =
  | {
      readonly kind: 'violation';
      readonly object: RenderedObject;
      /** Whether the object is itself the pod. */
      readonly isPod: boolean;
      readonly mode: PodSecurityMode;
      readonly level: LevelVersion;
      readonly violations: readonly Violation[];
    }
  | {
      readonly kind: 'label';
      readonly object: RenderedObject;
      readonly label: string;
      readonly value: string;
      readonly message: string;
    };

/** Kinds of which Kubernetes' own controllers make pods, and where each has its template. */
const templates: Readonly<Record<string, { readonly group: string; readonly path: Path }>> = {
  Pod: { group: '', path: [] },
  PodTemplate: { group: '', path: ['template'] },
  ReplicationController: { group: '', path: ['spec', 'template'] },
  ReplicaSet: { group: 'apps', path: ['spec', 'template'] },
  Deployment: { group: 'apps', path: ['spec', 'template'] },
  StatefulSet: { group: 'apps', path: ['spec', 'template'] },
  DaemonSet: { group: 'apps', path: ['spec', 'template'] },
  Job: { group: 'batch', path: ['spec', 'template'] },
  CronJob: { group: 'batch', path: ['spec', 'jobTemplate', 'spec', 'template'] },
};

const modes: readonly PodSecurityMode[] = ['enforce', 'warn', 'audit'];

export function checkPodSecurity({
  schemas,
  objects,
  namespaces,
  level,
  knownGood,
}: {
  readonly schemas: Schemas;
  readonly objects: readonly RenderedObject[];
  /** The objects among which the namespaces are. */
  readonly namespaces: readonly RenderedObject[];
  /** Holds for every pod, whatever its namespace says. */
  readonly level?: PodSecurityLevel | undefined;
  readonly knownGood?: KnownGood | undefined;
}): readonly PodSecurityResult[] {
  const policies = new Map<string, NamespacePolicy>();
  for (const object of namespaces)
    if (isKind(object, '', 'Namespace')) policies.set(object.name, policyOf(labelsOf(object)));
  const wanted: NamespacePolicy | undefined = level && {
    modes: {
      enforce: { level, version: 'latest' },
      warn: { level: 'privileged', version: 'latest' },
      audit: { level: 'privileged', version: 'latest' },
    },
    invalid: [],
  };
  return objects.flatMap((object): PodSecurityResult[] => {
    if (isKind(object, '', 'Namespace'))
      return policyOf(labelsOf(object)).invalid.map((bad) => ({ kind: 'label', object, ...bad }));
    const policy = wanted ?? policies.get(object.namespace ?? 'default');
    if (!policy || !templates[object.kind]) return [];
    const key = knownGoodKey('pod-security', JSON.stringify(policy.modes), JSON.stringify(object.value));
    if (knownGood?.has(key)) return [];
    const found = firstViolation(schemas, object, policy);
    if (!found) knownGood?.add(key);
    return found ? [found] : [];
  });
}

function labelsOf(object: RenderedObject): Readonly<Record<string, unknown>> {
  const labels: Record<string, unknown> = {};
  for (const [key, { value }] of entriesAt(object.node, ['metadata', 'labels']))
    if (value.type === 'scalar') labels[key] = value.value;
  return labels;
}

/** The gravest mode whose level the object's pods break. */
function firstViolation(
  schemas: Schemas,
  object: RenderedObject,
  policy: NamespacePolicy,
): PodSecurityResult | undefined {
  const template = templates[object.kind];
  if (!template || groupOf(object.apiVersion) !== template.group) return undefined;
  if (modes.every((mode) => policy.modes[mode].level === 'privileged')) return undefined;
  const isPod = object.kind === 'Pod';
  for (const mode of modes) {
    // What a controller makes of a template gets a pod's defaults when it is made.
    const pod =
      mode === 'enforce'
        ? podOf(schemas, object, template.path)
        : isPod
          ? podOf(schemas, object, template.path)
          : templateOf(schemas, object, template.path);
    if (!pod) return undefined;
    const level = policy.modes[mode];
    const violations = evaluatePod(level, pod);
    if (violations.length > 0) return { kind: 'violation', object, isPod, mode, level, violations };
  }
  return undefined;
}

const isMap = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((current, segment) => (isMap(current) ? current[segment] : undefined), value);

function podOf(schemas: Schemas, object: RenderedObject, path: Path): PodToCheck | undefined {
  const template = valueAt(object.value, path);
  const schema = schemas.store.kind('v1 Pod');
  if (!schema || !isMap(template) || !isMap(template['spec'])) return undefined;
  const { metadata, spec } = template;
  const pod = defaultObject(schemas.store, schema, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: metadata ?? {},
    spec,
  });
  const checked = toCheck(pod);
  if (checked) syncAppArmor(checked.annotations as JsonObject, checked.spec as JsonObject);
  return checked;
}

function templateOf(schemas: Schemas, object: RenderedObject, path: Path): PodToCheck | undefined {
  const schema = schemas.store.kind(`${object.apiVersion} ${object.kind}`);
  return schema && toCheck(valueAt(defaultObject(schemas.store, schema, object.value), path));
}

function toCheck(template: unknown): PodToCheck | undefined {
  if (!isMap(template) || !isMap(template['spec'])) return undefined;
  const annotations = valueAt(template, ['metadata', 'annotations']);
  return {
    spec: template['spec'],
    annotations: (isMap(annotations) ? annotations : {}) as Readonly<Record<string, string>>,
  };
}
