import { apiServerRule } from './api-server-rule.ts';

export const containerPort = apiServerRule('container-port', {
  title: 'Ports of containers are in range and have unique, short names.',
  why: 'The server refuses the object.',
  fix: 'Write a port from 1 to 65535 and a name of at most 15 lower-case letters, digits and `-`.',
});
