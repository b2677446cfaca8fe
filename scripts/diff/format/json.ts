import { isDanger } from '../danger/index.ts';
import type { EnvironmentDiff } from '../run.ts';
import type { DiffReporter } from './describe.ts';

/** The report for machines. Values of Secrets are not in it either. */
export const json: DiffReporter = ({ base, diffs }) =>
  `${JSON.stringify(
    {
      base,
      dangers: diffs.flatMap(({ dangers }) => dangers).filter(isDanger).length,
      environments: diffs.map(environmentJson),
    },
    undefined,
    2,
  )}\n`;

/** What a change does to one environment, for machines. */
export const environmentJson = ({ change, dangers }: EnvironmentDiff) => ({
  name: change.environment,
  timing: change.timing,
  addedKustomizations: change.addedComponents,
  removedKustomizations: change.removedComponents,
  dangers: dangers.map(({ rule, severity, message, why, fix, component, object, at }) => ({
    rule,
    severity,
    message,
    why,
    fix,
    component,
    object,
    ...at,
  })),
  images: change.images.map(({ holder, type, before, after, change: { reference, component } }) => ({
    type,
    holder,
    before,
    after,
    component,
    object: reference,
  })),
  restarts: change.restarts.map(({ reference, component, how, causes }) => ({
    object: reference,
    component,
    how,
    causes,
  })),
  uncompared: change.uncompared,
  objects: change.objects.map(({ status, component, movedFrom, reference, fields, fate }) => ({
    status,
    component,
    ...(movedFrom !== undefined && { movedFrom }),
    object: reference,
    ...(fate && { fate }),
    fields: fields.map(({ path, kind, before, after, hidden }) => ({
      path,
      kind,
      ...(before !== undefined && { before }),
      ...(after !== undefined && { after }),
      ...(hidden && { hidden }),
    })),
  })),
});
