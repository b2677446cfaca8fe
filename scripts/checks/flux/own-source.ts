import { describe } from '../../finding.ts';
import { sourceOf } from '../../flux/source.ts';
import { isKind, locate } from '../../render/object.ts';
import { at, textAt } from '../../yaml/node.ts';
import type { Rule } from '../rule.ts';
import type { FluxSubject } from './flux-objects.ts';

const branch = 'main';

export const ownSource: Rule<FluxSubject> = {
  id: 'flux/own-source',
  severity: 'error',
  title: 'A component is built from the main branch of this repository',
  why: 'What Flux builds from another repository or branch passed neither this gate nor a review here, whatever the files of the same name say.',
  fix: 'Let its GitRepository take its URL from the fact repositoryUrl, and `ref.branch: main`; a commit beside it pins the component.',
  docs: 'https://fluxcd.io/flux/components/source/gitrepositories/#reference',
  scope: 'infometis',
  *check(subject) {
    const facts = `overlays/${subject.environment.name}/environment/environment.yaml`;
    const fact = textAt(subject.repository.sources.yaml(facts)?.documents[0]?.node, [
      'data',
      'repositoryUrl',
    ]);
    for (const kustomization of subject.kustomizations) {
      const path = textAt(kustomization.node, ['spec', 'path']);
      if (!path?.replace(/^\.\//, '').startsWith(`overlays/${subject.environment.name}/`)) continue;
      const { kind, name, namespace } = sourceOf(kustomization);
      const source = subject.references
        .everywhere('source.toolkit.fluxcd.io', kind, namespace)
        .find((object) => object.name === name);
      const url = textAt(source?.node, ['spec', 'url']);
      if (
        !subject.isFromRepository(kustomization) ||
        (fact !== undefined && url !== undefined && url !== fact)
      ) {
        yield {
          message: `${describe(kustomization)}: it builds ${path} from ${kind} ${name}, which is not this repository: what it applies is checked by nobody`,
          at: source ? locate(source, ['spec', 'url']) : locate(kustomization, ['spec', 'sourceRef', 'name']),
          object: source ?? kustomization,
        };
        continue;
      }
      // The source that `flux bootstrap` makes is in Git only afterwards.
      if (!source || !isKind(source, 'source.toolkit.fluxcd.io', 'GitRepository')) continue;
      const other = ['tag', 'semver', 'name'].find((field) => at(source.node, ['spec', 'ref', field]));
      const field = other ?? 'branch';
      const value = textAt(source.node, ['spec', 'ref', field]);
      if (field === 'branch' && value === branch) continue;
      yield {
        message: `${describe(source)}: ${describe(kustomization)} is built from its ${field} \`${value ?? 'master'}\`, and what was checked is \`${branch}\``,
        at: locate(source, ['spec', 'ref', field]),
        object: source,
      };
    }
  },
};
