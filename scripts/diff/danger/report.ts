/** What the danger rules have in common. */

import { describe, type ObjectReference } from '../../finding.ts';
import { isKind, locate, type RenderedObject } from '../../render/object.ts';
import type { Path } from '../../yaml/node.ts';
import type { EnvironmentChange, ObjectChange } from '../change.ts';
import type { DangerReport } from './rule.ts';

/** An object that is there before and after. */
export interface Kept extends ObjectChange {
  readonly before: RenderedObject;
  readonly after: RenderedObject;
}

const hasBoth = (change: ObjectChange): change is Kept =>
  change.before !== undefined && change.after !== undefined;

/** The objects that changed or moved, of some kinds: `apps/StatefulSet`, `/Service`; of all where none is named. */
export const keptObjects = ({ objects }: EnvironmentChange, ...kinds: readonly string[]): readonly Kept[] =>
  objects.filter(hasBoth).filter(({ after }) => kinds.length === 0 || isOneOf(after, kinds));

/** The objects that are gone. */
export const removedObjects = ({ objects }: EnvironmentChange, ...kinds: readonly string[]) =>
  objects.flatMap((change) =>
    change.status === 'removed' && change.before && isOneOf(change.before, kinds)
      ? [{ ...change, before: change.before, fate: change.fate ?? { deleted: true } }]
      : [],
  );

/** The objects that are new. */
export const addedObjects = ({ objects }: EnvironmentChange, ...kinds: readonly string[]) =>
  objects.flatMap((change) =>
    change.status === 'added' && change.after && isOneOf(change.after, kinds)
      ? [{ ...change, after: change.after }]
      : [],
  );

export const isOneOf = (object: ObjectReference, kinds: readonly string[]): boolean =>
  kinds.some((kind) => {
    const slash = kind.lastIndexOf('/');
    return isKind(object, kind.slice(0, slash), kind.slice(slash + 1));
  });

/** A report on a changed object, at a path of its newest state; the message follows its name. */
export function report(
  change: Pick<ObjectChange, 'reference' | 'component' | 'before' | 'after'>,
  path: Path,
  message: string,
  more: Partial<Pick<DangerReport, 'severity' | 'fix'>> = {},
): DangerReport {
  return {
    message: `${describe(change.reference)}: ${message}`,
    component: change.component,
    object: change.reference,
    at: locate((change.after ?? change.before)!, path),
    ...more,
  };
}
