/** Values of Secrets are shown to nobody: what is printed ends up in logs and in comments of pull requests. */

import { groupOf, type RenderedObject } from '../render/object.ts';
import type { Json, Path } from '../yaml/node.ts';
import type { FieldChange } from './change.ts';
import { isMap } from './json.ts';

export const isSecret = ({ apiVersion, kind }: RenderedObject): boolean =>
  groupOf(apiVersion) === '' && kind === 'Secret';

/** The change without its values where they are, or hold, those of a Secret. */
export function concealed(object: RenderedObject, change: FieldChange): FieldChange {
  const isHidden = isSecret(object)
    ? !isHarmless(change.afterPath)
    : holdsSecret(change.before) || holdsSecret(change.after);
  if (!isHidden) return change;
  const { before, after, ...rest } = change;
  return { ...rest, hidden: true };
}

// Annotations are not: `kubectl apply` writes the whole Secret into one.
const isHarmless = ([first, second]: Path): boolean =>
  first === 'type' ||
  first === 'immutable' ||
  first === 'apiVersion' ||
  (first === 'metadata' && (second === 'labels' || second === 'name' || second === 'namespace'));

/** Whether a whole Secret stands in it: as a value, or as the text of a manifest or a patch. */
function holdsSecret(value: Json | undefined): boolean {
  if (typeof value === 'string') return /(?:^|[\s{,])["']?kind["']?\s*:\s*["']?Secret\b/.test(value);
  if (Array.isArray(value)) return value.some(holdsSecret);
  return isMap(value) && (value['kind'] === 'Secret' || Object.values(value).some(holdsSecret));
}
