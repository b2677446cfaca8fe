import type { Rule } from '../rule.ts';
import { fieldOf, itemsOf, textOf } from './kustomization-files.ts';
import type { KustomizationSubject } from './subject.ts';

export const patchEntry: Rule<KustomizationSubject> = {
  id: 'kustomization/patch-entry',
  severity: 'error',
  title: 'A patch has either a path or its text.',
  why: 'kustomize refuses a patch with both or with neither, and nothing is deployed.',
  fix: 'Write `path:` for a file, or `patch:` for the text itself.',
  docs: 'https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/patches/',
  scope: 'general',
  *check(subject) {
    for (const field of ['patches', 'patchesJson6902'])
      for (const item of itemsOf(subject.node, field)) {
        if (item.type !== 'map') continue;
        const path = textOf(item, 'path') ?? '';
        const patch = textOf(item, 'patch') ?? '';
        if (path !== '' && patch !== '')
          yield {
            message: `the patch has both a path (\`${path}\`) and a text: kustomize refuses it`,
            fix: 'Make two entries of it, or remove one of the fields.',
            at: fieldOf(item, 'patch')?.origin ?? item.origin,
          };
        // A field of the wrong type is reported as such.
        else if (path === '' && patch === '' && !isOtherType(item))
          yield {
            message: 'the patch has neither `path` nor `patch`: kustomize refuses it',
            at: item.origin,
          };
      }
  },
};

const isOtherType = (item: Parameters<typeof fieldOf>[0]): boolean =>
  ['path', 'patch'].some((name) => {
    const value = fieldOf(item, name)?.value;
    return (
      value !== undefined &&
      !(value.type === 'scalar' && (value.value === null || typeof value.value === 'string'))
    );
  });
