import { type Check, ok, problem, type Result, unknown, warning } from '../check.ts';
import type { Machine } from '../machine.ts';
import { majorMinor } from '../proc.ts';

export const tools: Check = {
  id: 'tools',
  title: 'Versions of tools',
  why: 'Everything here is checked against the versions of versions.yaml; another one may render, install or answer differently.',
  async run(machine, { versions, nodes }) {
    return [
      node(machine, versions.get('node')),
      await git(machine),
      await k0s(machine, versions.get('k0s'), nodes.count > 1),
      await kubectl(machine, versions.get('kubernetes')),
      await flux(machine, versions.get('flux')),
    ];
  },
};

const unnamed = (tool: string): Result => unknown(`versions.yaml names no ${tool}`);

function node({ node: current }: Machine, wanted: string | undefined): Result {
  if (wanted === undefined) return unnamed('node');
  const [have, want] = [current, wanted.replace(/^v/, '')].map((version) =>
    version.split('.').map(Number),
  ) as [number[], number[]];
  const difference = have.map((part, index) => part - (want[index] ?? 0)).find((part) => part !== 0) ?? 0;
  return difference >= 0
    ? ok(`Node.js ${current}`)
    : problem(`Node.js is ${current}`, `Install ${wanted} or newer, then \`npm ci\`.`);
}

async function git(machine: Machine): Promise<Result> {
  const said = await machine.run('git', ['--version']);
  return said === undefined
    ? warning(
        'git is not on PATH',
        'Install it: the repository’s address and branch are read from the clone.',
      )
    : ok(said.stdout.trim());
}

/** @param remote whether k0sctl installs it, on this node as on the others */
async function k0s(machine: Machine, wanted: string | undefined, remote: boolean): Promise<Result> {
  if (wanted === undefined) return unnamed('k0s');
  const said = await machine.run('k0s', ['version']);
  if (said === undefined && remote) return ok(`k0s is not on PATH; k0sctl installs ${wanted}`);
  if (said === undefined)
    return machine.namesCluster
      ? ok('k0s is not on PATH, and the cluster is named by a kubeconfig')
      : problem('k0s is not on PATH', `Install ${wanted}: https://docs.k0sproject.io/stable/install/.`);
  const current = said.stdout.trim();
  if (said.code !== 0 || current === '') return unknown(`k0s version: ${said.stderr.trim() || 'no answer'}`);
  if (current === wanted) return ok(`k0s ${current}`);
  const fix = `Install ${wanted}; on a node that runs, as docs/runbooks/upgrade-k0s.md says.`;
  return sameMinor(current, wanted)
    ? warning(`k0s is ${current}, versions.yaml names ${wanted}`, fix)
    : problem(`k0s is ${current}, versions.yaml names ${wanted}`, fix);
}

async function kubectl(machine: Machine, wanted: string | undefined): Promise<Result> {
  if (wanted === undefined) return unnamed('kubernetes');
  const said = await machine.run('kubectl', ['version', '--client', '--output=json']);
  if (said === undefined) return ok('kubectl is not on PATH; `k0s kubectl` takes its place');
  const current = /"gitVersion":\s*"(v[^"]+)"/.exec(said.stdout)?.[1];
  if (said.code !== 0 || current === undefined)
    return unknown(`kubectl version: ${said.stderr.trim().split('\n')[0] || 'no answer'}`);
  const [have, want] = [majorMinor(current), majorMinor(wanted)];
  // kubectl is supported within one minor version of the API server.
  return have && want && have[0] === want[0] && Math.abs(have[1] - want[1]) <= 1
    ? ok(`kubectl ${current}`)
    : warning(
        `kubectl is ${current}, more than one minor version from Kubernetes ${wanted}`,
        `Install kubectl ${wanted}, or use \`k0s kubectl\`.`,
      );
}

async function flux(machine: Machine, wanted: string | undefined): Promise<Result> {
  if (wanted === undefined) return unnamed('flux');
  const said = await machine.run('flux', ['--version']);
  if (said === undefined)
    return warning(
      'the Flux CLI is not on PATH, so `npm run bootstrap` cannot install Flux and only says what to run',
      `Install ${wanted}: https://fluxcd.io/flux/installation/.`,
    );
  const current = /(\d+\.\d+\.\d+\S*)/.exec(said.stdout)?.[1];
  if (said.code !== 0 || current === undefined)
    return unknown(`flux --version: ${said.stderr.trim().split('\n')[0] || 'no answer'}`);
  return `v${current}` === wanted
    ? ok(`Flux CLI v${current}`)
    : warning(`the Flux CLI is v${current}, versions.yaml names ${wanted}`, `Install ${wanted}.`);
}

function sameMinor(one: string, other: string): boolean {
  const [a, b] = [majorMinor(one), majorMinor(other)];
  return a !== undefined && b !== undefined && a[0] === b[0] && a[1] === b[1];
}
