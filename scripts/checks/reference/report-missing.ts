import { describe } from '../../finding.ts';
import { locate, type RenderedObject } from '../../render/object.ts';
import type { Path } from '../../yaml/node.ts';
import type { Report } from '../rule.ts';
import { printTarget, type ReferenceSubject, type Target } from './index-objects.ts';

export interface Naming {
  readonly object: RenderedObject;
  /** Where the target is named. */
  readonly path: Path;
  readonly target: Target;
  /** What names it, as the subject of a sentence: ``volume `data` ``. */
  readonly reader: string;
  /** What the cluster does about it. */
  readonly consequence: string;
  readonly severity?: 'error' | 'warning';
  readonly fix?: string;
}

/** The report on a target that does not exist; nothing where it does, or may. */
export function* reportMissing(subject: ReferenceSubject, naming: Naming): Generator<Report> {
  const { object, path, target, reader, consequence } = naming;
  const missing = subject.missing(target);
  if (!missing) return;
  const severity = missing.severity ?? naming.severity;
  yield {
    message: `${describe(object)}: ${reader} names ${printTarget(target)}, which does not exist: ${consequence}${missing.hint}`,
    fix:
      missing.nearest === undefined
        ? (naming.fix ?? `Correct the name, or add ${printTarget(target)} to the environment.`)
        : `Write \`${missing.nearest}\`, or add ${printTarget(target)} to the environment.`,
    at: locate(object, path),
    object,
    ...(severity && { severity }),
  };
}
