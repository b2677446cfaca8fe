import { containersOf, podTemplateOf } from '../../kubernetes/pod-template.ts';
import type { Repository } from '../../render/environment.ts';
import { didYouMean } from '../../text/nearest.ts';
import { type MapNode, textAt } from '../../yaml/node.ts';
import type { Rule } from '../rule.ts';
import { unmatched } from './unmatched.ts';

export const unmatchedImage: Rule<Repository> = {
  id: 'kustomization/unmatched-image',
  severity: 'error',
  title: 'Every entry of `images` finds a container that uses it.',
  why: 'kustomize skips the entry without a word: the pods run the tag that stands in the workload, not the one you chose here.',
  fix: 'Write the image’s name exactly as the workload has it, registry included and without its tag.',
  docs: 'https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/images/',
  scope: 'general',
  *check(repository) {
    for (const { origin, node, candidates, notice } of unmatched(repository, 'unmatched-image')) {
      const name = textAt(node, []);
      yield {
        message:
          name === undefined
            ? notice.message
            : `no container has the image \`${name}\`, so this entry changes nothing${didYouMean(name, imagesOf(candidates))}`,
        at: origin,
      };
    }
  },
};

/** The names of the images in use, without tag and digest. */
function imagesOf(candidates: readonly MapNode[]): Set<string> {
  const names = new Set<string>();
  for (const node of candidates) {
    const template = podTemplateOf({ kind: textAt(node, ['kind']) ?? '', node });
    for (const container of template ? containersOf(template) : []) {
      const image = textAt(container.node, ['image']);
      if (image !== undefined) names.add(image.replace(/@.*$/, '').replace(/:[^/:]*$/, ''));
    }
  }
  return names;
}
