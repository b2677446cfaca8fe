/** The environment of a container as its process sees it, as far as Git tells. */

import type { Container } from '../../kubernetes/pod-template.ts';
import { locate, type RenderedObject } from '../../render/object.ts';
import { at, entriesAt, itemsAt, type Node, type Origin, type Path, textAt } from '../../yaml/node.ts';
import type { ReferenceSubject, Workload } from '../reference/index-objects.ts';
import { ordinalsOf } from '../reference/index-objects.ts';
import type { Setting } from './setting.ts';

export interface Variable {
  readonly name: string;
  /** Undefined where a Secret, or the pod itself, brings it. A `$(NAME)` that only a pod can tell is left as it is. */
  readonly value: string | undefined;
  readonly secret?: { readonly name: string; readonly key: string };
  /** `metadata.name` and the like. */
  readonly field?: string;
  readonly object: RenderedObject;
  readonly at: Origin;
  /** Where its name is written. */
  readonly nameAt: Origin;
}

export type Variables = ReadonlyMap<string, Variable>;

/** The variables of a container: those of `envFrom` first, which `env` overrides. */
export function variablesOf(index: ReferenceSubject, workload: Workload, container: Container): Variables {
  const variables = new Map<string, Variable>();
  for (const source of itemsAt(container.node, ['envFrom'])) {
    const name = textAt(source, ['configMapRef', 'name']);
    const { namespace } = workload;
    const configMap = name && index.find({ group: '', kind: 'ConfigMap', namespace, name });
    if (!configMap) continue;
    const prefix = textAt(source, ['prefix']) ?? '';
    for (const [key, { value }] of entriesAt(configMap.node, ['data']))
      variables.set(prefix + key, {
        name: prefix + key,
        value: textAt(value, []),
        object: configMap,
        at: locate(configMap, ['data', key]),
        nameAt: locate(configMap, ['data', key]),
      });
  }
  for (const [position, item] of itemsAt(container.node, ['env']).entries()) {
    const variable = variableOf(index, workload, item, [...container.path, 'env', position], variables);
    if (variable) variables.set(variable.name, variable);
  }
  return variables;
}

function variableOf(
  index: ReferenceSubject,
  { object, namespace }: Workload,
  item: Node,
  path: Path,
  before: Variables,
): Variable | undefined {
  const name = textAt(item, ['name']);
  if (name === undefined) return undefined;
  const own = {
    name,
    object,
    at: locate(object, [...path, 'value']),
    nameAt: locate(object, [...path, 'name']),
  };
  const from = at(item, ['valueFrom']);
  if (from === undefined) return { ...own, value: expand(textAt(item, ['value']) ?? '', before) };
  const secret = textAt(from, ['secretKeyRef', 'name']);
  const place =
    secret === undefined
      ? own
      : { ...own, at: locate(object, [...path, 'valueFrom', 'secretKeyRef', 'key']) };
  const field = textAt(from, ['fieldRef', 'fieldPath']);
  const configMap = textAt(from, ['configMapKeyRef', 'name']);
  const key = textAt(from, ['secretKeyRef', 'key']) ?? textAt(from, ['configMapKeyRef', 'key']) ?? '';
  const found =
    configMap === undefined
      ? undefined
      : index.find({ group: '', kind: 'ConfigMap', namespace, name: configMap });
  return {
    ...place,
    value: field === 'metadata.namespace' ? namespace : found && textAt(found.node, ['data', key]),
    ...(secret === undefined ? {} : { secret: { name: secret, key } }),
    ...(field === undefined ? {} : { field }),
  };
}

// `$$(NAME)` is a literal `$(NAME)`.
const expand = (value: string, before: Variables): string =>
  value.replaceAll(/\$\$|\$\(([\w.-]+)\)/g, (whole, name: string | undefined) =>
    name === undefined ? '$' : (before.get(name)?.value ?? whole),
  );

/** One pod of a workload whose pods have names that are known beforehand. */
export interface Pod {
  readonly name: string;
  readonly ordinal: number;
}

/** The pods of a StatefulSet; none of other kinds, whose pods have names made up at random. */
export function podsOf({ object }: Workload): readonly Pod[] {
  if (object.kind !== 'StatefulSet') return [];
  const { start, count } = ordinalsOf(object);
  return Array.from({ length: count }, (_, position) => ({
    name: `${object.name}-${start + position}`,
    ordinal: start + position,
  }));
}

const podIndex = "metadata.labels['apps.kubernetes.io/pod-index']";
const podName = /^metadata\.(?:name|labels\['statefulset\.kubernetes\.io\/pod-name'\])$/;

/** The value of a variable that is the pod's own, such as its name; undefined where only the cluster can tell. */
export function fieldOf({ field }: Variable, pod: Pod): string | undefined {
  if (field === undefined) return undefined;
  if (podName.test(field)) return pod.name;
  return field === podIndex ? String(pod.ordinal) : undefined;
}

/** A text with the `$(NAME)` that one pod can tell put in. */
export const forPod = (text: string, variables: Variables, pod: Pod): string =>
  text.replaceAll(/\$\(([\w.-]+)\)/g, (whole, name: string) => {
    const variable = variables.get(name);
    return (variable && fieldOf(variable, pod)) ?? whole;
  });

/** The variable as a setting, under its own name or another; undefined where Git does not tell its value. */
export function settingOf(variable: Variable | undefined, key = variable?.name): Setting | undefined {
  if (variable?.value === undefined || key === undefined) return undefined;
  return {
    key,
    value: variable.value,
    at: variable.at,
    object: variable.object,
    reader: `env \`${variable.name}\``,
  };
}
