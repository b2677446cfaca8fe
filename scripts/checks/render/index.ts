import type { Build } from '../../render/environment.ts';
import type { StageDefinition } from '../stage.ts';
import { buildFailed } from './build-failed.ts';
import { componentPath } from './component-path.ts';
import { foreignSource } from './foreign-source.ts';
import { kustomizationFile } from './kustomization-file.ts';
import { missingPath } from './missing-path.ts';
import { unsupportedFeature } from './unsupported.ts';

/** What kept a Flux Kustomization from being built. */
export const renderStage: StageDefinition<Build> = {
  stage: 'render',
  rules: [buildFailed, componentPath, foreignSource, kustomizationFile, missingPath, unsupportedFeature],
  *subjects({ environments }) {
    for (const { name, builds } of environments)
      for (const build of builds) yield { subject: build, environment: name, component: build.component };
  },
};
