import { posix } from 'node:path';
import { describe } from '../../finding.ts';
import { sourceOf } from '../../flux/source.ts';
import { isKind, locate } from '../../render/object.ts';
import { itemsAt, textAt } from '../../yaml/node.ts';
import type { Rule } from '../rule.ts';
import type { FluxSubject } from './flux-objects.ts';

export const sparseDirectory: Rule<FluxSubject> = {
  id: 'flux/sparse-directory',
  severity: 'error',
  title: 'The directories that a GitRepository checks out are there',
  why: 'Flux refuses the whole source while one of them is missing: its components stay at what they run.',
  fix: 'Correct the path, or take it off the list.',
  docs: 'https://fluxcd.io/flux/components/source/gitrepositories/#sparse-checkout',
  scope: 'general',
  *check(subject) {
    const { repository, environment, kustomizations, references } = subject;
    for (const source of environment.objects) {
      if (!isKind(source, 'source.toolkit.fluxcd.io', 'GitRepository')) continue;
      const namespace = references.namespaceOf(source);
      const builtFrom = kustomizations.find((kustomization) => {
        const from = sourceOf(kustomization);
        return (
          from.kind === source.kind &&
          from.name === source.name &&
          (from.namespace ?? 'default') === namespace
        );
      });
      // Of another repository nothing is known.
      if (!builtFrom || !subject.isFromRepository(builtFrom)) continue;
      const { files } = repository.sourcesOf?.(environment.name, builtFrom.name) ?? repository.sources;
      for (const [index, item] of itemsAt(source.node, ['spec', 'sparseCheckout']).entries()) {
        const directory = textAt(item, []);
        if (
          directory === undefined ||
          files.kind(posix.normalize(directory).replace(/\/$/, '')) === 'directory'
        )
          continue;
        yield {
          message: `${describe(source)}: there is no directory \`${directory}\` in what it checks out`,
          at: locate(source, ['spec', 'sparseCheckout', index]),
          object: source,
        };
      }
    }
  },
};
