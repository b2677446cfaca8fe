import { apiServerRule } from './api-server-rule.ts';

export const probe = apiServerRule('probe', {
  title: 'Probes and lifecycle hooks have one handler and sensible numbers.',
  why: 'The server refuses the object.',
  fix: 'Write one of exec, httpGet, tcpSocket and grpc.',
});
