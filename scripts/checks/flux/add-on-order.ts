import { describe } from '../../finding.ts';
import { groupOf, isKind, locate, type RenderedObject } from '../../render/object.ts';
import { textAt } from '../../yaml/node.ts';
import { isUnknown } from '../reference/known-cluster.ts';
import type { Rule } from '../rule.ts';
import { type FluxSubject, orderOf, printBuild } from './flux-objects.ts';

interface AddOn {
  /** The Flux object that brings the definitions, which are in no manifest here. */
  readonly kind: 'HelmRelease' | 'Kustomization';
  readonly name: string;
  readonly groups: readonly string[];
}

const addOns: readonly AddOn[] = [
  { kind: 'HelmRelease', name: 'cert-manager', groups: ['cert-manager.io', 'acme.cert-manager.io'] },
  { kind: 'HelmRelease', name: 'metallb', groups: ['metallb.io'] },
  { kind: 'Kustomization', name: 'k8up-definitions', groups: ['k8up.io'] },
];

export const addOnOrder: Rule<FluxSubject> = {
  id: 'flux/add-on-order',
  severity: 'error',
  title: 'What is of an add-on’s kinds is applied after the add-on',
  why: 'A chart brings its definitions and its webhook. Before that the API server knows no such kind, and refuses with it everything that the same Kustomization applies.',
  fix: 'Add `dependsOn` on the Kustomization that brings the add-on, or on one that waits for it.',
  docs: 'https://fluxcd.io/flux/components/kustomize/kustomizations/#dependencies',
  scope: 'infometis',
  *check(subject) {
    const { builds } = subject.environment;
    for (const build of builds) {
      const seen = new Set<AddOn>();
      for (const object of build.objects) {
        const addOn = addOns.find(({ groups }) => groups.includes(groupOf(object.apiVersion)));
        if (!addOn || seen.has(addOn)) continue;
        seen.add(addOn);
        const maker = builds.find(({ objects }) => objects.some((each) => isAddOn(each, addOn)));
        const from = subject.kustomizationOf(build);
        if (!maker) {
          // It may be in a build that failed.
          if (builds.some(isUnknown)) continue;
          yield {
            message: `${describe(object)}: ${addOn.kind} ${addOn.name}, which brings this kind, is not in the environment: the API server refuses it`,
            fix: `Add the component ${addOn.name} to the environment.`,
            at: locate(object, ['apiVersion']),
            object,
          };
        } else if (maker !== build && orderOf(subject, build, maker) !== 'before') {
          const to = subject.kustomizationOf(maker);
          yield {
            message: `${describe(object)}: its kind comes with ${printBuild(subject, maker)}, and ${printBuild(subject, build)} does not wait for it: on a new cluster nothing of it is applied`,
            ...(to && { fix: `Add \`- name: ${to.name}\`, or one that waits for it, to the dependsOn.` }),
            at: from ? locate(from, ['spec', 'dependsOn']) : locate(object, ['apiVersion']),
            object: from ?? object,
          };
        }
      }
    }
  },
};

const isAddOn = (object: RenderedObject, { kind, name }: AddOn): boolean =>
  object.name === name &&
  (isKind(object, 'helm.toolkit.fluxcd.io', kind) || isKind(object, 'kustomize.toolkit.fluxcd.io', kind)) &&
  textAt(object.node, ['metadata', 'namespace']) === 'flux-system';
