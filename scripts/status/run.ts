import { exitCode } from '../cli/exit.ts';
import { findEnvironment } from '../cluster/components.ts';
import { describeCluster } from '../cluster/consent.ts';
import { readIdentity, refusal } from '../cluster/identity.ts';
import { field, textField } from '../cluster/json.ts';
import { connect } from '../cluster/kubectl.ts';
import { fluxNamespace } from '../cluster/names.ts';
import { type Outcome, type Surroundings, stopped } from '../cluster/surroundings.ts';
import type { Repository } from '../render/environment.ts';
import { formatReport } from './format.ts';
import { meantBy, readClone } from './meant.ts';
import { kindOf, nameOf } from './reasons.ts';
import { commitOf, makeReport } from './report.ts';
import { takeSnapshot } from './snapshot.ts';

export interface StatusOptions {
  readonly environment: string;
  readonly context?: string | undefined;
  readonly kubeconfig?: string | undefined;
  readonly json: boolean;
}

/** Says what each component runs, is meant to run, and why it is not ready. Changes nothing. */
export async function status(
  repository: Repository,
  options: StatusOptions,
  surroundings: Surroundings,
): Promise<Outcome> {
  const { write, step, signal } = surroundings;
  const found = findEnvironment(repository, options.environment);
  if (!found.ok) return found;
  const { environment } = found;
  step('Looking at the cluster …');
  const connected = await connect({ ...options, environment: surroundings.environment, signal });
  if (signal.aborted) return stopped(surroundings, 'Nothing was changed.');
  if (!connected.ok) return connected;
  const { kubectl } = connected;
  const identified = await readIdentity(kubectl);
  if (signal.aborted) return stopped(surroundings, 'Nothing was changed.');
  if (!identified.ok) return identified;
  const refused = refusal(identified.identity, environment.name, environment.path);
  if (refused) return { ok: false, error: refused };
  const taken = await takeSnapshot(kubectl);
  if (signal.aborted) return stopped(surroundings, 'Nothing was changed.');
  if (!taken.ok) return taken;
  const { snapshot } = taken;
  const source = snapshot.flux.find(
    (object) => kindOf(object) === 'GitRepository' && nameOf(object) === fluxNamespace,
  );
  const clone = await readClone(
    surroundings.root,
    textField(source, 'spec', 'ref', 'branch'),
    commitOf(textField(source, 'status', 'artifact', 'revision')),
  );
  const report = makeReport(snapshot, meantBy(environment), clone, Date.now());
  step('');
  if (options.json) {
    const { context, server, version } = kubectl;
    const { name } = environment;
    write(`${JSON.stringify({ environment: name, context, server, version, ...report }, null, 2)}\n`);
  } else {
    write(`${['Environment   '.concat(environment.name), ...describeCluster(kubectl)].join('\n')}\n`);
    write(formatReport(report, environment.name));
    if (field(source, 'metadata') === undefined)
      write(`Nothing is deployed here: \`npm run bootstrap -- ${environment.name}\` does that.\n`);
  }
  return { ok: true, code: report.ok ? exitCode.good : exitCode.findings };
}
