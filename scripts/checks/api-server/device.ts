import { apiServerRule } from './api-server-rule.ts';

export const device = apiServerRule('device', {
  title: 'Claims, classes and slices of devices are complete, and their expressions can be read.',
  why: 'The server refuses the object.',
  fix: 'Follow the message.',
});
