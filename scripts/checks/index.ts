import { apiServerStage } from './api-server/index.ts';
import { fluxStage } from './flux/index.ts';
import { kustomizationStage, kustomizationTreeStage } from './kustomization/index.ts';
import { referenceStage } from './reference/index.ts';
import { renderStage } from './render/index.ts';
import { schemaStage } from './schema/index.ts';
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
  checkStage(referenceStage),
  checkStage(fluxStage),
];
