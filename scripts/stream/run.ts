/** Checks objects that are already rendered, with the stages that need no repository. */

import { apiServerStage } from '../checks/api-server/index.ts';
import { says } from '../checks/api-server/subject.ts';
import { type PolicySubject, policyStage, policySubject } from '../checks/policy/index.ts';
import type { Report, Rule, Stage } from '../checks/rule.ts';
import { schemaStage } from '../checks/schema/index.ts';
import { toFinding } from '../checks/stage.ts';
import type { Finding } from '../finding.ts';
import type { PodSecurityLevel } from '../kubernetes/pod-security/index.ts';
import { type SchemaError, type Schemas, validateObject } from '../kubernetes/schema/index.ts';
import { validateBeyondSchema } from '../kubernetes/validation/index.ts';
import type { Repository } from '../render/environment.ts';
import type { RenderedObject } from '../render/object.ts';
import { openMemory } from '../repository/files.ts';
import { openSources } from '../repository/sources.ts';
import type { YamlProblem } from '../yaml/parse.ts';
import type { StreamObject } from './read.ts';

/** The stages that look at nothing but objects. */
export const streamStages: readonly Stage[] = ['yaml', 'schema', 'api-server', 'policy'];

/** What was found about one object of a stream. */
export interface CheckedObject {
  /** From 0, in the order of the stream. */
  readonly index: number;
  readonly object: RenderedObject;
  /** No finding is an error. */
  readonly valid: boolean;
  /** No schema is known for the kind, so that nothing else can be said. */
  readonly skipped: boolean;
  readonly findings: readonly Finding[];
}

export interface StreamResult {
  readonly objects: readonly CheckedObject[];
  /** What was found about the policies that were given beside the stream. */
  readonly findings: readonly Finding[];
}

export interface StreamOptions {
  readonly schemas: Schemas;
  /** The policies, namespaces and parameters that are in the cluster. */
  readonly cluster: readonly RenderedObject[];
  readonly podSecurity?: PodSecurityLevel;
  /** Empty: all that there are. */
  readonly stages: readonly Stage[];
}

/** A stream has no sources behind it. */
const noRepository: Repository = {
  sources: openSources(openMemory({}, 'stream')),
  paths: [],
  environments: [],
};

/** Every object by itself: they do not see each other, only what is in the cluster. */
export function checkStream(stream: readonly StreamObject[], options: StreamOptions): StreamResult {
  const runs = (stage: Stage): boolean => options.stages.length === 0 || options.stages.includes(stage);
  const found = new Map<RenderedObject, Finding[]>(stream.map(({ object }) => [object, []]));
  const skipped = new Set<RenderedObject>();
  const sound: RenderedObject[] = [];
  const elsewhere: Finding[] = [];
  const add = (object: RenderedObject, findings: Iterable<Finding>): void => {
    for (const finding of findings) found.get(object)?.push(finding);
  };
  for (const { object, value, problems } of stream) {
    if (problems.length > 0 && runs('yaml')) add(object, problems.map(yamlFinding));
    if (problems.some(({ code }) => code !== 'duplicate-key')) continue;
    const errors = validateObject(options.schemas, value).map(inStream);
    const unknown = errors.some(({ code }) => code === 'unknown-kind');
    if (unknown) skipped.add(object);
    if (runs('schema') || unknown)
      add(object, findingsOf(schemaStage.rules, { object, errors, repository: noRepository }));
    if (!unknown && runs('api-server')) add(object, beyondSchema(object, errors));
    if (errors.length === 0) sound.push(object);
  }
  if (runs('policy')) {
    const subject = policySubject({
      schemas: options.schemas,
      objects: sound,
      cluster: options.cluster,
      ...(options.podSecurity === undefined ? {} : { podSecurity: options.podSecurity }),
      together: false,
    });
    for (const [object, finding] of policyFindings(subject)) {
      const own = object && found.get(object);
      if (own) own.push(finding);
      else elsewhere.push(finding);
    }
  }
  return {
    objects: stream.map(({ object }, index) => {
      const findings = found.get(object) as readonly Finding[];
      return {
        index,
        object,
        valid: !findings.some(({ severity }) => severity === 'error'),
        skipped: skipped.has(object),
        findings,
      };
    }),
    findings: elsewhere,
  };
}

/** A stream brings its own CRDs. */
const inStream = (error: SchemaError): SchemaError =>
  error.code === 'unknown-kind' && error.fix.includes('npm run schemas')
    ? { ...error, fix: 'check apiVersion and kind; give the CRD of a custom resource with `--crds DIR`' }
    : error;

function* findingsOf<Subject>(rules: readonly Rule<Subject>[], subject: Subject): Generator<Finding> {
  for (const rule of rules)
    for (const report of rule.check(subject)) yield streamFinding(rule, report, subject);
}

function streamFinding<Subject>(rule: Rule<Subject>, report: Report, subject: Subject): Finding {
  const { environment: _, component: __, ...finding } = toFinding(rule, report, { subject });
  return finding;
}

function beyondSchema(object: RenderedObject, told: readonly SchemaError[]): Iterable<Finding> {
  const all = validateBeyondSchema(object.value);
  if (all.length === 0) return [];
  const errors = all.filter((error) => !told.some((schemaError) => says(schemaError, error, object.value)));
  return findingsOf(apiServerStage.rules, { object, errors });
}

function* policyFindings(subject: PolicySubject): Generator<[RenderedObject | undefined, Finding]> {
  for (const rule of policyStage.rules)
    for (const report of rule.check(subject)) yield [report.object, streamFinding(rule, report, subject)];
}

function yamlFinding({ code, message, origin }: YamlProblem): Finding {
  return {
    rule: `yaml/${code}`,
    severity: 'error',
    message,
    fix: code === 'duplicate-key' ? 'Write each key once.' : 'Correct the YAML or JSON at this place.',
    ...origin,
  };
}
