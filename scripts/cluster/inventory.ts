import type { JsonObject } from '../yaml/node.ts';
import { field, objects, textField } from './json.ts';

/** An object that Flux has applied: `infometis_kafka_apps_StatefulSet` is its id. */
export interface InventoryEntry {
  readonly namespace: string;
  readonly name: string;
  readonly group: string;
  readonly kind: string;
  readonly version: string;
}

/** What Flux has applied for a Kustomization. Mirrors `ssa.ObjectInventory`: names of RBAC objects have `__` for a colon. */
export const inventoryOf = (kustomization: JsonObject): readonly InventoryEntry[] =>
  objects(field(kustomization, 'status', 'inventory', 'entries')).flatMap((entry) => {
    const [, namespace = '', name = '', group = '', kind = ''] =
      /^([^_]*)_(.+)_([^_]*)_([^_]+)$/.exec(textField(entry, 'id') ?? '') ?? [];
    return kind === ''
      ? []
      : [{ namespace, name: name.replaceAll('__', ':'), group, kind, version: textField(entry, 'v') ?? '' }];
  });
