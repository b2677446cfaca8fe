import { describeRequests } from '../../cluster/requests.ts';
import { type Check, ok, problem, type Result, unknown, warning } from '../check.ts';
import { gibibytes, memoryOf } from '../proc.ts';
import type { Target } from '../target.ts';

// evictionHard of the kubelet: memory.available<100Mi.
const eviction = 100 * 2 ** 20;
// The firmware and the kernel keep some of what the machine is sold with.
const tolerance = 0.05;

interface Resource {
  readonly name: 'CPU' | 'memory';
  /** What the kubelet can give to pods here. */
  readonly available: number;
  readonly requested: number;
  readonly declared: number | undefined;
  readonly fact: string;
  readonly show: (amount: number) => string;
}

export const capacity: Check = {
  id: 'capacity',
  title: 'CPU and memory',
  why: 'Pods whose requests do not fit stay Pending, and the gate counts with what the facts say the nodes have.',
  run({ platform, cpus, read }, target) {
    if (platform !== 'linux') return [unknown('not Linux')];
    const meminfo = read('/proc/meminfo');
    const total = meminfo.ok ? memoryOf(meminfo.value, 'MemTotal') : undefined;
    if (total === undefined)
      return [unknown(`/proc/meminfo: ${meminfo.ok ? 'no MemTotal' : meminfo.message}`)];
    const { requests, nodes, reserved } = target;
    const resources: readonly Resource[] = [
      {
        name: 'CPU',
        available: cpus - reserved.cpu,
        requested: requests.cpu,
        declared: nodes.cpu,
        fact: 'nodeCpu',
        show: (amount) => String(Math.round(amount * 100) / 100),
      },
      {
        name: 'memory',
        available: total - reserved.memory - eviction,
        requested: requests.memory,
        declared: nodes.memory,
        fact: 'nodeMemory',
        show: gibibytes,
      },
    ];
    const results = resources.map((resource) => judge(resource, target));
    const notGood = results.filter(({ status }) => status !== 'ok');
    return notGood.length > 0
      ? notGood
      : [
          ok(
            `${results.map(({ detail }) => detail).join(', ')}; the platform asks for ${describeRequests(requests)}${nodes.count > 1 ? ` on ${nodes.count} nodes` : ''}`,
          ),
        ];
  },
};

function judge({ name, available, requested, declared, fact, show }: Resource, target: Target): Result {
  const { nodes, factsFile, k0sFile, reserved } = target;
  const own = `${show(available)} of ${name} for pods`;
  const kept = (name === 'CPU' ? reserved.cpu : reserved.memory) > 0 ? ` (${k0sFile} keeps some back)` : '';
  if (requested > available * nodes.count)
    return problem(
      `this machine has ${own}${kept}, and the platform asks for ${show(requested)}${nodes.count > 1 ? ` on ${nodes.count} machines like it` : ''}`,
      nodes.count > 1
        ? `Take larger machines, or more of them (docs/runbooks/scale-nodes.md).`
        : 'Give it more, switch on the small footprint, or run some components only (README.md, "Small footprint").',
    );
  if (declared !== undefined && available < declared * (1 - tolerance))
    return warning(
      `this machine has ${own}${kept}, and ${fact} says ${show(declared)}`,
      `Set ${fact} in ${factsFile} to what the smallest node has, so that \`npm run validate\` counts right; or give it more.`,
    );
  return ok(own);
}
