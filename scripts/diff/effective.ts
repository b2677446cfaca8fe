import { join } from 'node:path';
import { defaultObject } from '../kubernetes/defaults/index.ts';
import { openStore, type Store } from '../kubernetes/schema/store.ts';
import type { RenderedObject } from '../render/object.ts';
import type { Json, JsonObject } from '../yaml/node.ts';
import type { FieldChange } from './change.ts';
import { get, isEqual, isMap } from './json.ts';

const schemas = join(import.meta.dirname, '../../schemas');
let store: Store | undefined;

/**
 * An object as the API server would keep it, its defaults filled in and its quantities in one form: a default that somebody
 * spells out is no change. Of a kind without a schema, or where the object is not of its shape, as it stands.
 */
export function effective({ apiVersion, kind }: RenderedObject, value: JsonObject): JsonObject {
  try {
    store ??= openStore(schemas);
    const schema = store.kind(`${apiVersion} ${kind}`);
    return schema === undefined ? value : (defaultObject(store, schema, value) as JsonObject);
  } catch {
    return value;
  }
}

/** Whether a difference in the text makes one in the cluster. */
export function makesDifference(change: FieldChange, before: JsonObject, after: JsonObject): boolean {
  const [left, right] = [get(before, change.beforePath), get(after, change.afterPath)];
  if (left !== undefined || right !== undefined) return !isEqual(left, right);
  // The server keeps neither: it drops what is empty, and what it does not know (which the gate reports).
  return !(isEmpty(change.before) && isEmpty(change.after));
}

const isEmpty = (value: Json | undefined): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  value === false ||
  value === 0 ||
  (Array.isArray(value) && value.length === 0) ||
  (isMap(value) && Object.keys(value).length === 0);
