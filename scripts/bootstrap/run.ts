import { exitCode } from '../cli/exit.ts';
import { declined, describeCluster } from '../cluster/consent.ts';
import { refusal } from '../cluster/identity.ts';
import { connect } from '../cluster/kubectl.ts';
import { fluxNamespace } from '../cluster/names.ts';
import { findProgram, showCommand } from '../cluster/process.ts';
import { type Outcome, type Surroundings, stopped } from '../cluster/surroundings.ts';
import { describeProgress, waitForFlux } from '../cluster/wait.ts';
import type { Repository } from '../render/environment.ts';
import { apply } from './apply.ts';
import { inspect } from './cluster.ts';
import { readAgeKey } from './decryption.ts';
import { block, describeCredentials, describePlan, describeSecrets, describeUrls } from './describe.ts';
import { dryRun } from './dry-run.ts';
import { chooseMethod, describeMethod, fluxCommands } from './flux.ts';
import type { Source } from './objects.ts';
import type { BootstrapOptions } from './options.ts';
import { makePlan } from './plan.ts';
import { onlyYoursAmong, secretWork } from './secrets.ts';
import { resolveSource, sourceSecret } from './source.ts';
import { otherAddress, otherBranch } from './sources.ts';

/**
 * Brings an environment up: its Secrets, Flux, the source and the root Kustomization, then waits. Every step looks first at
 * what is there, so that a run may be cut off anywhere and repeated.
 */
export async function bootstrap(
  repository: Repository,
  options: BootstrapOptions,
  surroundings: Surroundings,
): Promise<Outcome> {
  const made = makePlan(repository, options.environment, options.only);
  if (!made.ok) return made;
  const { plan } = made;
  if (plan.placeholders.length > 0 && !options.dryRun)
    return {
      ok: false,
      error: {
        message: `${plan.environment.name} still has examples where your site's own values belong:\n  ${plan.placeholders.join('\n  ')}`,
        fix: `Write them (facts in ${plan.facts.file}), run \`npm run validate\`, commit and push.`,
      },
    };
  if (plan.unready && !options.dryRun) return { ok: false, error: plan.unready };
  const key = readAgeKey(options.ageKey, plan.secrets);
  if (!key.ok) return key;
  const resolved = await resolveSource(surroundings.root, options, options.dryRun);
  if (!resolved.ok) return resolved;
  const { source } = resolved;
  const elsewhere = otherBranch(plan.sources, source.branch);
  if (elsewhere && !options.dryRun) return { ok: false, error: elsewhere };
  const notes = [
    ...source.notes,
    ...otherAddress(plan.sources, source.url),
    ...(options.dryRun && elsewhere ? [elsewhere.message] : []),
  ];
  surroundings.write(describePlan(plan, { ...source, notes }));
  const fluxProgram = findProgram('flux', surroundings.environment);
  if (options.dryRun) {
    dryRun(plan, source, options, fluxProgram, surroundings.write);
    return { ok: true, code: exitCode.good };
  }

  surroundings.step('Looking at the cluster …');
  const connected = await connect({
    ...options,
    environment: surroundings.environment,
    signal: surroundings.signal,
  });
  if (surroundings.signal.aborted) return stopped(surroundings, 'Nothing was changed.');
  if (!connected.ok) return connected;
  const { kubectl } = connected;
  surroundings.write(
    block([
      ...describeCluster(kubectl),
      ...(minor(kubectl.version) === minor(plan.versions.kubernetes)
        ? []
        : [`              note: everything here is checked against Kubernetes ${plan.versions.kubernetes}`]),
    ]),
  );
  const inspected = await inspect(kubectl, plan);
  if (surroundings.signal.aborted) return stopped(surroundings, 'Nothing was changed.');
  if (!inspected.ok) return inspected;
  const { state } = inspected;
  const refused = refusal(state, plan.environment.name, plan.environment.path);
  if (refused) return { ok: false, error: refused };
  const chosen = chooseMethod(plan, options, state, fluxProgram, kubectl);
  if (!chosen.ok) return chosen;
  const { method, flux } = chosen;
  const login: ReturnType<typeof sourceSecret> =
    method === 'bootstrap' ? { ok: true, secret: fluxNamespace } : sourceSecret(source, state, kubectl.shown);
  if (!login.ok) return login;
  const fullSource: Source = { url: source.url, branch: source.branch, secret: login.secret };

  const work = secretWork(plan.secrets, state.secretKeys);
  const missing = onlyYoursAmong(work, key.supplied);
  if (missing) return { ok: false, error: missing };
  const leaving = plan.choice.omitted.filter((name) => state.deployed.has(name));
  const commands = fluxCommands(method, flux, fullSource, source.scheme, plan, options);
  surroundings.write(describeSecrets(work));
  surroundings.write(
    block([
      `Flux          ${describeMethod(method, source)}`,
      ...commands.map((command) => `              ${showCommand(command)}`),
      ...(state.sourceUrl !== undefined && state.sourceUrl !== source.url
        ? [`              note: the source is ${state.sourceUrl} now and becomes ${source.url}`]
        : []),
      ...(leaving.length > 0
        ? [`              not chosen, so Flux removes them (volumes stay): ${leaving.join(', ')}`]
        : []),
    ]),
  );
  const no = await declined(`Bring up ${plan.environment.name}`, options, surroundings, kubectl);
  if (no) return no;

  const failure = await apply(
    plan,
    { method, commands, source: fullSource, state, work, supplied: key.supplied },
    kubectl,
    surroundings,
  );
  if (surroundings.signal.aborted)
    return stopped(
      surroundings,
      'What was made so far stays. Run the same command again: it goes on where it stopped, and never changes a value of a Secret.',
    );
  if (failure) return { ok: false, error: failure };

  surroundings.write(`Waiting for ${plan.choice.components.length} components …\n`);
  const waited = await waitForFlux(kubectl, {
    expected: new Map([...plan.dependencies, [fluxNamespace, []]]),
    timeoutMs: options.timeoutMs,
    pollMs: surroundings.pollMs,
    signal: surroundings.signal,
    line: (text) => surroundings.write(`${text}\n`),
    step: surroundings.step,
  });
  if (waited.outcome === 'interrupted')
    return stopped(
      surroundings,
      `Nothing is lost: Flux goes on in the cluster. Run the same command again to go on watching, or look with\n  ${kubectl.shown} -n ${fluxNamespace} get kustomizations`,
    );
  surroundings.write(`\n${describeUrls(plan)}${describeCredentials(plan, kubectl.shown)}`);
  if (waited.outcome === 'ready') {
    surroundings.write(`${plan.environment.name} is ready.\n`);
    return { ok: true, code: exitCode.good };
  }
  const open = waited.progress.filter((item) => item.state !== 'ready');
  surroundings.write(
    block([
      'Not ready in time. Flux goes on trying; run the same command again to go on watching.',
      ...describeProgress(open).map((line) => `  ${line}`),
      'To see more:',
      `  ${kubectl.shown} -n ${fluxNamespace} get gitrepositories,kustomizations`,
      ...plan.namespaces.map(({ name }) => `  ${kubectl.shown} -n ${name} get pods,events`),
    ]),
  );
  return { ok: true, code: exitCode.findings };
}

const minor = (version: string): string => /^v?(\d+\.\d+)/.exec(version)?.[1] ?? version;
