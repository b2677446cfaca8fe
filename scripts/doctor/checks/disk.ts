import { type Check, ok, problem, type Result, unknown, warning } from '../check.ts';
import type { Machine } from '../machine.ts';
import { gibibytes, isWithin, type Mount, mountOf, parseMounts } from '../proc.ts';
import type { Target } from '../target.ts';

// k0s itself takes about 1.7 GB; the images of the platform, packed and unpacked, are an estimate.
const k0sDirectory = '/var/lib/k0s';
const k0sBytes = 25 * 2 ** 30;
// evictionHard of the kubelet: nodefs.available<10%, and it removes images from 85 % on.
const evicting = 0.1;

export const disk: Check = {
  id: 'disk',
  title: 'Disk space',
  why: 'Below a tenth free the kubelet evicts pods; a store whose disk is full stops, and may not start again.',
  run(machine, target) {
    if (machine.platform !== 'linux') return [unknown('not Linux')];
    const read = machine.read('/proc/mounts');
    if (!read.ok) return [unknown(`/proc/mounts: ${read.message}`)];
    return byFileSystem(target, parseMounts(read.value)).map((use) => judge(machine, use));
  },
};

interface Use {
  readonly mount: string;
  readonly paths: readonly string[];
  readonly bytes: number;
}

/** What is to lie on each file system: k0s with its images, and volumes grown to their size. */
function byFileSystem({ volumes }: Target, mounts: readonly Mount[]): readonly Use[] {
  const uses = new Map<string, Use>();
  for (const { path, bytes } of [{ path: k0sDirectory, bytes: k0sBytes }, ...volumes]) {
    const mount = mountOf(path, mounts)?.path ?? '/';
    const known = uses.get(mount);
    uses.set(mount, {
      mount,
      paths: [...(known?.paths ?? []), path],
      bytes: (known?.bytes ?? 0) + bytes,
    });
  }
  return [...uses.values()];
}

function judge(machine: Machine, { mount, paths, bytes }: Use): Result {
  const where = `${mount} (${paths.length > 3 ? `${paths.slice(0, 2).join(', ')} and ${paths.length - 2} more` : paths.join(', ')})`;
  const space = machine.space(paths[0] ?? mount);
  if (!space.ok) return unknown(`${where}: ${space.message}`);
  const { total, available } = space.value;
  const free = `${gibibytes(available)} of ${gibibytes(total)} free`;
  const room = `Make room, or mount a larger disk at ${paths.some((path) => isWithin(path, '/tmp')) ? '/tmp' : paths[0]}.`;
  if (available < total * evicting) return problem(`${where}: ${free}, less than a tenth`, room);
  if (available < bytes)
    return warning(
      `${where}: ${free}, and ${gibibytes(bytes)} are needed once all volumes are full`,
      `${room} What is there already counts as used, so with a running platform this may be fine.`,
    );
  return ok(`${where}: ${free}, ${gibibytes(bytes)} needed`);
}
