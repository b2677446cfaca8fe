import { podTemplateOf, volumesOf } from '../../kubernetes/pod-template.ts';
import { at } from '../../yaml/node.ts';
import type { EnvironmentChange, ImageChange } from '../change.ts';
import { compareVersions, parseImage, versionOf } from '../version.ts';
import { isOneOf, report } from './report.ts';
import type { DangerRule } from './rule.ts';

export const imageDowngraded: DangerRule = {
  id: 'image-downgraded',
  severity: 'danger',
  title: 'A program becomes older',
  why: 'A newer version may have written its data in a form that the older cannot read: the store does not start, or starts and loses what it does not understand.',
  fix: 'Follow the runbook’s way back; where there is none, restore the data from before the upgrade.',
  *check(change) {
    for (const step of versionSteps(change))
      if (compareVersions(step.after, step.before) < 0)
        yield report(
          step.image.change,
          step.image.path,
          `${step.what} goes back from ${step.from} to ${step.to}`,
          keepsNothing(step.image)
            ? { severity: 'notice', fix: 'Nothing, if it is meant: it keeps no data of its own.' }
            : {},
        );
  },
};

const stateless = ['apps/Deployment', 'apps/DaemonSet', 'batch/Job', 'batch/CronJob'];

/** A workload without a claim; a StatefulSet counts as a store all the same, and a chart may install anything. */
function keepsNothing({ type, change: { after } }: ImageChange): boolean {
  if (type === 'chart' || !after || !isOneOf(after, stateless)) return false;
  const template = podTemplateOf(after);
  return (
    template !== undefined && volumesOf(template).every(({ node }) => !at(node, ['persistentVolumeClaim']))
  );
}

interface VersionStep {
  readonly image: ImageChange;
  /** `image confluentinc/cp-kafka`. */
  readonly what: string;
  readonly from: string;
  readonly to: string;
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** The images and charts that change their version; another program under the same container's name is no step. */
export function* versionSteps({ images }: EnvironmentChange): Generator<VersionStep> {
  for (const image of images) {
    const [old, now] = [parseImage(image.before), parseImage(image.after)];
    // A mirror of a registry has the same last part.
    if (programOf(old.repository) !== programOf(now.repository)) continue;
    const [before, after] = [versionOf(old.tag), versionOf(now.tag)];
    if (before && after)
      yield { image, what: `${image.type} ${now.repository}`, from: old.tag, to: now.tag, before, after };
  }
}

const programOf = (repository: string): string => repository.slice(repository.lastIndexOf('/') + 1);
