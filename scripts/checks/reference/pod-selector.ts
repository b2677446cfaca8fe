import { describe } from '../../finding.ts';
import { printRequirement, requirementsOf } from '../../kubernetes/selectors.ts';
import { locate, type RenderedObject } from '../../render/object.ts';
import { at, type Path } from '../../yaml/node.ts';
import type { Report } from '../rule.ts';
import type { ReferenceSubject } from './index-objects.ts';
import { nearestWorkload, printNearMiss, selectedWorkloads } from './matching-pods.ts';

/** The report on a selector of pods that finds none; `consequence` says what that means. */
export function* reportUnmatched(
  subject: ReferenceSubject,
  object: RenderedObject,
  path: Path,
  consequence: string,
): Generator<Report> {
  const selector = at(object.node, path);
  const requirements = requirementsOf(selector);
  if (requirements.length === 0) return;
  const namespace = subject.namespaceOf(object) ?? 'default';
  if (selectedWorkloads(subject, namespace, requirements).length > 0) return;
  const miss = nearestWorkload(subject.workloadsIn(namespace), requirements);
  if (subject.isOpaque(namespace) && !(miss?.slip && requirements.length > 1)) return;
  yield {
    message: `${describe(object)}: no pod of namespace ${namespace} has ${requirements.map(printRequirement).join(', ')}: ${consequence}${printNearMiss(miss)}`,
    at: locate(object, [...path, 'matchLabels', miss?.requirement.key ?? requirements[0]!.key]),
    object,
  };
}
