import { describe } from '../../finding.ts';
import { locate } from '../../render/object.ts';
import { nearestName } from '../../text/nearest.ts';
import type { Report } from '../rule.ts';
import { type ConfigKind, configReferences } from './config-references.ts';
import { printTarget, type ReferenceSubject } from './index-objects.ts';

/** Reports on keys that are read and that their ConfigMap or Secret does not have. */
export function* missingKeys(subject: ReferenceSubject, kind: ConfigKind): Generator<Report> {
  for (const { object, target, reader, consequence, keys, severity } of configReferences(subject, kind)) {
    const present =
      kind === 'ConfigMap'
        ? subject.configMapKeys(target.namespace, target.name)
        : subject.secretKeys(target.namespace, target.name);
    if (present === undefined || present === 'any') continue;
    for (const { key, path } of keys) {
      if (present.has(key)) continue;
      const nearest = nearestName(key, present);
      const hint = nearest === undefined ? listed(present) : `; did you mean \`${nearest}\`?`;
      yield {
        message: `${describe(object)}: ${reader} reads key \`${key}\` of ${printTarget(target)}, which has no such key: ${consequence}${hint}`,
        fix: `Write a key that ${printTarget(target)} has, or add \`${key}\` to it.`,
        at: locate(object, path),
        object,
        severity,
      };
    }
  }
}

const listed = (keys: ReadonlySet<string>): string =>
  keys.size === 0 ? '; it has no keys' : `; it has ${[...keys].map((key) => `\`${key}\``).join(', ')}`;
