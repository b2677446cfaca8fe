import { join } from 'node:path';
import { type ApiServer, podCidr, serviceCidr } from './api-server.ts';
import { type Component, defineComponent, type Place } from './component.ts';
import { httpStatus } from './http.ts';
import { writeKubeconfig } from './pki.ts';
import { freePort } from './ports.ts';
import { done, notYet } from './wait.ts';

/** kube-controller-manager with the controllers that k0s runs; ready when it has made the first service account. */
export async function defineControllerManager(
  place: Place,
  apiServer: ApiServer,
  parameters: readonly string[] = [],
): Promise<Component> {
  const port = await freePort();
  const kubeconfig = join(place.directory, 'kube-controller-manager.kubeconfig');
  return defineComponent(place, {
    name: 'kube-controller-manager',
    program: 'kube-controller-manager',
    parameters: () => [
      `--kubeconfig=${writeKubeconfig(kubeconfig, {
        server: apiServer.url,
        caFile: apiServer.caFile,
        token: apiServer.controllerManager.token,
      })}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${port}`,
      '--leader-elect=false',
      '--profiling=false',
      '--controllers=*,bootstrapsigner,tokencleaner',
      '--use-service-account-credentials=true',
      `--service-account-private-key-file=${apiServer.serviceAccountKey}`,
      `--root-ca-file=${apiServer.caFile}`,
      '--allocate-node-cidrs=true',
      `--cluster-cidr=${podCidr}`,
      `--service-cluster-ip-range=${serviceCidr}`,
      '--node-cidr-mask-size=24',
      // Its default of 20 requests a second makes each of its fifty controllers wait for its account and its token.
      '--kube-api-qps=200',
      '--kube-api-burst=400',
      ...parameters,
    ],
    ready: async () => {
      const status = await httpStatus(`https://127.0.0.1:${port}/healthz`);
      if (status !== 200) return notYet(`/healthz answers ${status}`);
      const account = await apiServer
        .clientFor(apiServer.admin.token)
        .get({ apiVersion: 'v1', kind: 'ServiceAccount', namespace: 'default', name: 'default' });
      return account ? done(undefined) : notYet('there is no ServiceAccount default/default');
    },
  });
}
