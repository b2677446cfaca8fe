/** The LimitRanges of a namespace. Mirrors the LimitRanger admission plugin and the defaults of LimitRange objects. */

import {
  amountAt,
  amountsAt,
  type ContainerDefaults,
  type PodAmounts,
} from '../../kubernetes/pod-requests.ts';
import type { RenderedObject } from '../../render/object.ts';
import { itemsAt, type Path, textAt } from '../../yaml/node.ts';
import type { CapacitySubject } from './subject.ts';

export interface Limit {
  readonly object: RenderedObject;
  readonly type: string;
  readonly path: Path;
  readonly min: Partial<PodAmounts>;
  readonly max: Partial<PodAmounts>;
  /** The most that a limit may be of its request. */
  readonly ratio: Partial<PodAmounts>;
}

export const limitsOf = ({ index }: CapacitySubject, namespace: string): readonly Limit[] =>
  index.all('', 'LimitRange', namespace).flatMap((object) =>
    itemsAt(object.node, ['spec', 'limits']).map((node, position) => ({
      object,
      type: textAt(node, ['type']) ?? '',
      path: ['spec', 'limits', position],
      min: amountsAt(node, ['min']),
      max: amountsAt(node, ['max']),
      ratio: amountsAt(node, ['maxLimitRequestRatio']),
    })),
  );

/** What containers get that say nothing: of a limit without a default its max, of a request the limit or the min. */
export function defaultsOf(limits: readonly Limit[]): ContainerDefaults {
  const requests: Record<string, number> = {};
  const bounds: Record<string, number> = {};
  for (const { object, type, path, min, max } of limits) {
    if (type !== 'Container') continue;
    for (const resource of ['cpu', 'memory', 'ephemeral-storage'] as const) {
      const limit = amountAt(object.node, [...path, 'default', resource]) ?? max[resource];
      const request = amountAt(object.node, [...path, 'defaultRequest', resource]) ?? limit ?? min[resource];
      if (limit !== undefined) bounds[resource] ??= limit;
      if (request !== undefined) requests[resource] ??= request;
    }
  }
  return { requests, limits: bounds };
}
