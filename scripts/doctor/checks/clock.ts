import { type Check, ok, problem, unknown, warning } from '../check.ts';

export const clock: Check = {
  id: 'clock',
  title: 'Clock',
  why: 'Certificates, logins and, between nodes, etcd fail when clocks differ; and no time in a log can be trusted.',
  async run({ platform, run }, { nodes }) {
    if (platform !== 'linux') return [unknown('not Linux')];
    const said = await run('timedatectl', ['show', '--property=NTPSynchronized', '--value']);
    if (said?.code === 0 && said.stdout.trim() === 'yes') return [ok('synchronised with a time server')];
    const chrony = await run('chronyc', ['-c', 'tracking']);
    // The last field but none is the leap status; `Not synchronised` otherwise.
    if (chrony?.code === 0)
      return /Not synchronised/i.test(chrony.stdout) ? [bad(nodes.count)] : [ok('synchronised by chrony')];
    if (said?.code === 0) return [bad(nodes.count)];
    return [
      unknown(
        said === undefined
          ? 'neither timedatectl nor chronyc is there to ask'
          : `timedatectl: ${said.stderr.trim().split('\n')[0] || 'no answer'}`,
      ),
    ];
  },
};

const bad = (nodes: number) =>
  (nodes > 1 ? problem : warning)(
    'not synchronised with a time server',
    'sudo timedatectl set-ntp true\nor install chrony; a minute later `timedatectl` says `System clock synchronized: yes`.',
  );
