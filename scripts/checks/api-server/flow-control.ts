import { apiServerRule } from './api-server-rule.ts';

export const flowControl = apiServerRule('flow-control', {
  title: 'FlowSchemas and PriorityLevelConfigurations are complete.',
  why: 'The server refuses the object.',
  fix: 'Follow the message.',
});
