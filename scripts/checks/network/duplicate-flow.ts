import {
  covers,
  type IntervalSet,
  intersect,
  printPortSet,
  union,
} from '../../kubernetes/network-policy-sets.ts';
import type { Rule } from '../rule.ts';
import { type Flow, type FlowEnd, printEnd, printFlow } from './flows-file.ts';
import type { FlowsSubject } from './flows-subject.ts';

export const duplicateFlow: Rule<FlowsSubject> = {
  id: 'network/duplicate-flow',
  severity: 'error',
  title: 'A flow is declared once',
  why: 'Whoever removes one of two declarations believes the path to be closed, and it is not.',
  fix: 'Keep one of the two, with both reasons.',
  scope: 'infometis',
  *check({ file }) {
    const seen = new Map<string, { flow: Flow; ports: IntervalSet }[]>();
    for (const flow of file.flows) {
      const ports = union(...flow.ports.map((port) => port.ports));
      const told = new Set<Flow>();
      for (const from of flow.from)
        for (const to of flow.to) {
          const key = `${keyOf(from)} → ${keyOf(to)}`;
          const earlier = seen.get(key) ?? [];
          for (const other of earlier) {
            const both = intersect(ports, other.ports);
            if (both.length === 0 || told.has(other.flow)) continue;
            told.add(other.flow);
            const whole = covers(both, ports) ? '' : ` on ${printPortSet(both)}`;
            yield {
              message:
                other.flow === flow
                  ? `${printEnd(from)} → ${printEnd(to)} stands twice in one flow`
                  : `${printFlow(flow)} is declared already${whole}, in line ${other.flow.origin.line}: ${printFlow(other.flow)}`,
              at: flow.origin,
            };
          }
          seen.set(key, [...earlier, { flow, ports }]);
        }
    }
  },
};

const keyOf = (end: FlowEnd): string =>
  `${end.kind} ${end.name} ${end.kind === 'component' ? (end.workload ?? '') : ''}`;
