import { join } from 'node:path';
import type { ApiServer } from './api-server.ts';
import { type Component, defineComponent, type Place } from './component.ts';
import { httpStatus } from './http.ts';
import { writeKubeconfig } from './pki.ts';
import { freePort } from './ports.ts';
import { done, notYet } from './wait.ts';

/** kube-scheduler with its default profile. */
export async function defineScheduler(
  place: Place,
  apiServer: ApiServer,
  parameters: readonly string[] = [],
): Promise<Component> {
  const port = await freePort();
  const kubeconfig = join(place.directory, 'kube-scheduler.kubeconfig');
  return defineComponent(place, {
    name: 'kube-scheduler',
    program: 'kube-scheduler',
    parameters: () => [
      `--kubeconfig=${writeKubeconfig(kubeconfig, {
        server: apiServer.url,
        caFile: apiServer.caFile,
        token: apiServer.scheduler.token,
      })}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${port}`,
      '--leader-elect=false',
      '--profiling=false',
      ...parameters,
    ],
    ready: async () => {
      const status = await httpStatus(`https://127.0.0.1:${port}/readyz`);
      return status === 200 ? done(undefined) : notYet(`/readyz answers ${status}`);
    },
  });
}
