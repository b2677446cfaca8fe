import { apiServerRule } from './api-server-rule.ts';

export const endpoints = apiServerRule('endpoints', {
  title: 'Endpoints and EndpointSlices have addresses that something can listen on.',
  why: 'The server refuses the object.',
  fix: 'Follow the message.',
});
