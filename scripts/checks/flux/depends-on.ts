import { describe } from '../../finding.ts';
import { locate } from '../../render/object.ts';
import { nearestName, slipOf } from '../../text/nearest.ts';
import { bootstrapName } from '../reference/own-source.ts';
import type { Rule } from '../rule.ts';
import { dependenciesOf, type FluxSubject, fluxName } from './flux-objects.ts';

export const dependsOn: Rule<FluxSubject> = {
  id: 'flux/depends-on',
  severity: 'error',
  title: 'What a Kustomization or HelmRelease depends on exists',
  why: 'Flux waits for a dependency that does not exist for ever: the status says DependencyNotReady and nothing is applied.',
  fix: 'Write the name of a Flux object of the same kind, with its `namespace` where that is another, or remove the entry.',
  docs: 'https://fluxcd.io/flux/components/kustomize/kustomizations/#dependencies',
  scope: 'general',
  *check(subject) {
    for (const objects of [subject.kustomizations, subject.helmReleases]) {
      const names = subject.names(objects === subject.helmReleases ? 'HelmRelease' : 'Kustomization');
      for (const object of objects)
        for (const { name, namespace, target, path } of dependenciesOf(subject, object)) {
          const at = locate(object, path);
          if (target === fluxName(subject, object)) {
            yield {
              message: `${describe(object)} depends on itself: it is never applied`,
              fix: 'Remove the entry.',
              at,
              object,
            };
            continue;
          }
          // `flux bootstrap`, or whatever stands for it, makes the root.
          if (names.has(target) || target === `${bootstrapName}/${bootstrapName}`) continue;
          const local = [...names]
            .filter((each) => each.startsWith(`${namespace}/`))
            .map((each) => each.slice(namespace.length + 1));
          const nearest = subject.complete ? nearestName(name, local) : slipOf(name, local);
          if (!subject.complete && nearest === undefined) continue;
          const elsewhere = [...names].find((each) => each.endsWith(`/${name}`));
          const hint = nearest
            ? `; did you mean \`${nearest}\`?`
            : elsewhere
              ? `; there is one in namespace ${elsewhere.split('/')[0]}`
              : '';
          yield {
            message: `${describe(object)} depends on ${object.kind} ${target}, which does not exist: it waits for ever and is never applied${hint}`,
            fix: nearest ? `Write \`name: ${nearest}\`, or remove the entry.` : dependsOn.fix,
            at,
            object,
            ...(!subject.complete && { severity: 'warning' as const }),
          };
        }
    }
  },
};
