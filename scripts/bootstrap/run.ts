import { type ExitCode, exitCode, type UsageError } from '../cli/exit.ts';
import type { Repository } from '../render/environment.ts';
import type { JsonObject } from '../yaml/node.ts';
import { type ClusterState, inspect, refusal } from './cluster.ts';
import { missingOperations } from './controllers.ts';
import {
  block,
  describeCredentials,
  describeObjects,
  describePlan,
  describeSecrets,
  describeUrls,
} from './describe.ts';
import {
  type FluxCommand,
  fluxBootstrapCommand,
  fluxInstallCommand,
  fluxManifestsUrl,
  type Method,
} from './flux.ts';
import { connect, type Kubectl, lastLine, parseJson } from './kubectl.ts';
import {
  fieldManager,
  fluxNamespace,
  gitRepository,
  labelledFluxNamespace,
  rootKustomization,
  type Source,
} from './objects.ts';
import { makePlan, type Plan } from './plan.ts';
import { findProgram, runProcess, showCommand } from './process.ts';
import { makeSecret, secretWork } from './secrets.ts';
import { type ResolvedSource, resolveSource, sourceSecret } from './source.ts';
import { waitForFlux } from './wait.ts';

export interface BootstrapOptions {
  readonly environment: string;
  /** Components; empty for all. */
  readonly only: readonly string[];
  readonly url?: string | undefined;
  readonly branch?: string | undefined;
  readonly privateKey?: string | undefined;
  readonly context?: string | undefined;
  readonly kubeconfig?: string | undefined;
  /** Nothing is written to Git. */
  readonly readOnly: boolean;
  readonly yes: boolean;
  readonly dryRun: boolean;
  readonly timeoutMs: number;
}

/** How bootstrap talks to the person and the machine. */
export interface Surroundings {
  readonly root: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly write: (text: string) => void;
  readonly step: (text: string) => void;
  /** Undefined where nobody can be asked. */
  readonly confirm: ((question: string) => Promise<boolean>) | undefined;
  readonly signal: AbortSignal;
  readonly pollMs: number;
}

/** What a shell reports for a program that Ctrl-C ended. */
export const interrupted = 130;

export type Outcome =
  | { readonly ok: true; readonly code: ExitCode | typeof interrupted }
  | { readonly ok: false; readonly error: UsageError };

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
  const resolved = await resolveSource(surroundings.root, options, options.dryRun);
  if (!resolved.ok) return resolved;
  const { source } = resolved;
  surroundings.write(describePlan(plan, source));
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
      `Context       ${kubectl.context}`,
      `Server        ${kubectl.server} (${kubectl.version})`,
      ...(minor(kubectl.version) === minor(plan.versions.kubernetes)
        ? []
        : [`              note: everything here is checked against Kubernetes ${plan.versions.kubernetes}`]),
    ]),
  );
  const agreed = await agree(options, surroundings, plan.environment.name, kubectl.context);
  if (surroundings.signal.aborted) return stopped(surroundings, 'Nothing was changed.');
  if (!agreed.ok) return agreed;
  if (!agreed.yes) {
    surroundings.write('Nothing was changed.\n');
    return { ok: true, code: exitCode.failure };
  }

  const failure = await apply(
    plan,
    { method, commands, source: fullSource, state, work },
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
  const open = waited.progress.filter(({ state: reached }) => reached !== 'ready');
  surroundings.write(
    block([
      'Not ready in time. Flux goes on trying; run the same command again to go on watching.',
      ...open.map(({ name, detail }) => `  ${name}: ${detail}`),
      'To see more:',
      `  ${kubectl.shown} -n ${fluxNamespace} get gitrepositories,kustomizations`,
      ...plan.namespaces.map(({ name }) => `  ${kubectl.shown} -n ${name} get pods,events`),
    ]),
  );
  return { ok: true, code: exitCode.findings };
}

function dryRun(
  plan: Plan,
  source: ResolvedSource,
  options: BootstrapOptions,
  fluxProgram: string | undefined,
  write: (text: string) => void,
): void {
  const kubectl =
    options.context === undefined ? 'kubectl' : showCommand(['kubectl', '--context', options.context]);
  const connection = [
    ...(options.context === undefined ? [] : ['--context', options.context]),
    ...(options.kubeconfig === undefined ? [] : ['--kubeconfig', options.kubeconfig]),
  ];
  const flux: FluxCommand = { program: fluxProgram ?? 'flux', version: plan.versions.flux, connection };
  const secret = source.scheme === 'ssh' ? fluxNamespace : undefined;
  const byBootstrap = fluxProgram !== undefined && !options.readOnly && plan.choice.omitted.length === 0;
  write(describeSecrets(secretWork(plan.secrets, new Map())));
  write(
    describeObjects('Made first, where they are not there yet', [
      labelledFluxNamespace(plan.environment.name),
      ...plan.namespaces.filter(({ name }) => name !== fluxNamespace).map(({ object }) => object),
    ]),
  );
  if (byBootstrap) {
    const command = fluxBootstrapCommand(
      flux,
      source,
      source.scheme,
      plan.environment.path,
      options.privateKey,
    );
    write(block([`Then Flux: ${describeMethod('bootstrap', source)}`, `  ${showCommand(command)}`]));
  } else {
    write(
      block([
        'Then Flux, where it is not there yet',
        `  ${showCommand(fluxInstallCommand(flux))}`,
        `  (or, without the Flux CLI: ${showCommand(manifestsCommand('kubectl', plan.versions.flux))})`,
        ...(plan.controllerPatches.length > 0
          ? [`Then the settings of ${plan.environment.path}/flux-system on ${patchedControllers(plan)}`]
          : []),
      ]),
    );
    write(
      describeObjects('Then its source and root Kustomization', [
        gitRepository({ ...source, secret }),
        rootKustomization(plan.environment, plan.choice),
      ]),
    );
  }
  write(describeUrls(plan));
  write(describeCredentials(plan, kubectl));
  write('Dry run: no cluster was contacted, nothing was changed.\n');
}

const patchedControllers = (plan: Plan): string =>
  plan.controllerPatches.map(({ deployment }) => deployment).join(', ');

const manifestsCommand = (kubectl: string, version: string): readonly string[] => [
  ...kubectl.split(' '),
  'apply',
  '--server-side',
  '-f',
  fluxManifestsUrl(version),
];

function describeMethod(method: Method, source: Pick<ResolvedSource, 'branch' | 'scheme'>): string {
  switch (method) {
    case 'bootstrap':
      return `flux bootstrap installs it and pushes a commit to ${source.branch} (without the right to push: --read-only)${
        source.scheme === 'ssh' ? '' : '; it asks for a token, or takes GIT_PASSWORD'
      }`;
    case 'install':
      return 'is installed; nothing is written to Git';
    case 'apply':
      return 'is in the cluster; it is told to deploy this source';
  }
}

const fluxCommands = (
  method: Method,
  flux: FluxCommand,
  source: Source,
  scheme: ResolvedSource['scheme'],
  plan: Plan,
  { privateKey }: BootstrapOptions,
): readonly (readonly string[])[] => {
  if (method === 'bootstrap')
    return [fluxBootstrapCommand(flux, source, scheme, plan.environment.path, privateKey)];
  return method === 'install' ? [fluxInstallCommand(flux)] : [];
};

type MethodChosen =
  | { readonly ok: true; readonly method: Method; readonly flux: FluxCommand }
  | { readonly ok: false; readonly error: UsageError };

// A choice of components lives in the root Kustomization, which `flux bootstrap` would write to Git without it.
function chooseMethod(
  plan: Plan,
  options: BootstrapOptions,
  state: ClusterState,
  fluxProgram: string | undefined,
  kubectl: Kubectl,
): MethodChosen {
  const { flux: version } = plan.versions;
  const flux: FluxCommand = { program: fluxProgram ?? 'flux', version, connection: kubectl.connection };
  if (fluxProgram !== undefined && !options.readOnly && plan.choice.omitted.length === 0)
    return { ok: true, method: 'bootstrap', flux };
  if (state.fluxInstalled) return { ok: true, method: 'apply', flux };
  if (fluxProgram !== undefined) return { ok: true, method: 'install', flux };
  return {
    ok: false,
    error: {
      message: 'Flux is not in the cluster, and there is no flux on PATH to install it',
      fix: [
        `Install Flux ${version}, then run this again:`,
        `    ${showCommand(manifestsCommand(kubectl.shown, version))}`,
        `  Or install the Flux CLI (https://fluxcd.io/flux/installation/) and run: flux install --version=${version}`,
      ].join('\n'),
    },
  };
}

type Agreed =
  | { readonly ok: true; readonly yes: boolean }
  | { readonly ok: false; readonly error: UsageError };

async function agree(
  { yes }: BootstrapOptions,
  { confirm }: Surroundings,
  environment: string,
  context: string,
): Promise<Agreed> {
  if (yes) return { ok: true, yes: true };
  if (confirm === undefined)
    return {
      ok: false,
      error: {
        message: 'there is no terminal to ask whether this is the right cluster; nothing was changed',
        fix: 'Look at the context and server above, then run this again with --yes.',
      },
    };
  return {
    ok: true,
    yes: await confirm(`Bring up ${environment} in the cluster of context ${context}? [y/N] `),
  };
}

interface Work {
  readonly method: Method;
  readonly commands: readonly (readonly string[])[];
  readonly source: Source;
  readonly state: ClusterState;
  readonly work: ReturnType<typeof secretWork>;
}

async function apply(
  plan: Plan,
  { method, commands, source, state, work }: Work,
  kubectl: Kubectl,
  { write, step, environment, signal }: Surroundings,
): Promise<UsageError | undefined> {
  const done = (text: string): void => write(`✔ ${text}\n`);
  const again = 'Mend the cause, then run the same command again: what is done is not done twice.';
  // Under a name of its own, so that these fields survive when Flux applies the same objects.
  const applyObjects = async (
    what: string,
    objects: readonly JsonObject[],
  ): Promise<UsageError | undefined> => {
    const result = await kubectl.run(
      ['apply', '--server-side', '--force-conflicts', `--field-manager=${fieldManager}`, '--filename=-'],
      JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }),
    );
    if (result.code !== 0) return { message: `${what}: ${lastLine(result.stderr)}`, fix: again };
    done(what);
    return undefined;
  };

  step('Making namespaces …');
  const labelled = await applyObjects(`Namespace ${fluxNamespace}, labelled as ${plan.environment.name}`, [
    labelledFluxNamespace(plan.environment.name),
  ]);
  if (labelled) return labelled;
  for (const { name, object } of plan.namespaces) {
    if (name === fluxNamespace || state.namespaces.has(name)) continue;
    // Created, not applied: Flux takes its fields over, and could not take away what another manager still holds.
    const created = await kubectl.run(['create', '--filename=-'], JSON.stringify(object));
    if (created.code !== 0) return { message: `Namespace ${name}: ${lastLine(created.stderr)}`, fix: again };
    done(`Namespace ${name}`);
  }
  for (const item of work) {
    step(`Making Secret ${item.secret.name} …`);
    const failed = await makeSecret(kubectl, item);
    if (failed) return failed;
    const { namespace, name } = item.secret;
    done(
      `Secret ${namespace}/${name}${item.action === 'keep' ? ', as it was' : `: ${item.missing.join(', ')}`}`,
    );
  }

  step('');
  for (const command of commands) {
    write(`Running ${showCommand(command)}\n`);
    const ran = await runProcess(command, { environment, signal, interactive: true });
    if (ran.code !== 0)
      return {
        message: `${command.slice(0, 2).join(' ')} failed with exit code ${ran.code}; its own message stands above`,
        fix: method === 'bootstrap' ? `${again} If you may not push to ${source.url}: --read-only.` : again,
      };
  }
  if (method === 'bootstrap') {
    // An earlier run may have left components out.
    if (!state.rootHasPatches) return undefined;
    return applyObjects('Root Kustomization without a choice of components', [
      rootKustomization(plan.environment, plan.choice),
    ]);
  }
  const patched = await patchControllers(plan, kubectl, done, again);
  if (patched) return patched;
  return applyObjects(`Source and root Kustomization ${fluxNamespace}`, [
    gitRepository(source),
    rootKustomization(plan.environment, plan.choice),
  ]);
}

async function patchControllers(
  plan: Plan,
  kubectl: Kubectl,
  done: (text: string) => void,
  again: string,
): Promise<UsageError | undefined> {
  for (const patch of plan.controllerPatches) {
    const { deployment } = patch;
    const read = await kubectl.run([
      'get',
      'deployment',
      deployment,
      '--namespace',
      fluxNamespace,
      '--output=json',
      '--ignore-not-found',
    ]);
    if (read.code !== 0) return { message: `Deployment ${deployment}: ${lastLine(read.stderr)}`, fix: again };
    const object = parseJson(read.stdout);
    // Not every installation has every controller.
    if (object === undefined) continue;
    const operations = missingOperations(patch, object);
    if (operations.length === 0) continue;
    const result = await kubectl.run([
      'patch',
      'deployment',
      deployment,
      '--namespace',
      fluxNamespace,
      '--type=json',
      `--field-manager=${fieldManager}`,
      `--patch=${JSON.stringify(operations)}`,
    ]);
    if (result.code !== 0)
      return { message: `Deployment ${deployment}: ${lastLine(result.stderr)}`, fix: again };
    done(`Settings of ${deployment}`);
  }
  return undefined;
}

function stopped({ write }: Surroundings, text: string): Outcome {
  write(`\nStopped. ${text}\n`);
  return { ok: true, code: interrupted };
}

const minor = (version: string): string => /^v?(\d+\.\d+)/.exec(version)?.[1] ?? version;
