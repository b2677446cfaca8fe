import { type Check, ok, problem, type Result, unknown } from '../check.ts';
import type { Machine } from '../machine.ts';
import { gibibytes, mountOf, parseMounts } from '../proc.ts';

export const tmpInMemory: Check = {
  id: 'tmp-in-memory',
  title: '/tmp in memory',
  why: 'Volumes in a tmpfs are gone after every boot, and until then take the memory that pods need.',
  run(machine, { volumes }) {
    if (machine.platform !== 'linux') return [unknown('not Linux')];
    if (volumes.length === 0) return [ok('no volume has a directory of the node')];
    const read = machine.read('/proc/mounts');
    if (!read.ok) return [unknown(`/proc/mounts: ${read.message}`)];
    const mounts = parseMounts(read.value);
    const inMemory = new Map<string, { bytes: number; paths: string[] }>();
    for (const { path, bytes } of volumes) {
      const mount = mountOf(path, mounts);
      if (mount?.type !== 'tmpfs' && mount?.type !== 'ramfs') continue;
      const known = inMemory.get(mount.path) ?? { bytes: 0, paths: [] };
      inMemory.set(mount.path, { bytes: known.bytes + bytes, paths: [...known.paths, path] });
    }
    return inMemory.size === 0
      ? [
          ok(
            volumes.length === 1
              ? `${volumes[0]!.path} is on disk`
              : `the directories of ${volumes.length} volumes are on disk`,
          ),
        ]
      : [...inMemory].map(([mount, { bytes, paths }]) => tell(machine, mount, paths, bytes));
  },
};

function tell(machine: Machine, mount: string, paths: readonly string[], bytes: number): Result {
  const fstab = machine.read('/etc/fstab');
  const inFstab = fstab.ok && fstab.value.split('\n').some((line) => line.trim().split(/\s+/)[1] === mount);
  const unit = `${mount.slice(1).replaceAll('-', '\\x2d').replaceAll('/', '-')}.mount`;
  return problem(
    `${mount} is in memory (tmpfs), and ${paths.length === 1 ? paths[0] : `${paths.length} volumes`} would lie there, ${gibibytes(bytes)} in all`,
    inFstab
      ? `Take the line of ${mount} out of /etc/fstab, then \`sudo reboot\`.`
      : `Let ${mount} be a directory of the disk again:\nsudo systemctl mask ${unit}\nsudo reboot`,
  );
}
