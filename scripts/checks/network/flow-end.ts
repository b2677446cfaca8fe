import { didYouMean } from '../../text/nearest.ts';
import type { Report, Rule } from '../rule.ts';
import type { Flow, FlowEnd } from './flows-file.ts';
import { printEnd, printFlow } from './flows-file.ts';
import type { FlowsSubject } from './flows-subject.ts';
import { isNothing } from './plan.ts';

export const flowEnd: Rule<FlowsSubject> = {
  id: 'network/flow-end',
  severity: 'error',
  title: 'Both ends of every flow exist, together in at least one closed environment',
  why: 'A flow of which nothing is left proves nothing: whoever it was for may have another name by now, and stays shut out.',
  fix: 'Correct the name, or remove the flow.',
  scope: 'infometis',
  *check({ file, plans }) {
    // What is missing may be in a part that could not be built.
    if (plans.length === 0 || plans.some(({ broken }) => broken)) return;
    const names = (end: FlowEnd): readonly string[] => {
      switch (end.kind) {
        case 'component':
          return plans.flatMap(({ components }) => [...components.keys()]);
        case 'namespace':
          return plans.flatMap(({ namespaces }) => namespaces);
        case 'pods':
          return file.pods.map(({ name }) => name);
        case 'network':
          return file.networks.map(({ name }) => name);
      }
    };
    const check = (end: FlowEnd): Report | undefined => {
      if (plans.some(({ plan }) => !isNothing(plan.find(end)))) return undefined;
      if (end.kind === 'network') {
        const network = file.networks.find(({ name }) => name === end.name);
        // That its facts are missing is another rule's finding.
        if (network) return undefined;
      }
      const workloads =
        end.kind === 'component' && end.workload !== undefined
          ? plans.flatMap(({ components }) => [...(components.get(end.name) ?? [])])
          : [];
      if (end.kind === 'component' && workloads.length > 0)
        return {
          message: `component \`${end.name}\` has no workload whose app.kubernetes.io/component is \`${end.workload}\`${didYouMean(end.workload ?? '', workloads)}`,
          fix: `One of ${[...new Set(workloads)].join(', ')}.`,
          at: end.origin,
        };
      return {
        message: `a flow names ${end.kind} \`${end.name}\`, which is in no closed environment${didYouMean(end.name, names(end))}`,
        at: end.origin,
      };
    };
    const told = new Set<string>();
    for (const flow of file.flows) {
      const wrong = [...flow.from, ...flow.to].flatMap((end) => check(end) ?? []);
      // A name that is gone is one mistake, however many flows have it.
      for (const report of wrong) {
        if (!told.has(report.message)) yield report;
        told.add(report.message);
      }
      if (wrong.length === 0 && flow.from.length > 0 && flow.to.length > 0 && !isUsed(flow, plans))
        yield {
          message: `the flow ${printFlow(flow)} applies nowhere: ${flow.from.map(printEnd).join(', ')} and ${flow.to.map(printEnd).join(', ')} are in no closed environment together`,
          at: flow.origin,
        };
    }
  },
};

// Where a network lacks its facts the flow cannot be judged, and another rule says so.
const isUsed = (flow: Flow, plans: FlowsSubject['plans']): boolean =>
  plans.some(({ plan }) => plan.routes.some((route) => route.flow === flow)) ||
  [...flow.from, ...flow.to].some(
    (end) => end.kind === 'network' && plans.every(({ plan }) => isNothing(plan.find(end))),
  );
