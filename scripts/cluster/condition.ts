import type { Json } from '../yaml/node.ts';
import { field, list } from './json.ts';

export interface Condition {
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

/** A condition of an object's status. */
export function conditionOf(object: Json | undefined, type: string): Condition | undefined {
  const found = list(field(object, 'status', 'conditions')).find((item) => field(item, 'type') === type);
  if (found === undefined) return undefined;
  const text = (key: string): string => String(field(found, key) ?? '');
  return { status: text('status'), reason: text('reason'), message: text('message') };
}

/** An older `observedGeneration` is a report about what was there before the last change. */
export const isCurrentAndReady = (object: Json | undefined): boolean =>
  object !== undefined &&
  field(object, 'metadata', 'generation') === field(object, 'status', 'observedGeneration') &&
  conditionOf(object, 'Ready')?.status === 'True';

/** Some messages are the whole output of a server. */
export const firstLine = (message: string): string => {
  const line = message.trim().split('\n')[0]!.trim();
  return line.length > 240 ? `${line.slice(0, 239)}…` : line;
};
