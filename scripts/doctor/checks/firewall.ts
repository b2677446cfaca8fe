import { type Check, ok, type Result, unknown, warning } from '../check.ts';
import type { Machine } from '../machine.ts';

// The CNI's networks; k0s/*.yaml leave them at k0s's defaults.
const podNetwork = '10.244.0.0/16';
const serviceNetwork = '10.96.0.0/12';

export const firewall: Check = {
  id: 'firewall',
  title: 'Firewall',
  why: 'A firewall that drops what it does not know cuts pods off from each other, from the API server and from DNS.',
  async run(machine, { nodes }) {
    if (machine.platform !== 'linux') return [unknown('not Linux')];
    const between =
      nodes.count > 1
        ? ['179/tcp', '2380/tcp', '6443/tcp', '8132/tcp', '9443/tcp', '10250/tcp']
        : ['6443/tcp', '10250/tcp'];
    const found = [
      await active(machine, 'firewalld', [
        `sudo firewall-cmd --permanent --zone=trusted --add-source=${podNetwork} --add-source=${serviceNetwork}`,
        `sudo firewall-cmd --permanent ${between.map((port) => `--add-port=${port}`).join(' ')}`,
        'sudo firewall-cmd --permanent --add-masquerade && sudo firewall-cmd --reload',
      ]),
      await active(machine, 'ufw', [
        `sudo ufw allow from ${podNetwork} && sudo ufw allow from ${serviceNetwork}`,
        ...between.map((port) => `sudo ufw allow ${port}`),
        'sudo ufw default allow routed',
      ]),
    ];
    const results = found.flatMap((result) => result ?? []);
    if (results.length > 0) return results;
    return found.every((result) => result === undefined)
      ? [unknown('systemctl cannot be asked, and rules that were made by hand are not looked at')]
      : [ok('neither firewalld nor ufw is active; rules that were made by hand are not looked at')];
  },
};

/** Undefined where systemd cannot say. */
async function active(
  machine: Machine,
  service: string,
  fix: readonly string[],
): Promise<readonly Result[] | undefined> {
  const asked = await machine.run('systemctl', ['is-active', service]);
  const state = asked?.stdout.trim() ?? '';
  if (!['active', 'inactive', 'failed', 'unknown'].includes(state)) return undefined;
  // ufw's service is `active` also while the firewall itself is switched off.
  if (state === 'active' && service === 'ufw') {
    const configuration = machine.read('/etc/ufw/ufw.conf');
    if (configuration.ok && /^ENABLED=no/m.test(configuration.value)) return [];
  }
  return state === 'active'
    ? [warning(`${service} is active`, `Let the cluster's own traffic through:\n${fix.join('\n')}`)]
    : [];
}
