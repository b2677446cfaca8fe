import { refusal } from '../../cluster/identity.ts';
import { parseJson, textField } from '../../cluster/json.ts';
import { type Kubectl, lastLine } from '../../cluster/kubectl.ts';
import { environmentLabel, fluxNamespace } from '../../cluster/names.ts';
import { type Check, ok, problem, type Result, unknown, warning } from '../check.ts';
import { majorMinor } from '../proc.ts';
import type { Target } from '../target.ts';

export const cluster: Check = {
  id: 'cluster',
  title: 'Context of kubectl',
  why: 'Bootstrap goes to the cluster that kubectl points at: one that is away, or is another environment, must be noticed before.',
  async run(machine, target) {
    const connected = await machine.connect();
    if (!connected.ok) {
      const { message, fix = '' } = connected.error;
      // Before k0s has started there is nothing to point at.
      return [machine.namesCluster ? problem(message, fix) : unknown(message, fix)];
    }
    const { kubectl } = connected;
    return [version(kubectl, target), await identity(kubectl, target)];
  },
};

function version({ context, server, version: current }: Kubectl, { versions }: Target): Result {
  const where = `context ${context}, ${server}, Kubernetes ${current}`;
  const [have, want] = [majorMinor(current), majorMinor(versions.get('kubernetes') ?? '')];
  return have && want && (have[0] !== want[0] || have[1] !== want[1])
    ? warning(
        `${where}; everything here is checked against ${versions.get('kubernetes')}`,
        'Upgrade the cluster as docs/runbooks/upgrade-k0s.md says.',
      )
    : ok(where);
}

async function identity(kubectl: Kubectl, { environment, path }: Target): Promise<Result> {
  const get = async (args: readonly string[]) =>
    kubectl.run(['get', ...args, '--ignore-not-found', '--output=json']);
  const namespace = await get(['namespace', fluxNamespace]);
  if (namespace.code !== 0) return unknown(`the cluster cannot be read: ${lastLine(namespace.stderr)}`);
  const found = parseJson(namespace.stdout);
  if (found === undefined) return ok(`Flux is not there yet: \`npm run bootstrap -- ${environment}\``);
  // Without Flux's definitions there is no root to ask for, which kubectl reports as an error.
  const own = async (resource: string) => {
    const read = await get([resource, fluxNamespace, '--namespace', fluxNamespace]);
    return read.code === 0 ? parseJson(read.stdout) : undefined;
  };
  const root = await own('kustomizations.kustomize.toolkit.fluxcd.io');
  const source = await own('gitrepositories.source.toolkit.fluxcd.io');
  const label = textField(found, 'metadata', 'labels', environmentLabel);
  const refused = refusal(
    { label, rootPath: textField(root, 'spec', 'path'), sourceUrl: textField(source, 'spec', 'url') },
    environment,
    path,
  );
  if (refused) return problem(refused.message, refused.fix ?? '');
  return ok(label === undefined ? 'the cluster is labelled for no environment' : `the cluster is ${label}`);
}
