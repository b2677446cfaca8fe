import type { Finding } from '../finding.ts';
import type { Repository } from '../render/environment.ts';
import type { Report, Rule, RuleMeta, Stage } from './rule.ts';

export interface SubjectOf<Subject> {
  readonly subject: Subject;
  /** Of the findings that name no object. */
  readonly environment?: string;
  readonly component?: string;
}

/** A stage of the gate: its rules, and what in a repository they look at. Every stage has this shape. */
export interface StageDefinition<Subject> {
  readonly stage: Stage;
  readonly rules: readonly Rule<Subject>[];
  /** It looks at files as the working tree has them, whatever runs. */
  readonly readsFiles?: true;
  subjects(repository: Repository): Iterable<SubjectOf<Subject>>;
}

/** Runs the rules of one stage over a repository; `only` leaves rules out. */
export function* runStage<Subject>(
  definition: StageDefinition<Subject>,
  repository: Repository,
  only: (rule: Rule<Subject>) => boolean = () => true,
): Generator<Finding> {
  const rules = definition.rules.filter(only);
  for (const owner of definition.subjects(repository))
    for (const rule of rules)
      for (const report of rule.check(owner.subject)) yield toFinding(rule, report, owner);
}

/** A rule's report as a finding. */
export function toFinding<Subject>(rule: Rule<Subject>, report: Report, owner: SubjectOf<Subject>): Finding {
  const environment = report.object?.environment ?? owner.environment;
  const component = report.object?.component ?? owner.component;
  return {
    rule: rule.id,
    severity: report.severity ?? rule.severity,
    message: report.message,
    fix: report.fix ?? rule.fix,
    file: report.at.file,
    line: report.at.line,
    column: report.at.column,
    ...(report.object && {
      object: {
        apiVersion: report.object.apiVersion,
        kind: report.object.kind,
        ...(report.object.namespace === undefined ? {} : { namespace: report.object.namespace }),
        name: report.object.name,
      },
    }),
    ...(environment === undefined ? {} : { environment }),
    ...(component === undefined ? {} : { component }),
  };
}

/** A stage whose subjects are its own business: what the gate keeps in one list. */
export interface CheckStage {
  readonly stage: Stage;
  readonly rules: readonly RuleMeta[];
  readonly readsFiles: boolean;
  run(repository: Repository, only?: (rule: RuleMeta) => boolean): Iterable<Finding>;
}

export const checkStage = <Subject>(definition: StageDefinition<Subject>): CheckStage => ({
  stage: definition.stage,
  rules: definition.rules,
  readsFiles: definition.readsFiles === true,
  run: (repository, only) => runStage(definition, repository, only),
});
