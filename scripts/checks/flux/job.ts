import { describe } from '../../finding.ts';
import { isKind, locate } from '../../render/object.ts';
import { at, textAt } from '../../yaml/node.ts';
import type { Rule } from '../rule.ts';
import type { FluxSubject } from './flux-objects.ts';

const annotation = 'kustomize.toolkit.fluxcd.io/force';

export const job: Rule<FluxSubject> = {
  id: 'flux/job',
  severity: 'error',
  title: 'A Job can be changed, and is not run again without a change',
  why: 'The pod template of a Job is immutable: without the annotation the first change fails for ever. A Job that its TTL removed is made and run again at each interval.',
  fix: `Annotate the Job with \`${annotation}: enabled\` and leave \`ttlSecondsAfterFinished\` out.`,
  docs: 'https://fluxcd.io/flux/components/kustomize/kustomizations/#force',
  scope: 'infometis',
  *check(subject) {
    for (const object of subject.environment.objects) {
      if (!isKind(object, 'batch', 'Job')) continue;
      const path = ['metadata', 'annotations', annotation];
      const value = textAt(object.node, path);
      if (value?.toLowerCase() !== 'enabled')
        yield {
          message: `${describe(object)} ${value === undefined ? `lacks the annotation ${annotation}` : `has \`${value}\` for ${annotation}, which Flux takes only as \`enabled\``}: its first change is refused, since the pod template of a Job is immutable`,
          ...(value !== undefined && { fix: 'Write `enabled`.' }),
          at: locate(object, path),
          object,
        };
      if (at(object.node, ['spec', 'ttlSecondsAfterFinished']) !== undefined)
        yield {
          message: `${describe(object)} is deleted some time after it finished, and Flux makes and runs it again`,
          at: locate(object, ['spec', 'ttlSecondsAfterFinished']),
          object,
        };
    }
  },
};
