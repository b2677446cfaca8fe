import { checkDeployed } from './checks/deployed.ts';
import { allStages } from './checks/index.ts';
import { mergeFindings } from './checks/merge.ts';
import type { RuleMeta, Stage } from './checks/rule.ts';
import { applyWaivers, readWaivers, type WaivedFindings } from './checks/waivers.ts';
import { describe, type Finding, findingKey, type ObjectReference } from './finding.ts';
import type { Environment, Repository } from './render/environment.ts';

/** What a person narrowed the run to; empty lists mean everything. */
export interface Selection {
  readonly environments: readonly string[];
  readonly components: readonly string[];
  readonly stages: readonly Stage[];
}

export interface EnvironmentSummary {
  readonly name: string;
  readonly components: readonly string[];
  /** How many of them run from a commit of their own. */
  readonly pinned?: number;
  readonly objects: number;
  /** Objects without an error that is not waived. */
  readonly valid: number;
  readonly invalid: number;
  /** Objects that no stage looked at one by one. */
  readonly skipped: number;
  /** How long its rendering took, in milliseconds. */
  readonly renderMs?: number;
}

export interface GateResult extends WaivedFindings {
  /** No error that is not waived; with `strict`, no warning either. */
  readonly ok: boolean;
  readonly environments: readonly EnvironmentSummary[];
}

export interface GateOptions {
  readonly selection: Selection;
  /** Whether the rules about this platform run, or only the general ones. */
  readonly platform: boolean;
  readonly strict: boolean;
  /** ISO date, for waivers. */
  readonly today: string;
  readonly step?: (message: string) => void;
}

const consequences: ReadonlySet<string> = new Set(
  allStages.flatMap(({ rules }) => rules.flatMap(({ id, consequence }) => (consequence ? [id] : []))),
);

// A run that found nothing to check must not look like one that found nothing wrong.
const nothingFound: Finding = {
  rule: 'render/nothing-found',
  severity: 'error',
  message:
    'no environment was found, so nothing was checked: no Flux Kustomization and no directory below flux/',
  fix: 'Run it on the root of a Flux repository (`--root DIR`).',
  file: '.',
  line: 1,
  column: 1,
};

/** Checks a rendered repository: every stage, every rule, then waivers and the verdict. */
export function runGate(repository: Repository, options: GateOptions): GateResult {
  const { selection } = options;
  const applies = (rule: RuleMeta): boolean => rule.scope === 'general' || options.platform;
  const found: Finding[] = repository.environments.length === 0 ? [nothingFound] : [];
  for (const stage of allStages) {
    if (selection.stages.length > 0 && !selection.stages.includes(stage.stage)) continue;
    options.step?.(`Checking ${stage.stage} …`);
    found.push(...stage.run(repository, applies));
  }
  if (repository.deployed && repository.deployed.length > 0) {
    options.step?.('Checking what is pinned …');
    const stages = allStages.filter(
      ({ stage }) => selection.stages.length === 0 || selection.stages.includes(stage),
    );
    found.push(...checkDeployed(repository, repository.deployed, { stages, applies, found }));
  }
  const waivers = readWaivers(
    repository.sources,
    new Set(allStages.flatMap((stage) => stage.rules.map(({ id }) => id))),
  );
  const complete = Object.values(selection).every((list) => list.length === 0);
  // Before they are merged: what several environments or components share is told for the first of them alone.
  const inScope = [...found, ...waivers.findings].filter((finding) => isSelected(finding, selection));
  const { findings, waived } = applyWaivers(mergeFindings(inScope, consequences), waivers.waivers, {
    today: options.today,
    complete,
  });
  const counted = new Set(findings.map(findingKey));
  const unmerged = inScope.filter((finding) => counted.has(findingKey(finding)));
  const environments = repository.environments
    .filter(({ name }) => selection.environments.length === 0 || selection.environments.includes(name))
    .map((environment) => {
      const summary = summarize(environment, unmerged, selection);
      const pins = repository.deployed?.find((each) => each.environment.name === environment.name)?.pins;
      const pinned = summary.components.filter((name) => pins?.has(name)).length;
      return pinned === 0 ? summary : { ...summary, pinned };
    });
  const red = (finding: Finding): boolean =>
    finding.severity === 'error' || (options.strict && finding.severity === 'warning');
  return { ok: !findings.some(red), environments, findings, waived };
}

// What belongs to no environment or component concerns all of them.
const isSelected = (finding: Finding, { environments, components }: Selection): boolean =>
  (environments.length === 0 ||
    finding.environment === undefined ||
    environments.includes(finding.environment)) &&
  (components.length === 0 || finding.component === undefined || components.includes(finding.component));

const identity = (environment: string | undefined, object: ObjectReference): string =>
  `${environment} ${object.apiVersion} ${describe(object)}`;

/** The stages that look at each object by itself. */
const objectStages: readonly Stage[] = ['schema', 'api-server', 'policy'];

function summarize(
  environment: Environment,
  findings: readonly Finding[],
  { components, stages }: Selection,
): EnvironmentSummary {
  const builds = environment.builds.filter(
    ({ component }) => components.length === 0 || components.includes(component),
  );
  const objects = builds.flatMap((build) => build.objects);
  const bad = new Set(
    findings.flatMap(({ severity, object, environment: owner }) =>
      severity === 'error' && object ? [identity(owner, object)] : [],
    ),
  );
  const invalid = objects.filter((object) => bad.has(identity(environment.name, object))).length;
  const looked = stages.length === 0 || stages.some((stage) => objectStages.includes(stage));
  const skipped = looked ? 0 : objects.length;
  return {
    name: environment.name,
    components: builds.map(({ component }) => component).sort(),
    objects: objects.length,
    valid: objects.length - Math.max(invalid, skipped),
    invalid,
    skipped,
    ...(environment.renderMs === undefined ? {} : { renderMs: environment.renderMs }),
  };
}
