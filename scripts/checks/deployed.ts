import { type Finding, findingKey } from '../finding.ts';
import type { DeployedEnvironment, Environment, Repository } from '../render/environment.ts';
import { short } from '../text/commit.ts';
import type { RuleMeta } from './rule.ts';
import type { CheckStage } from './stage.ts';

export interface DeployedChecks {
  readonly stages: readonly CheckStage[];
  readonly applies: (rule: RuleMeta) => boolean;
  /** What the working tree has been found to have: it is not told again. */
  readonly found: readonly Finding[];
}

/**
 * Checks the environments as they run, each component at its own commit. What is wrong with the mix is an error, as anywhere.
 * What a commit has by itself is a warning: it was green when it was merged, so the rule is newer, and nothing but another
 * promotion could mend it.
 */
export function* checkDeployed(
  repository: Repository,
  deployed: readonly DeployedEnvironment[],
  { stages, applies, found }: DeployedChecks,
): Generator<Finding> {
  const rendered = stages.filter(({ readsFiles }) => !readsFiles);
  const run = (environment: Environment, changes: Partial<Repository>): Finding[] => {
    const { deployed: _, ...rest } = repository;
    const mix = { ...rest, ...changes, environments: [environment] };
    return rendered.flatMap((stage) => [...stage.run(mix, applies)]);
  };
  const known = new Set(found.map(findingKey));
  for (const each of deployed) {
    const { environment, pins, commits } = each;
    const sourcesOf = (_name: string, component: string) =>
      commits.get(pins.get(component) ?? '') ?? repository.sources;
    const alone = new Map<string, ReadonlySet<string>>();
    const hasAlone = (commit: string, finding: Finding): boolean => {
      if (!alone.has(commit)) {
        const whole = each.at(commit);
        const sources = commits.get(commit);
        alone.set(commit, new Set(whole && sources ? run(whole, { sources }).map(findingKey) : []));
      }
      return alone.get(commit)!.has(findingKey(finding));
    };
    for (const finding of run(environment, { sourcesOf })) {
      if (finding.severity !== 'error' || known.has(findingKey(finding))) continue;
      const { component } = finding;
      const commit = component === undefined ? undefined : pins.get(component);
      if (component === undefined || commit === undefined) {
        yield finding;
        continue;
      }
      const remedy = `\`npm run promote -- ${component}\``;
      yield hasAlone(commit, finding)
        ? {
            ...finding,
            commit,
            severity: 'warning',
            fix: `${finding.fix} It reaches ${environment.name} when it is promoted: ${remedy}.`,
          }
        : {
            ...finding,
            commit,
            fix: `${finding.fix} ${environment.name} runs ${component} as of ${short(commit)}: promote it too (${remedy}), or leave what it does not go with as it was.`,
          };
    }
  }
}
