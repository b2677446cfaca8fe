import { describe } from '../../finding.ts';
import { isDecryptionDisabled } from '../../flux/build.ts';
import { locate } from '../../render/object.ts';
import { at } from '../../yaml/node.ts';
import type { Rule } from '../rule.ts';
import { type FluxSubject, printBuild } from './flux-objects.ts';

export const decryption: Rule<FluxSubject> = {
  id: 'flux/decryption',
  severity: 'error',
  title: 'What SOPS has encrypted is decrypted by its Kustomization',
  why: 'Without `spec.decryption` Flux applies the ciphertext of `stringData` as if it were the value and reports Ready; with `data` it fails.',
  fix: 'Set `spec.decryption` with the provider `sops` and the Secret that holds the key.',
  docs: 'https://fluxcd.io/flux/components/kustomize/kustomizations/#decryption',
  scope: 'general',
  *check(subject) {
    for (const build of subject.environment.builds) {
      const kustomization = subject.kustomizationOf(build);
      const decrypts = kustomization && at(kustomization.node, ['spec', 'decryption', 'provider']);
      for (const object of build.objects) {
        if (at(object.node, ['sops'])?.type !== 'map') continue;
        if (decrypts) {
          // Without its `mac` it is another rule's.
          if (!isDecryptionDisabled(object.node)) continue;
          yield {
            message: `${describe(object)} is encrypted with SOPS, and an annotation keeps Flux from decrypting it: the ciphertext itself reaches the cluster, or nothing does`,
            fix: 'Remove the annotation `kustomize.toolkit.fluxcd.io/decrypt`.',
            at: locate(object, ['metadata', 'annotations', 'kustomize.toolkit.fluxcd.io/decrypt']),
            object,
          };
          continue;
        }
        yield {
          message: `${describe(object)} is encrypted with SOPS, and ${printBuild(subject, build)} does not decrypt: the ciphertext itself reaches the cluster, or nothing does`,
          at: locate(object, ['sops']),
          object,
        };
      }
    }
  },
};
