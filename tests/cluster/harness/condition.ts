import type { KubernetesObject } from './client.ts';

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly observedGeneration?: number;
}

/** A condition of an object's status. */
export function conditionOf(object: KubernetesObject | undefined, type: string): Condition | undefined {
  const status = object?.['status'] as { conditions?: readonly Condition[] } | undefined;
  return status?.conditions?.find((condition) => condition.type === type);
}
