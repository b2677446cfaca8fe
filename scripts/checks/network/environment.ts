import { describe } from '../../finding.ts';
import { didYouMean } from '../../text/nearest.ts';
import type { Rule } from '../rule.ts';
import { flowsPath } from './flows-file.ts';
import type { FlowsSubject } from './flows-subject.ts';
import { factsPath, isNothing } from './plan.ts';

export const environment: Rule<FlowsSubject> = {
  id: 'network/environment',
  severity: 'error',
  title: 'network/flows.yaml says of every environment which of its namespaces are closed',
  why: 'An environment that is left out is not judged: its policies may be wrong, or gone, and nothing would tell.',
  fix: 'Add it to `environments`, with `closed: []` where its network is open on purpose.',
  scope: 'infometis',
  *check({ file, exists, environments, plans }) {
    // Of a file that cannot be read another rule tells.
    if (file.environments.length === 0 && file.problems.length > 0) return;
    const known = new Set(environments.map(({ name }) => name));
    for (const { name, hasPolicies, at, shut } of environments) {
      const listed = file.environments.find((entry) => entry.name === name);
      if (!exists) {
        if (hasPolicies)
          yield {
            message: `environment ${name} has NetworkPolicies, and there is no ${flowsPath} that says what they are for`,
            fix: `Write ${flowsPath}.`,
            at,
          };
      } else if (!listed)
        yield {
          message: `${flowsPath} says nothing of environment \`${name}\`: whether its network is closed is unknown`,
          at: file.environments[0]?.origin ?? { file: flowsPath, line: 1, column: 1 },
        };
      else {
        const open = [...shut].filter(
          ([namespace]) => !listed.closed.some((entry) => entry.namespace === namespace),
        );
        for (const [namespace, object] of open)
          yield {
            message: `${describe(object)} closes namespace ${namespace} of environment ${name}, and ${flowsPath} does not list it as closed: nothing proves what is open in it`,
            fix: `Add \`${namespace}\` to \`closed\` of \`${name}\`, and the flows that it needs.`,
            at: listed.origin,
            object,
          };
        if (open.length === 0 && listed.closed.length === 0 && hasPolicies)
          yield {
            message: `environment ${name} has NetworkPolicies, and ${flowsPath} has none of its namespaces as closed: nothing proves the policies`,
            fix: 'List the namespaces below `closed`, or remove the policies.',
            at: listed.origin,
            severity: 'warning',
          };
      }
    }
    for (const entry of file.environments)
      if (!known.has(entry.name))
        yield {
          message: `there is no environment \`${entry.name}\`${didYouMean(entry.name, known)}`,
          fix: 'Correct the name, or remove the entry.',
          at: entry.origin,
        };
    for (const { name, plan, broken, declaredNamespaces } of plans) {
      for (const { namespace, origin } of file.environments.find((entry) => entry.name === name)?.closed ??
        [])
        if (!broken && !declaredNamespaces.has(namespace))
          yield {
            message: `environment ${name} has no Namespace \`${namespace}\`${didYouMean(namespace, declaredNamespaces)}`,
            fix: 'Correct the name, or take it off the list.',
            at: origin,
          };
      const ends = new Set(
        plan.file.flows.flatMap(({ from, to }) =>
          [...from, ...to].flatMap((end) => (end.kind === 'network' ? [end.name] : [])),
        ),
      );
      for (const network of file.networks) {
        if (!ends.has(network.name)) continue;
        for (const { fact, origin } of network.facts)
          if (!plan.facts.has(fact))
            yield {
              message: `network \`${network.name}\` takes its addresses from the fact \`${fact}\`, which environment ${name} does not have${didYouMean(fact, plan.facts.keys())}`,
              fix: `Add \`${fact}\` to ${factsPath(name)}.`,
              at: origin,
            };
          else if (isNothing(plan.find({ kind: 'network', name: network.name, origin })))
            yield {
              message: `network \`${network.name}\`: the fact \`${fact}\` of environment ${name} is \`${plan.facts.get(fact)}\`, which is no range of addresses`,
              fix: `Write one such as 192.0.2.0/24 in ${factsPath(name)}.`,
              at: origin,
            };
      }
    }
  },
};
