import { parseQuantity } from '../../kubernetes/quantity.ts';
import type { Json, Path } from '../../yaml/node.ts';
import { get, listIn, textIn } from '../json.ts';
import { type Kept, keptObjects, report } from './report.ts';
import type { DangerReport, DangerRule } from './rule.ts';

export const volumeShrunk: DangerRule = {
  id: 'volume-shrunk',
  severity: 'danger',
  title: 'A volume gets smaller',
  why: 'No claim can shrink: the API server refuses it. Of a StatefulSet the new size counts for new claims only, so pods end up with volumes of different sizes; of a PersistentVolume the claim that is bound to it asks for more than it says to have.',
  fix: 'Leave the size, or move the data to a new volume first.',
  *check(change) {
    for (const kept of keptObjects(change, '/PersistentVolumeClaim'))
      yield* compare(kept, ['spec', 'resources', 'requests', 'storage'], 'the claim');
    for (const kept of keptObjects(change, '/PersistentVolume'))
      yield* compare(kept, ['spec', 'capacity', 'storage'], 'the volume');
    for (const kept of keptObjects(change, 'apps/StatefulSet')) {
      const templates = (value: Json): readonly Json[] => listIn(value, ['spec', 'volumeClaimTemplates']);
      const before = templates(kept.before.value);
      for (const [index, template] of templates(kept.after.value).entries()) {
        const name = textIn(template, ['metadata', 'name']);
        const old = before.find((candidate) => textIn(candidate, ['metadata', 'name']) === name);
        const path = ['spec', 'resources', 'requests', 'storage'];
        const place = ['spec', 'volumeClaimTemplates', index, ...path];
        if (old)
          yield* shrunk(kept, get(old, path), get(template, path), place, `claim template \`${name}\``);
      }
    }
  },
};

const compare = (kept: Kept, path: Path, what: string) =>
  shrunk(kept, get(kept.before.value, path), get(kept.after.value, path), path, what);

function* shrunk(
  kept: Kept,
  before: Json | undefined,
  after: Json | undefined,
  path: Path,
  what: string,
): Generator<DangerReport> {
  const [old, now] = [before, after].map((size) =>
    typeof size === 'string' || typeof size === 'number' ? parseQuantity(size) : undefined,
  );
  if (old !== undefined && now !== undefined && now < old)
    yield report(kept, path, `${what} shrinks from ${before} to ${after}`);
}
