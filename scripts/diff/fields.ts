import type { Json, JsonObject, Path } from '../yaml/node.ts';
import type { FieldChange } from './change.ts';
import { canonical, isEqual, isMap } from './json.ts';
import { type KnownType, matchItems, typeOfField, typeOfItem } from './lists.ts';

/** What differs between two values of one object, each difference as deep as it goes. */
export function fieldChanges(before: JsonObject, after: JsonObject, type: KnownType): readonly FieldChange[] {
  const changes: FieldChange[] = [];
  collect(changes, { value: before, path: [] }, { value: after, path: [] }, '', type);
  return changes;
}

interface Place {
  readonly value: Json | undefined;
  readonly path: Path;
}

function collect(changes: FieldChange[], before: Place, after: Place, shown: string, type: KnownType): void {
  const [left, right] = [before.value, after.value];
  const report = (kind: FieldChange['kind']): void => {
    changes.push({
      path: shown,
      beforePath: before.path,
      afterPath: after.path,
      ...(left !== undefined && { before: left }),
      ...(right !== undefined && { after: right }),
      kind,
    });
  };
  if (isEqual(left, right)) return;
  if (left === undefined) report('added');
  else if (right === undefined) report('removed');
  else if (isMap(left) && isMap(right)) {
    for (const key of [...new Set([...Object.keys(left), ...Object.keys(right)])].sort())
      collect(
        changes,
        { value: own(left, key), path: [...before.path, key] },
        { value: own(right, key), path: [...after.path, key] },
        joined(shown, key),
        typeOfField(type, key),
      );
  } else if (Array.isArray(left) && Array.isArray(right)) {
    if (![...left, ...right].every((item) => isMap(item)))
      report(hasSameItems(left, right) ? 'reordered' : 'changed');
    else {
      const { items, reordered } = matchItems(left, right, type);
      for (const { label, before: from, after: to } of items)
        collect(
          changes,
          { value: from === undefined ? undefined : left[from], path: [...before.path, from ?? left.length] },
          { value: to === undefined ? undefined : right[to], path: [...after.path, to ?? right.length] },
          `${shown}[${label}]`,
          typeOfItem(type),
        );
      if (reordered) report('reordered');
    }
  } else report('changed');
}

const own = (value: JsonObject, key: string): Json | undefined =>
  Object.hasOwn(value, key) ? value[key] : undefined;

const hasSameItems = (a: readonly Json[], b: readonly Json[]): boolean =>
  a.length === b.length && isEqual(a.map(canonical).sort(), b.map(canonical).sort());

/** `metadata.annotations["example.com/note"]`. */
const joined = (path: string, key: string): string =>
  /^[\w-]+$/.test(key) ? (path === '' ? key : `${path}.${key}`) : `${path}[${JSON.stringify(key)}]`;
