import { fluxNamespace } from '../cluster/names.ts';
import { showCommand } from '../cluster/process.ts';
import { block, describeCredentials, describeObjects, describeSecrets, describeUrls } from './describe.ts';
import {
  describeMethod,
  type FluxCommand,
  fluxBootstrapCommand,
  fluxInstallCommand,
  manifestsCommand,
} from './flux.ts';
import { gitRepository, labelledFluxNamespace, rootKustomization } from './objects.ts';
import type { BootstrapOptions } from './options.ts';
import type { Plan } from './plan.ts';
import { secretWork } from './secrets.ts';
import type { ResolvedSource } from './source.ts';

/** Writes what a run would do to an empty cluster. It calls no program. */
export function dryRun(
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
      labelledFluxNamespace(plan.environment.name, true),
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
        `  (or, without the Flux CLI: ${manifestsCommand(kubectl, plan.versions.flux)})`,
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
  if (plan.unready !== undefined)
    write(
      block(['Not yet', `  ${plan.unready.message}`, ...(plan.unready.fix ? [`  ${plan.unready.fix}`] : [])]),
    );
  if (plan.placeholders.length > 0)
    write(block(['Examples that have to be replaced first', ...plan.placeholders.map((one) => `  ${one}`)]));
  write(describeCredentials(plan, kubectl));
  write('Dry run: no cluster was contacted, nothing was changed.\n');
}

const patchedControllers = (plan: Plan): string =>
  plan.controllerPatches.map(({ deployment }) => deployment).join(', ');
