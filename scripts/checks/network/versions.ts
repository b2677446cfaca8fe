/** Which declarations of flows hold where components are pinned to commits. */

import type { Repository } from '../../render/environment.ts';
import type { Sources } from '../../repository/sources.ts';
import { type Flow, type FlowsFile, readFlows } from './flows-file.ts';
import type { FlowsVersion } from './plan.ts';
import type { PodGroup } from './subject.ts';

/**
 * The flows of the working tree and, in a mix of commits, those of each commit. A flow is needed by where it comes from: it
 * holds as the commit of that component declares it. What comes from outside is declared with the component that it reaches.
 */
export function flowsVersions(
  { sources, sourcesOf }: Repository,
  environment: string,
  file: FlowsFile,
  pods: readonly PodGroup[],
): readonly [FlowsVersion, ...FlowsVersion[]] {
  const { networks, flows } = file;
  if (!sourcesOf) return [{ sources, networks, flows }];
  const origin = new Map<string, Sources>();
  for (const { workload, labels } of pods) {
    const name = labels['app.kubernetes.io/name'];
    if (workload && name !== undefined) origin.set(name, sourcesOf(environment, workload.object.component));
  }
  const of = (own: Sources): FlowsVersion => {
    const declared = own === sources ? file : readFlows(own);
    return {
      sources: own,
      networks: declared?.networks ?? [],
      flows: (declared?.flows ?? []).flatMap((flow) =>
        ownPart(flow, (component) => (origin.get(component) ?? sources) === own, own === sources),
      ),
    };
  };
  return [of(sources), ...[...new Set(origin.values())].filter((own) => own !== sources).map(of)];
}

function ownPart(flow: Flow, isOwn: (component: string) => boolean, isTree: boolean): Flow[] {
  const split = (ends: Flow['from']) => ({
    own: ends.filter(({ kind, name }) => kind === 'component' && isOwn(name)),
    others: ends.filter(({ kind }) => kind !== 'component'),
  });
  const [from, to] = [split(flow.from), split(flow.to)];
  return [
    { ...flow, from: from.own },
    { ...flow, from: from.others, to: to.own },
    ...(isTree ? [{ ...flow, from: from.others, to: to.others }] : []),
  ].filter((part) => part.from.length > 0 && part.to.length > 0);
}
