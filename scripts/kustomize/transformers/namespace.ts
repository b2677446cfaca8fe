import { list, type MapNode, type Origin } from '../../yaml/node.ts';
import { namespaceFields } from '../data/field-specs.ts';
import { listSlot, mapSlot, type Slot, setText, visitField } from '../field-spec.ts';
import { scalarAt, stringOf } from '../kustomization.ts';
import {
  apiVersionOf,
  currentId,
  describeId,
  findTwins,
  gvkOf,
  isClusterScoped,
  storePreviousId,
} from '../resource.ts';
import { isNull, textOf } from '../scalars.ts';
import { fail, unsupported } from '../stop.ts';
import type { Transformer } from './transformer.ts';

/** `namespace`: on everything that is not known to be cluster-scoped, and on what refers to a namespace. */
export const namespace: Transformer = (_context, { node: kustomization }) => {
  const field = scalarAt(kustomization, 'namespace');
  const entry = kustomization.entries.get('namespace');
  if (field === undefined || entry === undefined || stringOf(field) === '') return undefined;
  const value = stringOf(field);
  const keyOrigin = entry.origin;
  const set = (slot: Slot): void => setText(slot, value, 'string', field.origin, keyOrigin);
  return (resources) => {
    for (const resource of resources) {
      storePreviousId(resource);
      const { node } = resource;
      const gvk = gvkOf(node);
      const visit = { create: 'scalar', origin: keyOrigin, set } as const;
      if (!isClusterScoped(gvk)) visitField(node, { path: 'metadata/namespace', create: true }, visit, gvk);
      if (gvk.kind === 'RoleBinding' || gvk.kind === 'ClusterRoleBinding') setSubjects(node, keyOrigin, set);
      for (const spec of namespaceFields)
        if (spec.path !== 'metadata/name' || apiVersionOf(node) === 'v1') visitField(node, spec, visit, gvk);
    }
    const twins = findTwins(resources);
    if (twins)
      fail(
        'id-conflict',
        `the namespace \`${value}\` makes two objects ${describeId(currentId(twins[1]))}`,
        'Give one of them another name, or set namespaces in the manifests instead.',
        field.origin,
      );
  };
};

/** Of the subjects only those named `default`: the others follow their ServiceAccounts, if these are in the build. */
function setSubjects(node: MapNode, origin: Origin, set: (slot: Slot) => void): void {
  const subjects = node.entries.get('subjects')?.value ?? list(origin);
  if (isNull(subjects)) return;
  if (subjects.type !== 'list') unsupported('subjects that are no list', subjects.origin);
  for (const [index] of subjects.items.entries()) {
    const subject = listSlot(subjects, index).node;
    if (subject.type !== 'map') unsupported('a subject that is no mapping', subject.origin);
    const name = subject.entries.get('name')?.value;
    if (name === undefined || isNull(name) || textOf(name) !== 'default') continue;
    if (!subject.entries.has('namespace'))
      subject.entries.set('namespace', { origin, value: { type: 'scalar', value: null, origin } });
    set(mapSlot(subject, 'namespace') as Slot);
  }
}
