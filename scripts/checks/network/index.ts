import type { Repository } from '../../render/environment.ts';
import { isKind } from '../../render/object.ts';
import type { StageDefinition } from '../stage.ts';
import { blockedAddress } from './blocked-address.ts';
import { blockedFlow } from './blocked-flow.ts';
import { clusterNetwork } from './cluster-network.ts';
import { defaultDeny } from './default-deny.ts';
import { duplicateFlow } from './duplicate-flow.ts';
import { environment } from './environment.ts';
import { flowEnd } from './flow-end.ts';
import { flowPort } from './flow-port.ts';
import { type FlowsFile, readFlows } from './flows-file.ts';
import { flowsFile } from './flows-file-rule.ts';
import { type FlowsSubject, plannedEnvironment, shutNamespaces } from './flows-subject.ts';
import { lostDns } from './lost-dns.ts';
import { policyPort } from './policy-port.ts';
import { policySelector } from './policy-selector.ts';
import { type NetworkSubject, networkSubject } from './subject.ts';
import { undeclaredPath } from './undeclared-path.ts';
import { unmatchedPeer } from './unmatched-peer.ts';
import { unusedEntry } from './unused-entry.ts';
import { webhook } from './webhook.ts';

/** Who reaches whom: one subject for each environment that has NetworkPolicies, or should have. */
export const networkStage: StageDefinition<NetworkSubject> = {
  stage: 'network',
  rules: [
    blockedAddress,
    blockedFlow,
    defaultDeny,
    flowPort,
    lostDns,
    policyPort,
    policySelector,
    undeclaredPath,
    unmatchedPeer,
    webhook,
  ],
  *subjects(repository) {
    for (const subject of subjectsOf(repository).environments)
      yield { subject, environment: subject.environment };
  },
};

/** What network/flows.yaml itself says: one subject for the repository. */
export const networkFlowsStage: StageDefinition<FlowsSubject> = {
  stage: 'network',
  readsFiles: true,
  rules: [clusterNetwork, duplicateFlow, environment, flowEnd, flowsFile, unusedEntry],
  *subjects(repository) {
    const { file, environments } = subjectsOf(repository);
    yield {
      subject: {
        file: file ?? { environments: [], podNetwork: [], networks: [], pods: [], flows: [], problems: [] },
        exists: file !== undefined,
        environments: repository.environments.map(({ name, path, objects }) => {
          const policy = objects.find((object) => isKind(object, 'networking.k8s.io', 'NetworkPolicy'));
          return {
            name,
            hasPolicies: policy !== undefined,
            at: policy?.node.origin ?? { file: path, line: 1, column: 1 },
            shut: shutNamespaces(
              environments.find(({ environment: own }) => own === name)?.ownPolicies ?? [],
            ),
          };
        }),
        plans: environments.flatMap(plannedEnvironment),
      },
    };
  },
};

interface Subjects {
  readonly file: FlowsFile | undefined;
  readonly environments: readonly NetworkSubject[];
}

// Both stages look at the same cluster, and a repository never changes.
const known = new WeakMap<Repository, Subjects>();

function subjectsOf(repository: Repository): Subjects {
  const found = known.get(repository);
  if (found) return found;
  const file = readFlows(repository.sources);
  const environments = repository.environments.flatMap(
    (each) => networkSubject(repository, each, file) ?? [],
  );
  const subjects = { file, environments };
  known.set(repository, subjects);
  return subjects;
}
