import { apiServerRule } from './api-server-rule.ts';

export const autoscaling = apiServerRule('autoscaling', {
  title: 'HorizontalPodAutoscalers have limits in order and complete metrics.',
  why: 'The server refuses the object.',
  fix: 'Follow the message.',
});
