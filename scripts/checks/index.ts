import { apiServerStage } from './api-server/index.ts';
import { capacityStage } from './capacity/index.ts';
import { configurationStage } from './configuration/index.ts';
import { fluxStage } from './flux/index.ts';
import { kustomizationStage, kustomizationTreeStage } from './kustomization/index.ts';
import { networkFlowsStage, networkStage } from './network/index.ts';
import { policyStage } from './policy/index.ts';
import { promotionStage } from './promotion/index.ts';
import { referenceStage } from './reference/index.ts';
import { renderStage } from './render/index.ts';
import type { Stage } from './rule.ts';
import { schemaStage } from './schema/index.ts';
import { secretsStage } from './secrets/index.ts';
import { type CheckStage, checkStage } from './stage.ts';
import { substitutionStage } from './substitution/index.ts';
import { yamlStage } from './yaml/index.ts';

/** The stages of the gate, in the order in which they run. */
export const allStages: readonly CheckStage[] = [
  checkStage(yamlStage),
  checkStage(kustomizationStage),
  checkStage(kustomizationTreeStage),
  checkStage(renderStage),
  checkStage(substitutionStage),
  checkStage(schemaStage),
  checkStage(apiServerStage),
  checkStage(policyStage),
  checkStage(referenceStage),
  checkStage(networkStage),
  checkStage(networkFlowsStage),
  checkStage(fluxStage),
  checkStage(secretsStage),
  checkStage(configurationStage),
  checkStage(promotionStage),
  checkStage(capacityStage),
];

/** The stages that exist, in order. */
export const stageNames: readonly Stage[] = [...new Set(allStages.map(({ stage }) => stage))];
