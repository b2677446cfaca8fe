import type { Rule } from '../rule.ts';
import type { FlowsSubject } from './flows-subject.ts';

export const flowsFile: Rule<FlowsSubject> = {
  id: 'network/flows-file',
  severity: 'error',
  title: 'network/flows.yaml says who reaches whom, on which port, and why',
  why: 'A line that is not understood declares nothing: the flow that it meant is not proven to be open.',
  fix: 'See schemas/flows.json.',
  scope: 'infometis',
  *check({ file }) {
    for (const { message, fix, origin } of file.problems) yield { message, fix, at: origin };
  },
};
