import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Client, openClient } from './client.ts';
import { type Component, defineComponent, type Place } from './component.ts';
import type { Etcd } from './etcd.ts';
import { newUser, type User, writeServiceAccountKeys, writeTokenFile } from './pki.ts';
import { freePort } from './ports.ts';
import { done, notYet } from './wait.ts';

export const serviceCidr = '10.96.0.0/12';
export const podCidr = '10.244.0.0/16';

export interface ApiServerOptions {
  readonly featureGates?: Readonly<Record<string, boolean>>;
  /** As `--name=value`; a later one of the same name holds. */
  readonly parameters?: readonly string[];
  /** Beside the admin and the control plane's own. */
  readonly users?: readonly User[];
}

export interface ApiServer extends Component {
  readonly url: string;
  /** The certificate that it made for itself, and what a client has to trust; there once it has started. */
  readonly caFile: string;
  readonly admin: User;
  readonly controllerManager: User;
  readonly scheduler: User;
  readonly serviceAccountKey: string;
  /** A client that calls as the holder of a token. */
  clientFor(token: string): Client;
}

/**
 * kube-apiserver on loopback with TLS, RBAC and the admission plugins that k0s runs: Kubernetes' default ones (among
 * them PodSecurity, ServiceAccount, LimitRanger, ResourceQuota, DefaultStorageClass, ValidatingAdmissionPolicy) and
 * NodeRestriction.
 */
export async function defineApiServer(
  place: Place,
  etcd: Etcd,
  options: ApiServerOptions = {},
): Promise<ApiServer> {
  const port = await freePort();
  const url = `https://127.0.0.1:${port}`;
  const certificates = join(place.directory, 'api-server');
  const caFile = join(certificates, 'apiserver.crt');
  const keys = writeServiceAccountKeys(place.directory);
  const admin = newUser('admin', ['system:masters']);
  const controllerManager = newUser('system:kube-controller-manager');
  const scheduler = newUser('system:kube-scheduler');
  const tokens = writeTokenFile(place.directory, [
    admin,
    controllerManager,
    scheduler,
    ...(options.users ?? []),
  ]);
  const gates = Object.entries(options.featureGates ?? {}).map(([name, on]) => `${name}=${on}`);
  const clients = new Map<string, Client>();
  const clientFor = (token: string): Client => {
    const client = clients.get(token) ?? openClient({ url, token, ca: readFileSync(caFile, 'utf8') });
    clients.set(token, client);
    return client;
  };
  const component = defineComponent(place, {
    name: 'kube-apiserver',
    program: 'kube-apiserver',
    parameters: () => [
      `--etcd-servers=${etcd.url}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${port}`,
      `--cert-dir=${certificates}`,
      `--token-auth-file=${tokens}`,
      '--authorization-mode=Node,RBAC',
      '--anonymous-auth=true',
      '--enable-admission-plugins=NodeRestriction',
      '--enable-bootstrap-token-auth=true',
      '--allow-privileged=true',
      '--profiling=false',
      `--service-account-key-file=${keys.publicKey}`,
      `--service-account-signing-key-file=${keys.privateKey}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      '--api-audiences=https://kubernetes.default.svc',
      `--service-cluster-ip-range=${serviceCidr}`,
      '--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname',
      // The address of the `kubernetes` Service: without it the API server looks for one of the machine's own.
      '--advertise-address=192.0.2.1',
      ...(gates.length > 0 ? [`--feature-gates=${gates.join(',')}`] : []),
      ...(options.parameters ?? []),
    ],
    ready: async () => {
      try {
        const { status, body } = await clientFor(admin.token).request('GET', '/readyz');
        return status === 200 ? done(undefined) : notYet(`/readyz answers ${status}: ${body.slice(0, 300)}`);
      } catch (error) {
        // The certificate is made during the start: a client that read half of it would never trust the server.
        clients.get(admin.token)?.close();
        clients.delete(admin.token);
        return notYet(error instanceof Error ? error.message : String(error));
      }
    },
    // It would wait a minute for watches that nobody ends; what it has accepted is in etcd.
    graceMs: 5_000,
  });
  return {
    ...component,
    url,
    caFile,
    admin,
    controllerManager,
    scheduler,
    serviceAccountKey: keys.privateKey,
    clientFor,
    async stop() {
      // Kept connections would hold its goodbye up. A client opens new ones when it is used again.
      for (const client of clients.values()) client.close();
      await component.stop();
    },
  };
}
