import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fluxNamespace } from '../harness/flux.ts';

/** A write of kustomize-controller that the API server carried out. */
export interface Write {
  readonly verb: string;
  /** `apps/deployments infometis/kafka-ui`, see `resourceKey`. */
  readonly key: string;
  /** As whom: `system:serviceaccount:…`; undefined where as itself. */
  readonly as: string | undefined;
  /** When the request came in, in ms since 1970, to the microsecond. */
  readonly time: number;
}

export interface Audit {
  /** For the API server. */
  readonly parameters: readonly string[];
  /** Every write so far that was no dry run, was no status and was not refused, in the order of its completion. */
  writes(): readonly Write[];
}

/** How an object is told from others in an audit event: by its resource, since a URL has no kind. */
export const resourceKey = (
  group: string,
  resource: string,
  namespace: string | undefined,
  name: string,
): string => `${group}/${resource} ${namespace ?? ''}/${name}`;

/** Has the API server note what kustomize-controller does, and in whose name: no object tells who made it. */
export function defineAudit(directory: string): Audit {
  const policy = join(directory, 'audit-policy.yaml');
  const log = join(directory, 'audit.log');
  writeFileSync(
    policy,
    JSON.stringify({
      apiVersion: 'audit.k8s.io/v1',
      kind: 'Policy',
      omitStages: ['RequestReceived'],
      rules: [
        {
          level: 'Metadata',
          users: [`system:serviceaccount:${fluxNamespace}:kustomize-controller`],
          verbs: ['create', 'patch', 'update', 'delete'],
        },
        { level: 'None' },
      ],
    }),
  );
  return {
    parameters: [`--audit-policy-file=${policy}`, `--audit-log-path=${log}`],
    writes: () =>
      readFileSync(log, 'utf8')
        .split('\n')
        .flatMap((line) => (line === '' ? [] : writeOf(JSON.parse(line) as AuditEvent))),
  };
}

/** The part of audit.k8s.io/v1 Event that is looked at. */
interface AuditEvent {
  readonly verb: string;
  readonly requestURI: string;
  readonly requestReceivedTimestamp: string;
  readonly impersonatedUser?: { readonly username: string };
  readonly objectRef?: {
    readonly apiGroup?: string;
    readonly resource: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
  readonly responseStatus?: { readonly code?: number };
}

function writeOf(event: AuditEvent): Write[] {
  const { objectRef: object, responseStatus, requestURI } = event;
  if (!object || object.subresource !== undefined || requestURI.includes('dryRun=')) return [];
  if ((responseStatus?.code ?? 0) >= 300) return [];
  // A Namespace is said to lie in itself.
  const namespace = object.resource === 'namespaces' ? undefined : object.namespace;
  return [
    {
      verb: event.verb,
      key: resourceKey(object.apiGroup ?? '', object.resource, namespace, object.name ?? ''),
      as: event.impersonatedUser?.username,
      time: microseconds(event.requestReceivedTimestamp),
    },
  ];
}

// Date.parse drops what is below a millisecond.
const microseconds = (timestamp: string): number =>
  Date.parse(timestamp) + Number(/\.\d{3}(\d{1,3})/.exec(timestamp)?.[1]?.padEnd(3, '0') ?? 0) / 1000;
