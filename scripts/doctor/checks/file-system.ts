import { type Check, ok, problem, type Result, unknown, warning } from '../check.ts';
import { isWithin, mountOf, parseMounts } from '../proc.ts';

const unfit: Readonly<Record<string, string>> = {
  overlay: 'containers cannot lie on a container’s own file system',
  tmpfs: 'it is in memory, and empty after every boot',
  ramfs: 'it is in memory, and empty after every boot',
  nfs: 'etcd and container images need a local disk',
  nfs4: 'etcd and container images need a local disk',
  '9p': 'it lacks what containers need',
  virtiofs: 'it lacks what containers need',
};

export const fileSystem: Check = {
  id: 'file-system',
  title: 'File systems of k0s and of volumes',
  why: 'k0s keeps the cluster and all images below /var/lib/k0s; volumes that share its disk can fill it up.',
  run({ platform, read }, { volumes, nodes }) {
    if (platform !== 'linux') return [unknown('not Linux')];
    const text = read('/proc/mounts');
    if (!text.ok) return [unknown(`/proc/mounts: ${text.message}`)];
    const mounts = parseMounts(text.value);
    const results: Result[] = [];
    const k0s = mountOf('/var/lib/k0s', mounts);
    const reason = unfit[k0s?.type ?? ''];
    results.push(
      k0s !== undefined && reason !== undefined
        ? problem(
            `/var/lib/k0s is on ${k0s.type} (${k0s.path}): ${reason}`,
            'Mount a local disk with ext4 or xfs at /var/lib/k0s.',
          )
        : ok(`/var/lib/k0s is on ${k0s?.type ?? 'an unnamed file system'} (${k0s?.path ?? '/'})`),
    );
    // One node under /tmp is for trying out; where data is to last it has a disk of its own.
    for (const { path } of nodes.count > 1 ? volumes : []) {
      const mount = mountOf(path, mounts);
      results.push(
        mount === undefined || mount.path === '/' || !isWithin(path, mount.path)
          ? warning(
              `${path} shares the file system of ${mount?.path ?? '/'}`,
              `Mount a disk of its own at ${path}, and write it to /etc/fstab.`,
            )
          : ok(`${path} is on ${mount.device} (${mount.path})`),
      );
    }
    return results;
  },
};
