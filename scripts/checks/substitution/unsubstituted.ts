// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Flux's syntax in the rule's own words.
import type { Build } from '../../render/environment.ts';
import { groupOf, locate, type RenderedObject } from '../../render/object.ts';
import type { Path } from '../../yaml/node.ts';
import type { Rule } from '../rule.ts';
import { unsubstitutedTexts } from './scalars.ts';

// Kinds whose fields Kubernetes itself reads. Others may have templates of their own that look the same.
const groups = new Set([
  '',
  'apps',
  'batch',
  'networking.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'autoscaling',
  'storage.k8s.io',
  'scheduling.k8s.io',
]);
const fluxFields = new Set(['path', 'targetNamespace', 'url', 'serviceAccountName', 'sourceRef', 'interval']);
const variable = /(?<!\$)\$\{([A-Za-z_][A-Za-z0-9_]*)(?::[-=?+][^}]*)?\}/;

export const unsubstituted: Rule<Build> = {
  id: 'substitution/unsubstituted',
  severity: 'error',
  title: 'No `${NAME}` reaches the cluster as it is.',
  why: 'Without `postBuild` variables Flux substitutes nothing: the API server refuses the text, or the component runs with a literal `${NAME}`.',
  fix: 'Set the variable under `postBuild.substitute` of the Flux Kustomization, or write the value.',
  docs: 'https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution',
  scope: 'general',
  *check(build) {
    for (const { object, path, text } of unsubstitutedTexts(build)) {
      const name = variable.exec(text)?.[1];
      if (name === undefined || !isRead(object, path)) continue;
      // A program may well expand the value of an environment variable itself.
      const inProgram = path.at(-1) === 'value' && path.at(-3) === 'env';
      yield {
        message: `\`\${${name}}\` in \`${path.join('.')}\` reaches the cluster as it is: ${owner(build)} sets no variables, so Flux substitutes nothing`,
        fix: `Set \`${name}\` under \`spec.postBuild.substitute\` of the Flux Kustomization, or write the value here.`,
        at: locate(object, path),
        object,
        ...(inProgram && { severity: 'warning' }),
      };
    }
  },
};

const owner = ({ kustomization, component }: Build): string =>
  kustomization ? `Kustomization \`${kustomization.name}\`` : `the Kustomization \`${component}\``;

/** Whether Kubernetes or Flux reads the field, and not a program to which `${…}` means something else. */
function isRead(object: RenderedObject, path: Path): boolean {
  const group = groupOf(object.apiVersion);
  if (group.endsWith('.toolkit.fluxcd.io'))
    return path[0] === 'metadata'
      ? !path.includes('annotations')
      : path[0] === 'spec' && fluxFields.has(String(path[1]));
  if (!groups.has(group)) return false;
  if (object.kind === 'ConfigMap' || object.kind === 'Secret')
    return path[0] === 'metadata' && !path.includes('annotations');
  const program = path.some(
    (segment) => segment === 'command' || segment === 'args' || segment === 'annotations',
  );
  return !program;
}
