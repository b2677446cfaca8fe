import {
  addressRange,
  covers,
  type IntervalSet,
  printAddresses,
} from '../../kubernetes/network-policy-sets.ts';
import type { Rule } from '../rule.ts';
import type { FlowsSubject } from './flows-subject.ts';
import { factsPath, isNothing, nodeNetwork } from './plan.ts';

export const clusterNetwork: Rule<FlowsSubject> = {
  id: 'network/cluster-network',
  severity: 'error',
  title: 'The networks in network/flows.yaml are those of the cluster',
  why: 'Policies let pods reach the API server and the kubelets at the addresses that stand there: at any other they are shut out.',
  fix: 'Write the same network in both places.',
  scope: 'infometis',
  *check({ file, plans }) {
    for (const { name, plan, k0s } of plans) {
      const pods = k0s?.podNetwork;
      if (pods && file.podNetwork.length > 0 && !isSame(addressRange(pods.text), file.podNetwork))
        yield {
          message: `the pods of environment ${name} are in ${pods.text}, and network/flows.yaml has ${printAddresses(file.podNetwork)} as \`podNetwork\``,
          at: pods.origin,
        };
      const nodes = file.networks.find((network) => network.name === nodeNetwork);
      const found = nodes && plan.find({ kind: 'network', name: nodeNetwork, origin: nodes.origin });
      if (!found || isNothing(found)) continue;
      for (const { text, origin } of k0s?.nodes ?? []) {
        const address = addressRange(`${text}/32`);
        if (address && !covers(found.addresses, address))
          yield {
            message: `the node ${text} of environment ${name} is not in the network \`${nodeNetwork}\`, ${printAddresses(found.addresses)}: no policy opens its API server and its kubelet`,
            fix: `Correct the fact in ${factsPath(name)}; or, where the node is only managed by this address, write the one that it has in the cluster as \`privateAddress\`.`,
            at: origin,
          };
      }
    }
  },
};

const isSame = (a: IntervalSet | undefined, b: IntervalSet): boolean =>
  a !== undefined && covers(a, b) && covers(b, a);
