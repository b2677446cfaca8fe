/** The variables that the expressions of a ValidatingAdmissionPolicy may use, with their types. */
import { dyn, parseType, type Type } from '../cel/index.ts';

const record = (name: string, fields: Readonly<Record<string, string | Type>>): Type => ({
  kind: 'object',
  name,
  fields: Object.fromEntries(
    Object.entries(fields).map(([field, type]) => [field, typeof type === 'string' ? parseType(type) : type]),
  ),
});

const groupVersionKind = record('kubernetes.GroupVersionKind', {
  group: 'string',
  version: 'string',
  kind: 'string',
});

const groupVersionResource = record('kubernetes.GroupVersionResource', {
  group: 'string',
  version: 'string',
  resource: 'string',
});

const requestType = record('kubernetes.AdmissionRequest', {
  kind: groupVersionKind,
  resource: groupVersionResource,
  subResource: 'string',
  requestKind: groupVersionKind,
  requestResource: groupVersionResource,
  requestSubResource: 'string',
  name: 'string',
  namespace: 'string',
  operation: 'string',
  userInfo: record('kubernetes.UserInfo', {
    username: 'string',
    uid: 'string',
    groups: 'list<string>',
    extra: 'map<string, list<string>>',
  }),
  dryRun: 'bool',
  options: 'dyn',
});

const namespaceType = record('kubernetes.Namespace', {
  metadata: record('kubernetes.NamespaceMetadata', {
    name: 'string',
    generateName: 'string',
    namespace: 'string',
    labels: 'map<string, string>',
    annotations: 'map<string, string>',
    UID: 'string',
    creationTimestamp: 'timestamp',
    deletionGracePeriodSeconds: 'int',
    deletionTimestamp: 'timestamp',
    generation: 'int',
    resourceVersion: 'string',
    finalizers: 'list<string>',
  }),
  spec: record('kubernetes.NamespaceSpec', { finalizers: 'list<string>' }),
  status: record('kubernetes.NamespaceStatus', {
    conditions: {
      kind: 'list',
      item: record('kubernetes.NamespaceCondition', {
        status: 'string',
        type: 'string',
        lastTransitionTime: 'timestamp',
        message: 'string',
        reason: 'string',
      }),
    },
    phase: 'string',
  }),
});

/** `params` is there where the policy has a paramKind, the authorizer not in message expressions. */
export function variablesOf(options: {
  readonly params: boolean;
  readonly authorizer: boolean;
  /** The policy's own variables that an expression may use: those before it. */
  readonly own: Readonly<Record<string, Type>>;
}): Readonly<Record<string, Type>> {
  return {
    object: dyn,
    oldObject: dyn,
    request: requestType,
    namespaceObject: namespaceType,
    ...(options.params ? { params: dyn } : {}),
    ...(options.authorizer
      ? {
          authorizer: parseType('kubernetes.authorization.Authorizer'),
          'authorizer.requestResource': parseType('kubernetes.authorization.ResourceCheck'),
        }
      : {}),
    variables: { kind: 'object', name: 'kubernetes.variables', fields: options.own },
  };
}

/** The type as which a variable is known to the expressions after it: only plain types and collections keep theirs. */
export function variableType(type: Type): Type {
  switch (type.kind) {
    case 'list':
      return { kind: 'list', item: variableType(type.item) };
    case 'map':
      return { kind: 'map', key: variableType(type.key), value: variableType(type.value) };
    case 'optional':
    case 'opaque':
    case 'object':
    case 'param':
    case 'type':
      return dyn;
    default:
      return type;
  }
}
