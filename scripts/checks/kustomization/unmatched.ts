import type { BuildNotice } from '../../kustomize/build.ts';
import type { Report } from '../rule.ts';
import type { KustomizationSubject } from './subject.ts';

/**
 * What matched nothing in any build that reads the kustomization. A base may patch what only some overlays have; and as
 * long as one of the builds fails, nobody knows what it would have matched there.
 */
export function* unmatched(subject: KustomizationSubject, code: BuildNotice['code']): Generator<Report> {
  if (subject.usedBy.some((build) => build.failures.length > 0)) return;
  const byPlace = new Map<string, { readonly notice: BuildNotice; matched: boolean }>();
  for (const notice of subject.notices) {
    if (notice.code !== code) continue;
    const key = `${notice.origin.line}:${notice.origin.column}`;
    const known = byPlace.get(key);
    if (known) known.matched ||= notice.matched;
    else byPlace.set(key, { notice, matched: notice.matched });
  }
  for (const { notice, matched } of byPlace.values())
    if (!matched) yield { message: notice.message, fix: notice.fix, at: notice.origin };
}
