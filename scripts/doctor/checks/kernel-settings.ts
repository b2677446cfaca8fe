import { type Check, ok, problem, type Result, unknown, warning } from '../check.ts';
import type { Machine } from '../machine.ts';
import type { KernelSetting, Target } from '../target.ts';

// What k0s writes when its worker starts.
const byK0s = [
  'net.ipv4.conf.all.forwarding',
  'net.bridge.bridge-nf-call-iptables',
  'net.bridge.bridge-nf-call-ip6tables',
];

// The kernel's own defaults of old: enough for the pods of one node, and some machines have less.
const floors: readonly KernelSetting[] = [
  { name: 'fs.inotify.max_user_instances', value: '128', file: '/etc/sysctl.d/90-infometis.conf' },
  { name: 'fs.inotify.max_user_watches', value: '65536', file: '/etc/sysctl.d/90-infometis.conf' },
];

export const kernelSettings: Check = {
  id: 'kernel-settings',
  title: 'Kernel settings',
  why: 'Elasticsearch does not start with too few memory maps, what watches files fails without inotify, and without forwarding pods reach nobody.',
  run(machine, target) {
    if (machine.platform !== 'linux') return [unknown('not Linux')];
    const wanted = [
      ...target.kernelSettings,
      ...floors.filter(({ name }) => !target.kernelSettings.some((setting) => setting.name === name)),
    ];
    const results = [...wanted.map((setting) => compare(machine, target, setting)), ...forwarding(machine)];
    const notGood = results.filter(({ status }) => status !== 'ok');
    return notGood.length > 0 ? notGood : [ok(results.map(({ detail }) => detail).join(', '))];
  },
};

const procFile = (name: string): string => `/proc/sys/${name.replaceAll('.', '/')}`;

function compare(machine: Machine, target: Target, { name, value, file }: KernelSetting): Result {
  const found = machine.read(procFile(name));
  if (!found.ok) return unknown(`${name}: ${found.message}`);
  const current = found.value.trim();
  if (current === value || (isLimit(name) && isEnough(current, value))) return ok(`${name} = ${current}`);
  // The node runs without them; it only behaves worse when it hangs.
  if (!isLimit(name))
    return name === 'kernel.panic' && current !== '0'
      ? ok(`${name} = ${current}`)
      : warning(`${name} is ${current}, and ${file} is to set ${value}`, by(target, name, value, file));
  const written = machine.read(file);
  const mine = target.kernelSettings.some((setting) => setting.name === name);
  if (written.ok && new RegExp(`^\\s*${name.replaceAll('.', '\\.')}\\s*=`, 'm').test(written.value))
    return problem(
      `${name} is ${current}, although ${file} sets it`,
      `See what else sets it, then apply all of them:\ngrep -r '${name}' /etc/sysctl.conf /etc/sysctl.d /run/sysctl.d /usr/lib/sysctl.d\nsudo sysctl --system`,
    );
  return (mine ? problem : warning)(
    `${name} is ${current}, and ${value} or more is needed`,
    by(target, name, value, file),
  );
}

// Of these more is as good.
const isLimit = (name: string): boolean => /^(?:vm|fs)\./.test(name);
const isEnough = (current: string, wanted: string): boolean =>
  /^\d+$/.test(current) && /^\d+$/.test(wanted) && BigInt(current) >= BigInt(wanted);

function by({ k0sFile, kernelSettings }: Target, name: string, value: string, file: string): string {
  const hand = `echo '${name} = ${value}' | sudo tee -a ${file}\nsudo sysctl --load ${file}`;
  return kernelSettings.some((setting) => setting.name === name)
    ? `\`k0sctl apply --config ${k0sFile}\` does this; by hand:\n${hand}`
    : hand;
}

// k0s sets these itself, so before its start they say nothing; a file that sets them to 0 would win at the next boot, and a
// running node where they are 0 has lost its network.
function forwarding(machine: Machine): readonly Result[] {
  const running = machine.list('/run/k0s').ok;
  return byK0s.map((name) => {
    const found = machine.read(procFile(name));
    if (found.ok && found.value.trim() === '1') return ok(`${name} = 1`);
    if (running && found.ok)
      return problem(
        `${name} is ${found.value.trim()} while k0s runs: something has set it back`,
        `sudo sysctl ${name}=1\nthen find what sets it: grep -r '${name.split('.').at(-1)}' /etc/sysctl.conf /etc/sysctl.d /usr/lib/sysctl.d`,
      );
    if (!found.ok && found.reason !== 'missing') return unknown(`${name}: ${found.message}`);
    const culprit = settingFile(machine, name);
    return culprit === undefined
      ? ok(`${name} is set by k0s`)
      : warning(
          `${culprit} sets ${name} to 0, over what k0s sets, whenever it is applied`,
          `Take the line out of ${culprit}, or set 1 there.`,
        );
  });
}

function settingFile(machine: Machine, name: string): string | undefined {
  // ip_forward is another name of the first.
  const names = name === 'net.ipv4.conf.all.forwarding' ? [name, 'net.ipv4.ip_forward'] : [name];
  const pattern = new RegExp(
    `^\\s*-?(?:${names.map((one) => one.replace(/[.]/g, '[./]')).join('|')})\\s*=\\s*0\\s*$`,
    'm',
  );
  const files = ['/etc/sysctl.d', '/run/sysctl.d', '/usr/local/lib/sysctl.d', '/usr/lib/sysctl.d'].flatMap(
    (directory) => {
      const listed = machine.list(directory);
      return listed.ok ? listed.value.map((file) => `${directory}/${file}`) : [];
    },
  );
  return [...files, '/etc/sysctl.conf'].find((file) => {
    const read = machine.read(file);
    return read.ok && pattern.test(read.value);
  });
}
