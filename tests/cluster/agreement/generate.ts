import { type Candidate, type Case, kindOf, type Seed } from './case.ts';
import { genericCandidates, vocabularyOf } from './generic.ts';
import { isObject, type JsonObject, type Path, pathOf, shown, valueAt, withValue } from './json.ts';
import { type Random, randomFor } from './random.ts';
import { addOnCases } from './rules/add-ons.ts';
import type { Edit, RuleCases } from './rules/edit.ts';
import { kindCases } from './rules/kinds.ts';
import { metadataCases } from './rules/metadata.ts';
import { oddities } from './rules/oddities.ts';
import { podCases } from './rules/pod.ts';
import { thoughtOfCases } from './rules/thought-of.ts';
import type { SchemaView } from './schema.ts';

/** Where the kinds that make pods have the pod's spec. */
export const podSpecs: ReadonlyMap<string, Path> = new Map([
  ['v1 Pod', ['spec']],
  ['v1 PodTemplate', ['template', 'spec']],
  ['v1 ReplicationController', ['spec', 'template', 'spec']],
  ['apps/v1 Deployment', ['spec', 'template', 'spec']],
  ['apps/v1 StatefulSet', ['spec', 'template', 'spec']],
  ['apps/v1 DaemonSet', ['spec', 'template', 'spec']],
  ['apps/v1 ReplicaSet', ['spec', 'template', 'spec']],
  ['batch/v1 Job', ['spec', 'template', 'spec']],
  ['batch/v1 CronJob', ['spec', 'jobTemplate', 'spec', 'template', 'spec']],
]);

export interface GenerateOptions {
  readonly seed: number;
  /** How many cases are wanted; fewer come where there are no more. */
  readonly cases: number;
}

/**
 * Makes cases from seeds: every seed itself, then changes by schema, by known rules and by legal oddity. Each kind gets
 * its share, and within a kind each family. The same seeds and options give the same cases, in the same order.
 */
export function generate(
  schemas: SchemaView,
  seeds: readonly Seed[],
  { seed, cases }: GenerateOptions,
): Case[] {
  const vocabulary = vocabularyOf(schemas, seeds);
  const byKind = new Map<string, Candidate[]>();
  const add = (candidate: Candidate): void => {
    const list = byKind.get(candidate.seed.kind) ?? [];
    byKind.set(candidate.seed.kind, list);
    list.push(candidate);
  };
  const written = new Map<string, Seed>();
  for (const one of seeds) {
    const key = `${one.kind}/${one.name}`;
    if (!written.has(key)) written.set(key, one);
    add({ seed: one, family: 'seed', describe: () => 'as it is', make: () => one.object });
  }
  for (const one of ruleCandidates(written)) add(one);
  for (const one of seeds)
    for (const candidate of genericCandidates(schemas, vocabulary, one, seed)) add(candidate);

  const queues = new Map(
    [...byKind].map(([kind, candidates]) => [kind, takeTurns(candidates, randomFor(seed, kind))]),
  );
  const chosen: Case[] = [];
  const known = new Set<string>();
  // Round after round each kind gives a case, those that make pods four: theirs are most of the rules.
  while (chosen.length < cases && queues.size > 0)
    for (const [kind, queue] of queues)
      for (let turn = 0; turn < weightOf(kind) && chosen.length < cases; turn += 1) {
        const made = nextCase(queue, known);
        if (made === undefined) {
          queues.delete(kind);
          break;
        }
        chosen.push(made);
      }
  return chosen;
}

const weightOf = (kind: string): number =>
  kind === 'v1 Pod'
    ? 12
    : kind === 'v1 Service' || kind === 'networking.k8s.io/v1 Ingress'
      ? 5
      : podSpecs.has(kind)
        ? 3
        : 2;

function nextCase(queue: Iterator<Candidate>, known: Set<string>): Case | undefined {
  for (;;) {
    const { done, value: candidate } = queue.next();
    if (done) return undefined;
    const { seed, family } = candidate;
    const object = candidate.make();
    if (!isObject(object)) continue;
    const text = JSON.stringify(object);
    if (known.has(text)) continue;
    known.add(text);
    const description = candidate.describe();
    const id = `${String(seed.object['kind'])}/${seed.name}: ${family}: ${description}`;
    return { id, kind: seed.kind, family, description, object };
  }
}

/** Seeds as they are first; then the families take turns, each in an order of its own. */
function* takeTurns(candidates: readonly Candidate[], random: Random): Generator<Candidate> {
  const families = new Map<string, Candidate[]>();
  for (const candidate of candidates) {
    const list = families.get(candidate.family) ?? [];
    families.set(candidate.family, list);
    list.push(candidate);
  }
  yield* families.get('seed') ?? [];
  families.delete('seed');
  const rows = [...families.values()].map((list) => random.shuffle(list));
  for (let index = 0; rows.some((row) => index < row.length); index += 1)
    for (const row of rows) {
      const candidate = row[index];
      if (candidate !== undefined) yield candidate;
    }
}

function* ruleCandidates(seeds: ReadonlyMap<string, Seed>): Generator<Candidate> {
  const seedOf = (key: string): Seed => {
    const found = seeds.get(key);
    if (found === undefined) throw new Error(`rules want a seed ${key}, and there is none`);
    return found;
  };
  for (const { kind, seed, family, edits } of [
    ...kindCases,
    ...oddities,
    ...addOnCases,
    ...thoughtOfCases,
  ] satisfies RuleCases[])
    for (const edit of edits) yield edited(seedOf(`${kind}/${seed}`), family, edit, []);
  for (const [kind, path] of podSpecs) {
    const seed = seedOf(kind === 'v1 PodTemplate' ? `${kind}/template` : `${kind}/minimal`);
    for (const { family, edits } of podCases)
      for (const edit of edits) yield edited(seed, family, edit, path);
  }
  const one = new Map<string, Seed>();
  for (const seed of seeds.values()) if (!one.has(seed.kind)) one.set(seed.kind, seed);
  for (const seed of one.values())
    for (const { family, edits } of metadataCases)
      for (const edit of edits) yield edited(seed, family, edit, []);
}

function edited(seed: Seed, family: string, edit: Edit, base: Path): Candidate {
  const pairs: [Path, unknown][] = [];
  for (let index = 0; index < edit.length; index += 2)
    pairs.push([[...base, ...pathOf(String(edit[index]))], edit[index + 1]]);
  return {
    seed,
    family,
    describe: () =>
      pairs.map(([, value], index) => `${String(edit[index * 2])} = ${shown(value)}`).join(', '),
    make: () => pairs.reduce<unknown>((object, [path, value]) => withValue(object, path, value), seed.object),
  };
}

/** The spec of the pod that an object is or makes. */
export const podSpecOf = (object: JsonObject): unknown => {
  const path = podSpecs.get(kindOf(object));
  return path === undefined ? undefined : valueAt(object, path);
};
