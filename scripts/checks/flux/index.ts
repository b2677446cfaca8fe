import type { Repository } from '../../render/environment.ts';
import type { StageDefinition } from '../stage.ts';
import { addOnOrder } from './add-on-order.ts';
import { applierRights } from './applier-rights.ts';
import { chartVersion } from './chart-version.ts';
import { decryption } from './decryption.ts';
import { definitionOrder } from './definition-order.ts';
import { dependencyCycle } from './dependency-cycle.ts';
import { dependsOn } from './depends-on.ts';
import { doubleOwnership } from './double-ownership.ts';
import { duplicateName } from './duplicate-name.ts';
import { type FluxSubject, fluxSubject } from './flux-objects.ts';
import { healthCheck } from './health-check.ts';
import { job } from './job.ts';
import { missingDefinition } from './missing-definition.ts';
import { namespaceOrder } from './namespace-order.ts';
import { ownSource } from './own-source.ts';
import { path } from './path.ts';
import { plainSecret } from './plain-secret.ts';
import { pruneProtection } from './prune-protection.ts';
import { requiredFields } from './required-fields.ts';
import { reservedName } from './reserved-name.ts';
import { serviceAccount } from './service-account.ts';
import { shortTimeout } from './short-timeout.ts';
import { sourceReference } from './source-reference.ts';
import { sparseDirectory } from './sparse-directory.ts';
import { substituteFrom } from './substitute-from.ts';
import { suspended } from './suspended.ts';

/** Whether Flux can reconcile what is declared: one subject for each environment. */
export const fluxStage: StageDefinition<FluxSubject> = {
  stage: 'flux',
  rules: [
    addOnOrder,
    applierRights,
    chartVersion,
    decryption,
    definitionOrder,
    dependencyCycle,
    dependsOn,
    doubleOwnership,
    duplicateName,
    healthCheck,
    job,
    missingDefinition,
    namespaceOrder,
    ownSource,
    path,
    plainSecret,
    pruneProtection,
    requiredFields,
    reservedName,
    serviceAccount,
    shortTimeout,
    sourceReference,
    sparseDirectory,
    substituteFrom,
    suspended,
  ],
  *subjects(repository: Repository) {
    for (const environment of repository.environments)
      yield { subject: fluxSubject(repository, environment), environment: environment.name };
  },
};
