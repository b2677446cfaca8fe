import type { Client } from '../client.ts';
import { mustWrite, type Round } from './stand-in.ts';

const poolKind = { apiVersion: 'metallb.io/v1beta1', kind: 'IPAddressPool' };

/** Does what MetalLB does: gives each Service of type LoadBalancer the first free address of the pools in the cluster. */
export const giveAddresses: Round = async (client) => {
  const services = (await client.list({ apiVersion: 'v1', kind: 'Service' })).filter(
    (service) => (service['spec'] as { type?: string }).type === 'LoadBalancer',
  );
  const taken = new Set(services.flatMap(addressesOf));
  for (const service of services) {
    if (addressesOf(service).length > 0) continue;
    const ip = (await poolAddresses(client)).find((address) => !taken.has(address));
    if (ip === undefined) continue;
    taken.add(ip);
    const { name = '', namespace } = service.metadata;
    mustWrite(
      `the address of Service ${name}`,
      await client.mergePatch(
        { apiVersion: 'v1', kind: 'Service', name, namespace },
        { status: { loadBalancer: { ingress: [{ ip, ipMode: 'VIP' }] } } },
        { subresource: 'status' },
      ),
    );
  }
};

/** The addresses that a Service of type LoadBalancer was given. */
export function addressesOf(service: Readonly<Record<string, unknown>>): readonly string[] {
  const { loadBalancer } = (service['status'] ?? {}) as {
    loadBalancer?: { ingress?: readonly { ip?: string }[] };
  };
  return (loadBalancer?.ingress ?? []).flatMap(({ ip }) => ip ?? []);
}

async function poolAddresses(client: Client): Promise<readonly string[]> {
  const pools = await client.list(poolKind);
  return pools
    .flatMap((pool) => (pool['spec'] as { addresses: readonly string[] }).addresses)
    .flatMap(addressesOfRange);
}

/** Every address of `192.0.2.10-192.0.2.20`. @throws where it is no such range */
export function addressesOfRange(range: string): readonly string[] {
  const match = /^((?:\d+\.){3})(\d+)-((?:\d+\.){3})(\d+)$/.exec(range);
  const [, network, from, otherNetwork, to] = match ?? [];
  if (network === undefined || network !== otherNetwork)
    throw new Error(`${range} is no range of addresses that differ in the last number only`);
  return Array.from(
    { length: Number(to) - Number(from) + 1 },
    (_, index) => `${network}${Number(from) + index}`,
  );
}
