import type { Rule } from '../rule.ts';
import type { FlowsSubject } from './flows-subject.ts';
import { nodeNetwork } from './plan.ts';

export const unusedEntry: Rule<FlowsSubject> = {
  id: 'network/unused-entry',
  severity: 'error',
  title: 'Every network and all pods that network/flows.yaml describes are an end of a flow',
  why: 'A description that nothing uses is not checked against anything, and soon no longer true.',
  fix: 'Remove the entry, or declare the flow that it was written for.',
  scope: 'infometis',
  *check({ file, plans }) {
    const used = new Set(
      file.flows.flatMap(({ from, to }) => [...from, ...to].map(({ kind, name }) => `${kind} ${name}`)),
    );
    const hasNodes = file.pods.some(({ hostNetwork }) => hostNetwork);
    for (const { name, origin } of file.networks)
      if (!used.has(`network ${name}`) && !(name === nodeNetwork && hasNodes))
        yield { message: `no flow begins or ends at the network \`${name}\``, at: origin };
    for (const { name, namespace, origin } of file.pods) {
      // Pods of a closed namespace are there to be judged, even where nothing at all is open to them.
      if (!used.has(`pods ${name}`) && !plans.some(({ plan }) => plan.closed.has(namespace)))
        yield { message: `no flow begins or ends at the pods \`${name}\``, at: origin };
      else if (
        plans.length > 0 &&
        plans.every(({ namespaces, broken }) => !broken && !namespaces.includes(namespace))
      )
        yield {
          message: `the pods \`${name}\` are in namespace \`${namespace}\`, which no closed environment has`,
          fix: 'Correct the namespace, or remove the entry.',
          at: origin,
        };
    }
  },
};
