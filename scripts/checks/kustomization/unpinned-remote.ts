import type { Rule } from '../rule.ts';
import type { KustomizationSubject } from './subject.ts';

const moving = /^(?:main|master|head|develop|trunk|latest|release)$/i;
const version = /^v?\d+(?:\.\d+)*(?:[-+._].*)?$|^[0-9a-f]{7,40}$|\d+\.\d+/i;

export const unpinnedRemote: Rule<KustomizationSubject> = {
  id: 'kustomization/unpinned-remote',
  severity: 'warning',
  title: 'What a kustomization fetches from elsewhere is pinned to a commit or a tag.',
  why: 'The content changes under you: the same commit deploys something else tomorrow, and nobody reviewed it.',
  fix: 'Add `?ref=<commit or tag>` to a Git address, or copy the files into the repository.',
  docs: 'https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/resource/',
  scope: 'general',
  *check(subject) {
    for (const { remote, text, field, origin } of subject.references) {
      if (!remote || isPinned(text)) continue;
      const ref = refOf(text);
      yield {
        message: ref
          ? `\`${text}\` in \`${field}\` follows \`${ref}\`, which moves`
          : `\`${text}\` in \`${field}\` is fetched from elsewhere without a version`,
        at: origin,
      };
    }
  },
};

const refOf = (text: string): string | undefined => /[?&](?:ref|version)=([^&]+)/.exec(text)?.[1];

function isPinned(text: string): boolean {
  const ref = refOf(text);
  if (ref !== undefined) return !moving.test(ref) && !ref.startsWith('refs/heads/');
  // A file served over HTTP has its version in the path, as in /v1.2.3/install.yaml; a Git address without ref has none.
  if (!/^https?:\/\/.*\.(?:ya?ml|json)$/i.test(text)) return false;
  const segments = new URL(text).pathname.split('/');
  return (
    segments.some((segment) => version.test(segment)) && !segments.some((segment) => moving.test(segment))
  );
}
