import { type Check, ok, problem, unknown } from '../check.ts';

export const machineId: Check = {
  id: 'machine-id',
  title: 'Machine id',
  why: 'k0s and the cluster tell nodes apart by it; VMs that were cloned share one until it is made anew.',
  run({ platform, read }, { nodes }) {
    if (platform !== 'linux') return [unknown('not Linux')];
    const files = ['/etc/machine-id', '/var/lib/dbus/machine-id'].map((file) => read(file));
    const id = files.flatMap((file) => (file.ok ? [file.value.trim()] : [])).find((text) => text !== '');
    if (id !== undefined && /^[0-9a-f]{32}$/.test(id))
      return [ok(nodes.count > 1 ? `${id}: must be another one on each node` : id)];
    const denied = files.find((file) => !file.ok && file.reason !== 'missing');
    if (denied && !denied.ok) return [unknown(denied.message)];
    if (nodes.count === 1) return [ok('none, which a single node does not need')];
    return [
      problem(
        id === undefined ? 'there is none' : `/etc/machine-id is \`${id}\``,
        'sudo rm -f /etc/machine-id\nsudo systemd-machine-id-setup',
      ),
    ];
  },
};
