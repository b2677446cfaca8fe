// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Flux's syntax in the rule's own words.
import type { Build } from '../../render/environment.ts';
import { locate } from '../../render/object.ts';
import { at, originInText } from '../../yaml/node.ts';
import type { Rule } from '../rule.ts';
import { unsubstitutedTexts } from './scalars.ts';

const placeholder = /(?<!\$)\$\{[^}\n]{0,40}\}?/g;

export const unprotectedPlaceholder: Rule<Build> = {
  id: 'substitution/placeholder',
  severity: 'error',
  title: 'A `${…}` that is meant for a program is protected from Flux.',
  why: 'Scripts, dashboards and property files have `${…}` of their own. As soon as somebody gives the Kustomization its first `postBuild` variable, Flux reads them as its own and the build fails.',
  fix: 'Annotate the object with `kustomize.toolkit.fluxcd.io/substitute: disabled`, or write the text without `${…}` (`$NAME` in a shell).',
  docs: 'https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution',
  scope: 'infometis',
  consequence: true,
  *check(build) {
    for (const { object, path, text } of unsubstitutedTexts(build)) {
      const found = text.match(placeholder);
      if (!found) continue;
      const more = found.length === 1 ? '' : ` (and ${found.length - 1} more)`;
      yield {
        message: `\`${found[0]}\`${more} in \`${path.join('.')}\` would be taken for a variable of Flux as soon as its Kustomization has any`,
        at: originInText(at(object.node, path), text.search(placeholder)) ?? locate(object, path),
        object,
      };
    }
  },
};
