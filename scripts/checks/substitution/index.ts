import type { Build } from '../../render/environment.ts';
import type { StageDefinition } from '../stage.ts';
import { badSyntax } from './bad-syntax.ts';
import { brokenValue } from './broken-value.ts';
import { invalidName } from './invalid-name.ts';
import { lostQuotes } from './lost-quotes.ts';
import { unprotectedPlaceholder } from './placeholder.ts';
import { undefinedVariable } from './undefined-variable.ts';
import { unsubstituted } from './unsubstituted.ts';

/** Flux's variables: every one wired and set, and nothing else mistaken for one. */
export const substitutionStage: StageDefinition<Build> = {
  stage: 'substitution',
  rules: [
    badSyntax,
    brokenValue,
    invalidName,
    lostQuotes,
    undefinedVariable,
    unprotectedPlaceholder,
    unsubstituted,
  ],
  *subjects({ environments }) {
    for (const { name, builds } of environments)
      for (const build of builds) yield { subject: build, environment: name, component: build.component };
  },
};
