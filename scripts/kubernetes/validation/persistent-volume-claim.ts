/** Claims for volumes. Mirrors `ValidatePersistentVolumeClaimSpec`. */
import { type Errors, faultsOf } from './error.ts';
import { type Field, get, isSet, size, text, texts } from './field.ts';
import { isDnsSubdomain } from './formats.ts';
import { quantity } from './quantity.ts';
import { validateLabelSelector } from './selector.ts';

const { fault, missing, forbidden, oneOf } = faultsOf('storage');

const accessModes = ['ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOncePod'];

/** Access modes of a claim or a volume. */
export function* validateAccessModes(modes: Field): Errors {
  if (size(modes) === 0) yield missing(modes, 'at least one access mode is needed');
  const present = texts(modes);
  for (const [mode, item] of present) if (!accessModes.includes(mode)) yield oneOf(item, accessModes);
  const exclusive = present.some(([mode]) => mode === 'ReadWriteOncePod');
  if (exclusive && present.some(([mode]) => mode !== 'ReadWriteOncePod' && accessModes.includes(mode)))
    yield fault(modes, 'has ReadWriteOncePod beside others', 'write ReadWriteOncePod alone, or leave it out');
}

/** `Filesystem` or `Block`. */
export function* validateVolumeMode(mode: Field): Errors {
  if (isSet(mode) && !['Block', 'Filesystem'].includes(text(mode)))
    yield oneOf(mode, ['Block', 'Filesystem']);
}

/** Names of classes: `storageClassName`, `volumeAttributesClassName`. */
export function* validateClassName(name: Field): Errors {
  const wrong = text(name) === '' ? undefined : isDnsSubdomain(text(name));
  if (wrong !== undefined) yield fault(name, wrong, 'write the name of a class');
}

/** The spec of a claim, a claim template or an ephemeral volume. */
export function* validateClaimSpec(spec: Field, isClaim = false): Errors {
  yield* validateAccessModes(get(spec, 'accessModes'));
  yield* validateLabelSelector(get(spec, 'selector'));
  const storage = get(spec, 'resources', 'requests', 'storage');
  if (!isSet(storage)) yield missing(storage, 'a claim asks for a size');
  else if ((quantity(storage) ?? 1n) <= 0n)
    yield fault(
      storage,
      `is ${String(storage.value)}, which is not more than 0`,
      'write a size such as 10Gi',
    );
  yield* validateClassName(get(spec, 'storageClassName'));
  yield* validateClassName(get(spec, 'volumeAttributesClassName'));
  yield* validateVolumeMode(get(spec, 'volumeMode'));
  yield* validateDataSources(spec, isClaim);
}

const none: Field = { value: undefined, path: [] };

/** What dataSource was first made for; of a claim, not of a template, the server drops anything else in silence. */
const isOldSource = (source: Field): boolean =>
  ['/PersistentVolumeClaim', 'snapshot.storage.k8s.io/VolumeSnapshot'].includes(
    `${text(get(source, 'apiGroup'))}/${text(get(source, 'kind'))}`,
  );

/** `validateDataSource` and `validateDataSourceRef`; the server copies one to the other where one is missing. */
function* validateDataSources(spec: Field, isClaim: boolean): Errors {
  const written = get(spec, 'dataSourceRef');
  // A source in another namespace is behind a feature gate that is off: of a claim, the server drops it unseen.
  const reference = isClaim && text(get(written, 'namespace')) !== '' ? none : written;
  const source =
    isClaim && !isSet(reference) && !isOldSource(get(spec, 'dataSource')) ? none : get(spec, 'dataSource');
  for (const field of [source, reference]) {
    if (!isSet(field)) continue;
    for (const key of ['name', 'kind']) if (text(get(field, key)) === '') yield missing(get(field, key));
    const group = get(field, 'apiGroup');
    if (text(group) === '' && text(get(field, 'kind')) !== 'PersistentVolumeClaim')
      yield fault(field, 'has no apiGroup, so it can only be a PersistentVolumeClaim', 'write `apiGroup`');
    const wrong = text(group) === '' ? undefined : isDnsSubdomain(text(group));
    if (wrong !== undefined) yield fault(group, wrong, 'write the name of an API group');
  }
  if (!isSet(source) || !isSet(reference)) return;
  if (text(get(reference, 'namespace')) !== '')
    return yield forbidden(source, 'dataSourceRef names another namespace');
  const differs = ['apiGroup', 'kind', 'name'].some(
    (key) => text(get(source, key)) !== text(get(reference, key)),
  );
  if (differs) yield forbidden(source, 'dataSourceRef says something else');
}
