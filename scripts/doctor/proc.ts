/** What Linux says of itself in /proc. */

export interface Mount {
  readonly device: string;
  readonly path: string;
  readonly type: string;
  readonly options: readonly string[];
}

// proc(5): space, tab, newline and backslash are written in octal.
const unescapeOctal = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

/** /proc/mounts, in the order in which they were mounted. */
export const parseMounts = (text: string): readonly Mount[] =>
  text.split('\n').flatMap((line): Mount[] => {
    const [device, path, type, options] = line.split(' ');
    return device && path && type
      ? [
          {
            device: unescapeOctal(device),
            path: unescapeOctal(path),
            type,
            options: (options ?? '').split(','),
          },
        ]
      : [];
  });

/** The mount that a path lies on: of the longest path, and of several on the same one the last, which covers the others. */
export function mountOf(path: string, mounts: readonly Mount[]): Mount | undefined {
  let found: Mount | undefined;
  for (const mount of mounts)
    if (isWithin(path, mount.path) && mount.path.length >= (found?.path.length ?? 0)) found = mount;
  return found;
}

/** Whether a path is a directory or lies below it. */
export const isWithin = (path: string, directory: string): boolean =>
  path === directory || path.startsWith(directory === '/' ? '/' : `${directory}/`);

/** A line of /proc/meminfo, in bytes. */
export function memoryOf(meminfo: string, name: string): number | undefined {
  const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(meminfo)?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}

/** A socket that waits for connections. */
export interface Listener {
  readonly port: number;
  /** `127.0.0.1`; `0.0.0.0` or `::` for every address; of other IPv6 addresses the 32 digits. */
  readonly address: string;
  readonly inode: string;
}

/** The listening sockets of /proc/net/tcp or /proc/net/tcp6. Their words are in the byte order of the machine: little-endian here. */
export const parseListeners = (text: string): readonly Listener[] =>
  text.split('\n').flatMap((line): Listener[] => {
    const fields = line.trim().split(/\s+/);
    const [, local = '', , state] = fields;
    const [address = '', port] = local.split(':');
    if (state !== '0A' || port === undefined) return [];
    return [{ port: Number.parseInt(port, 16), address: readableAddress(address), inode: fields[9] ?? '' }];
  });

function readableAddress(hex: string): string {
  const bytes = (word: string): readonly number[] =>
    (word.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)).reverse();
  if (hex.length === 8) return bytes(hex).join('.');
  if (/^0+$/.test(hex)) return '::';
  // An IPv4 address in an IPv6 socket.
  if (hex.startsWith('0000000000000000FFFF0000')) return bytes(hex.slice(24)).join('.');
  return hex.endsWith('01000000') && /^0+$/.test(hex.slice(0, 24)) ? '::1' : hex;
}

/** Bytes as people say them: `15.6 GiB`. */
export const gibibytes = (bytes: number): string => `${Math.round((bytes / 2 ** 30) * 10) / 10} GiB`;

/** `6.12` of `6.12.43-amd64` as numbers; undefined where it does not begin like that. */
export function majorMinor(version: string): readonly [number, number] | undefined {
  const match = /^v?(\d+)\.(\d+)/.exec(version);
  return match ? [Number(match[1]), Number(match[2])] : undefined;
}

/** Whether a version is below `major.minor`. */
export const isBelow = (version: readonly [number, number], major: number, minor: number): boolean =>
  version[0] < major || (version[0] === major && version[1] < minor);
