/** What a promotion would do, and why it must not be made: decided before anything is written. */

import type { PromotedComponent } from '../checks/promotion/subject.ts';
import type { UsageError } from '../cli/exit.ts';
import type { EnvironmentChange } from '../diff/change.ts';
import { compareEnvironments } from '../diff/compare.ts';
import { type Danger, isDanger, lintDangers } from '../diff/danger/index.ts';
import type { EnvironmentDiff } from '../diff/run.ts';
import type { Finding } from '../finding.ts';
import type { Environment } from '../render/environment.ts';
import { isShallow } from '../repository/commit.ts';
import { short } from '../text/commit.ts';
import { type Companions, findCompanions } from './companions.ts';
import {
  arrivalOf,
  commitsBetween,
  isAncestor,
  isSoaked,
  type LoggedCommit,
  type MainLine,
  missingCommits,
  pinsInHistory,
  resolveRevision,
  soakTime,
  uncommitted,
} from './history.ts';
import { type Mix, type Mixer, newFindings } from './mix.ts';
import { type PinEdit, pinPlace } from './pin.ts';
import { enumeration, moment, until } from './words.ts';

/** The refusals that are not dangers of the rendered diff. */
export const ownRefusals = ['not-on-main', 'not-soaked', 'older-than-pin', 'uncommitted', 'gate'] as const;

export interface Refusal {
  /** By which it is allowed: one of `ownRefusals`, or the id of a danger. */
  readonly id: string;
  readonly component?: string;
  readonly message: string;
  /** `base/kafka/statefulset.yaml:12 at 1a2b3c4d`. */
  readonly place?: string;
  readonly fix: string;
  /** False where Flux itself could not do it. */
  readonly allowable: boolean;
}

export interface Move {
  readonly component: string;
  /** The file that is edited. */
  readonly file: string;
  /** Absent where it followed main. */
  readonly from?: string;
  readonly to: string;
  /** What lies between the two and touches what the component is built from, newest first. */
  readonly commits: readonly LoggedCommit[];
  /** The two are the other way round: what is taken back. */
  readonly back: boolean;
}

export interface Promotion {
  readonly environment: string;
  readonly rollback: boolean;
  readonly main: MainLine;
  readonly moves: readonly Move[];
  readonly leftAlone: readonly { readonly component: string; readonly reason: string }[];
  readonly diff: EnvironmentDiff;
  /** What going back would be refused for, once this has been applied. */
  readonly wayBack: readonly Danger[];
  readonly refusals: readonly Refusal[];
  /** What would have been refused, had it not been allowed by name. */
  readonly allowed: readonly Refusal[];
  readonly companions?: Companions;
  readonly notes: readonly string[];
  /** The files to write. */
  readonly texts: ReadonlyMap<string, string>;
}

export interface PromotionRequest {
  readonly root: string;
  readonly environment: Environment;
  /** All that can be promoted. */
  readonly promotable: readonly PromotedComponent[];
  /** Those that are to be. */
  readonly selected: readonly PromotedComponent[];
  readonly all: boolean;
  readonly rollback: boolean;
  readonly to?: string;
  readonly allow: ReadonlySet<string>;
  readonly main: MainLine;
  readonly mixer: Mixer;
  /** In ms since 1970. */
  readonly now: number;
  /** The page on upgrades of a component, where there is one. */
  readonly pageOf: (component: string) => string | undefined;
  /** How a person would give the command again, with these options more. */
  readonly command: (extra: string) => string;
  readonly step?: (message: string) => void;
}

export type PromotionResult =
  | { readonly ok: true; readonly promotion: Promotion }
  | { readonly ok: false; readonly error: UsageError };

interface Targets {
  readonly edits: readonly PinEdit[];
  readonly leftAlone: Promotion['leftAlone'];
  readonly refusals: readonly Refusal[];
  readonly notes: readonly string[];
}

type TargetsResult =
  | { readonly ok: true; readonly targets: Targets }
  | { readonly ok: false; readonly error: UsageError };

export function planPromotion(request: PromotionRequest): PromotionResult {
  const { mixer, root, main, rollback } = request;
  const chosen = rollback ? rollbackTargets(request) : promotionTargets(request);
  if (!chosen.ok) return chosen;
  const { targets } = chosen;
  request.step?.('Rendering what would run …');
  let { edits } = targets;
  let rendered = mixer.with(edits);
  if (!rendered.ok) return rendered;
  let change = changeBetween(request, mixer.now, rendered.mix);
  const leftAlone = [...targets.leftAlone];
  if (!rollback) {
    const idle = edits.filter(
      ({ component: { component, commit } }) => commit !== undefined && !isTouched(change, component),
    );
    for (const { component, to } of idle)
      leftAlone.push({
        component: component.component,
        reason: `${short(to)} renders to what it runs at ${short(component.commit!)}`,
      });
    if (idle.length > 0) {
      edits = edits.filter((edit) => !idle.includes(edit));
      rendered = mixer.with(edits);
      if (!rendered.ok) return rendered;
      change = changeBetween(request, mixer.now, rendered.mix);
    }
  }
  const { mix } = rendered;
  const dangers = lintDangers(change);
  const moved = new Set(edits.map(({ component }) => component.component));
  // What nobody would move is refused for nothing.
  const early = targets.refusals.filter(({ component }) => component === undefined || moved.has(component));

  request.step?.('Checking what would run …');
  const broken = edits.length === 0 ? [] : brokenBy(request, edits, mix);
  const companions = broken.length > 0 && !rollback ? companionsFor(request, edits, broken) : undefined;
  const found: readonly Refusal[] =
    edits.length === 0
      ? []
      : [
          ...early,
          ...uncommittedRefusals(request, edits),
          ...dangers.filter(isDanger).map((danger) => dangerRefusal(request, danger, mix, change)),
          ...broken.map((finding) => gateRefusal(request, finding, companions)),
        ];
  const isAllowed = ({ id, allowable }: Refusal): boolean => allowable && request.allow.has(id);
  return {
    ok: true,
    promotion: {
      environment: request.environment.name,
      rollback,
      main,
      moves: edits.map((edit) => moveOf(root, edit, mixer.now, mix)),
      leftAlone,
      diff: { change, dangers },
      wayBack: edits.some(({ component }) => component.commit === undefined)
        ? []
        : lintDangers(changeBetween(request, mix, mixer.now)).filter(isDanger),
      refusals: found.filter((refusal) => !isAllowed(refusal)),
      allowed: found.filter(isAllowed),
      ...(companions && { companions }),
      notes: [...targets.notes, ...(edits.length > 0 ? notesOn(request, edits) : [])],
      texts: mix.texts,
    },
  };
}

/** What a change of pins does to what runs; the pins themselves are not part of it. */
export const changeBetween = (
  { environment }: Pick<PromotionRequest, 'environment'>,
  before: Mix,
  after: Mix,
): EnvironmentChange =>
  compareEnvironments(before.environment, after.environment, {
    components: new Set(
      [...before.environment.builds, ...after.environment.builds]
        .filter(({ path }) => path !== environment.path)
        .map(({ component }) => component),
    ),
  });

/** Whether a change does anything to what a component applies. */
export const isTouched = (change: EnvironmentChange, name: string): boolean =>
  change.objects.some(({ component, movedFrom }) => component === name || movedFrom === name) ||
  change.restarts.some(({ component }) => component === name) ||
  change.uncompared.some(({ component }) => component === name);

function promotionTargets(request: PromotionRequest): TargetsResult {
  const { root, main, promotable, selected, now, command } = request;
  const refusals: Refusal[] = [];
  const notes: string[] = [];
  const tip = main.commits[0]!;
  const soaked = main.commits.find((commit) => isSoaked(commit, now));
  // Before the first pins nothing runs that a soak could protect.
  const isFirst = promotable.every(({ commit }) => commit === undefined);
  let target: string;
  if (request.to === undefined) {
    const takesTip = isFirst || soaked === undefined || request.allow.has('not-soaked');
    target = (takesTip ? tip : soaked).id;
    if (soaked === undefined && !isFirst && main.shallow && !request.allow.has('not-soaked'))
      return { ok: false, error: unshallow('a commit that has soaked') };
    if (isFirst && !isSoaked(tip, now))
      notes.push(
        `Nothing of ${request.environment.name} is pinned yet, so the first pins take ${main.ref} as it is, ${short(tip.id)}, without a soak.`,
      );
    else if (!takesTip && soaked.id !== tip.id) {
      const newer = main.commits.indexOf(soaked);
      notes.push(
        `${main.ref} has ${newer} newer ${newer === 1 ? 'commit' : 'commits'}, up to ${short(tip.id)}, which will have soaked at ${moment(tip.time + soakTime)} (in ${until(tip.time + soakTime, now)}).`,
      );
    }
  } else {
    const resolved = resolveRevision(root, request.to);
    if (!resolved.ok) return { ok: false, error: resolved.error };
    target = resolved.value;
  }
  const arrival = arrivalOf(root, main, target);
  if (arrival === undefined) {
    if (main.shallow) return { ok: false, error: unshallow(`where ${main.ref} and ${short(target)} part`) };
    refusals.push({
      id: 'not-on-main',
      message: `commit ${short(target)} is not in the history of ${main.ref}: Flux checks out that branch, and would not find it`,
      fix: `Merge it first, then promote the commit that ${main.ref} has; if it is merged already, \`git fetch origin\`.`,
      allowable: false,
    });
  } else {
    const arrived = main.commits[arrival]!;
    if (arrived.id !== target)
      refusals.push({
        id: 'not-on-main',
        message: `commit ${short(target)} was never the state of ${main.ref}: it came with ${short(arrived.id)} (${arrived.subject}), and nothing ran it before`,
        fix: `Promote that one: \`--to ${short(arrived.id)}\`; or \`${command('--allow not-on-main')}\`.`,
        allowable: true,
      });
    if (!isSoaked(arrived, now) && !isFirst)
      refusals.push({
        id: 'not-soaked',
        message: `commit ${short(target)} reached ${main.ref} at ${moment(arrived.time)}, less than 24 hours ago: it will have soaked at ${moment(arrived.time + soakTime)}, in ${until(arrived.time + soakTime, now)}`,
        fix:
          soaked === undefined
            ? `No commit of ${main.ref} has soaked yet: wait, or \`${command('--allow not-soaked')}\`.`
            : `Wait; promote ${short(soaked.id)}, the newest that has soaked; or \`${command('--allow not-soaked')}\`.`,
        allowable: true,
      });
  }
  const edits: PinEdit[] = [];
  const leftAlone: { component: string; reason: string }[] = [];
  for (const component of selected) {
    const { component: name, commit } = component;
    if (commit === target) {
      leftAlone.push({ component: name, reason: `it is at ${short(target)} already` });
      continue;
    }
    const isBackwards = commit !== undefined && arrival !== undefined && isAncestor(root, target, commit);
    if (isBackwards && (request.to === undefined || request.all)) {
      leftAlone.push({ component: name, reason: `its pin ${short(commit)} is newer than ${short(target)}` });
      continue;
    }
    if (isBackwards)
      refusals.push({
        id: 'older-than-pin',
        component: name,
        message: `${name} runs ${short(commit)}, and ${short(target)} is older: that is no promotion`,
        fix: `\`npm run promote -- ${name} --rollback --to ${short(target)}\`, or \`${command('--allow older-than-pin')}\`.`,
        allowable: true,
      });
    edits.push({ component, to: target });
  }
  return { ok: true, targets: { edits, leftAlone, refusals, notes } };
}

function rollbackTargets(request: PromotionRequest): TargetsResult {
  const { root, main, selected } = request;
  const edits: PinEdit[] = [];
  const refusals: Refusal[] = [];
  const leftAlone: { component: string; reason: string }[] = [];
  for (const component of selected) {
    const { component: name, commit, source } = component;
    const { file } = pinPlace(component);
    if (commit === undefined)
      return {
        ok: false,
        error: {
          message: `${name} has no pin: it follows ${main.ref}, so there is nothing to go back to`,
          fix: `Revert the commit on ${main.ref}, or pin it first: \`npm run promote -- ${name}\`.`,
        },
      };
    let target: string | undefined;
    if (request.to === undefined) {
      const history = pinsInHistory(root, file, source.name);
      if (!history.ok) return history;
      // What was tried after the present pin, and taken back, is not where anybody wants to go.
      target = history.value.find(
        (pin) => pin !== undefined && pin !== commit && !isAncestor(root, commit, pin),
      );
      if (target === undefined)
        return {
          ok: false,
          error: isShallow(root)
            ? unshallow(`an earlier pin of ${name}`)
            : {
                message: `${name} has had no pin before ${short(commit)}, as far as the history of ${file} tells`,
                fix: `Name the commit: \`npm run promote -- ${name} --rollback --to COMMIT\`.`,
              },
        };
    } else {
      const resolved = resolveRevision(root, request.to);
      if (!resolved.ok) return { ok: false, error: resolved.error };
      target = resolved.value;
      if (target !== commit && !isAncestor(root, target, commit))
        return {
          ok: false,
          error: {
            message: `${short(target)} is not older than ${short(commit)}, to which ${name} is pinned`,
            fix: `That is a promotion: \`npm run promote -- ${name} --to ${short(target)}\`.`,
          },
        };
    }
    if (target === commit) {
      leftAlone.push({ component: name, reason: `it is at ${short(commit)} already` });
      continue;
    }
    if (arrivalOf(root, main, target) === undefined) {
      if (main.shallow) return { ok: false, error: unshallow(short(target)) };
      refusals.push({
        id: 'not-on-main',
        component: name,
        message: `commit ${short(target)}, to which ${name} was pinned, is no more in the history of ${main.ref}: Flux would not find it`,
        fix: `Name a commit of ${main.ref}: \`npm run promote -- ${name} --rollback --to COMMIT\`.`,
        allowable: false,
      });
    }
    edits.push({ component, to: target });
  }
  return { ok: true, targets: { edits, leftAlone, refusals, notes: [] } };
}

const unshallow = (what: string): UsageError => ({
  message: `this shallow clone does not reach back to ${what}`,
  fix: 'Run `git fetch --unshallow origin`.',
});

function uncommittedRefusals(
  { root, command }: PromotionRequest,
  edits: readonly PinEdit[],
): readonly Refusal[] {
  const open = uncommitted(
    root,
    edits.map(({ component }) => pinPlace(component).file),
  );
  return edits.flatMap(({ component }) => {
    const { file } = pinPlace(component);
    if (!open.has(file)) return [];
    return [
      {
        id: 'uncommitted',
        component: component.component,
        message: `${file} has changes that are not committed: they would become part of the promotion`,
        place: file,
        fix: `Commit them, or take them back with \`git restore ${file}\`; or \`${command('--allow uncommitted')}\`.`,
        allowable: true,
      },
    ];
  });
}

function dangerRefusal(
  { command, pageOf }: PromotionRequest,
  danger: Danger,
  mix: Mix,
  change: EnvironmentChange,
): Refusal {
  const page = pageOf(danger.component);
  return {
    id: danger.rule,
    component: danger.component,
    message: `${danger.message}. ${danger.why}`,
    place: dangerPlace(danger, mix, change),
    fix: `${danger.fix}${page === undefined ? '' : ` Read ${page}.`} If it is meant: \`${command(`--allow ${danger.rule}`)}\`.`,
    allowable: true,
  };
}

/** Where a danger stands, at the commit to which it moves; of what is gone, at the one that had it. */
function dangerPlace({ at, component, object }: Danger, mix: Mix, change: EnvironmentChange): string {
  const isGone = change.objects.some(
    ({ status, reference }) =>
      status === 'removed' &&
      reference.kind === object.kind &&
      reference.name === object.name &&
      reference.namespace === object.namespace,
  );
  const commit = isGone ? undefined : mix.pins.get(component);
  return placeAt(at, commit);
}

const placeAt = (
  { file, line }: { readonly file: string; readonly line: number },
  commit: string | undefined,
): string => `${file}:${line}${commit === undefined ? '' : ` at ${short(commit)}`}`;

/**
 * What the gate says of a mix and did not say before: its errors; of the components that move forward also what the commit
 * they move to has by itself, since that would be let in with open eyes.
 */
function brokenBy(
  { mixer, rollback }: PromotionRequest,
  edits: readonly PinEdit[],
  mix: Mix,
): readonly Finding[] {
  const moving = new Map(edits.map(({ component, to }) => [component.component, to]));
  const counts = ({ severity, commit, component }: Finding): boolean =>
    severity === 'error' ||
    (severity === 'warning' && !rollback && commit !== undefined && moving.get(component ?? '') === commit);
  return newFindings(mixer, mix).filter(counts);
}

function gateRefusal(
  { command }: PromotionRequest,
  finding: Finding,
  companions: Companions | undefined,
): Refusal {
  const remedy = companions
    ? companions.before
      ? `Promote ${enumeration(companions.components)} first, or with it: \`${command(companions.components.join(' '))}\`.`
      : `Promote ${enumeration(companions.components)} with it: \`${command(companions.components.join(' '))}\`.`
    : finding.fix;
  return {
    id: 'gate',
    ...(finding.component !== undefined && { component: finding.component }),
    message: `${finding.rule}: ${finding.message}`,
    place: placeAt(finding, finding.commit),
    fix: remedy,
    allowable: true,
  };
}

function companionsFor(
  request: PromotionRequest,
  edits: readonly PinEdit[],
  findings: readonly Finding[],
): Companions | undefined {
  const { root, mixer, promotable } = request;
  const target = edits[0]!.to;
  const moving = new Set(edits.map(({ component }) => component.component));
  const lagging = promotable
    .filter(
      ({ component, commit }) =>
        !moving.has(component) &&
        commit !== target &&
        (commit === undefined || isAncestor(root, commit, target)),
    )
    .map((component): PinEdit => ({ component, to: target }));
  const whole = mixer.with([...edits, ...lagging]);
  if (!whole.ok) return undefined;
  const change = changeBetween(request, mixer.now, whole.mix);
  return findCompanions({
    mixer,
    edits,
    findings,
    candidates: lagging.filter(({ component }) => isTouched(change, component.component)),
    broken: (set) => {
      const rendered = mixer.with(set);
      return rendered.ok ? brokenBy(request, set, rendered.mix) : undefined;
    },
    ...(request.step && { step: request.step }),
  });
}

function moveOf(root: string, { component, to }: PinEdit, before: Mix, after: Mix): Move {
  const { component: name, commit } = component;
  const back = commit !== undefined && isAncestor(root, to, commit);
  return {
    component: name,
    file: pinPlace(component).file,
    ...(commit !== undefined && { from: commit }),
    to,
    commits:
      commit === undefined
        ? []
        : commitsBetween(
            root,
            ...((back ? [to, commit] : [commit, to]) as [string, string]),
            readsOf(name, before, after),
          ),
    back,
  };
}

/** Every path that one of two states of a component is built from. */
export const readsOf = (name: string, ...mixes: readonly Mix[]): ReadonlySet<string> =>
  new Set(
    mixes.flatMap(({ environment }) =>
      environment.builds.filter(({ component }) => component === name).flatMap(({ reads }) => [...reads]),
    ),
  );

function notesOn(
  { root, main, promotable, environment }: PromotionRequest,
  edits: readonly PinEdit[],
): string[] {
  const moving = new Set(edits.map(({ component }) => component.component));
  const others = promotable.filter(({ component }) => !moving.has(component));
  const open = uncommitted(
    root,
    others.map((component) => pinPlace(component).file),
  );
  const dirty = others.filter((component) => open.has(pinPlace(component).file));
  const behind = missingCommits(root, main);
  return [
    ...(dirty.length > 0
      ? [
          `${environment.path} has other changes that are not committed (${enumeration(dirty.map(({ component }) => component))}): they count as what runs now, and the text below does not speak of them.`,
        ]
      : []),
    ...(behind > 0
      ? [
          `This branch lacks ${behind} ${behind === 1 ? 'commit' : 'commits'} of ${main.ref}: ${environment.path} was taken as it is here. \`git rebase ${main.ref}\` first, if somebody else has promoted meanwhile.`,
        ]
      : []),
  ];
}
