import type { PromotedComponent } from '../checks/promotion/subject.ts';
import type { UsageError } from '../cli/exit.ts';
import { isDanger, lintDangers } from '../diff/danger/index.ts';
import { imageLines } from '../diff/format/describe.ts';
import type { Environment } from '../render/environment.ts';
import { commitsBetween, isAncestor, isSoaked, type MainLine, soakTime } from './history.ts';
import { type Mixer, newFindings } from './mix.ts';
import type { PinEdit } from './pin.ts';
import { changeBetween, isTouched, readsOf } from './plan.ts';

/** How far a component is behind main. */
export interface ComponentStatus {
  readonly component: string;
  /** Absent where it follows main. */
  readonly pin?: string;
  /** When main got the pinned commit, in ms since 1970. */
  readonly pinnedAt?: number;
  /** The commits of main since then that touch what it is built from. */
  readonly commits: number;
  /** Whether main's newest state renders to something else than what runs. */
  readonly differs: boolean;
  /** When main got the first commit that it lacks, in ms since 1970; absent where nothing differs. */
  readonly laggingSince?: number;
  /** `confluentinc/cp-kafka: 7.6.1 → 7.6.2`, from what runs to main. */
  readonly images: readonly string[];
  /** The newest soaked commit, where promoting to it would change anything. */
  readonly target?: string;
  /** Where nothing that differs has soaked yet: when the newest commit will have. */
  readonly soakedAt?: number;
  /** Why a promotion to it would be refused: ids, with what they say. */
  readonly blockedBy: readonly { readonly id: string; readonly message: string }[];
}

export interface EnvironmentStatus {
  readonly environment: string;
  readonly main: { readonly ref: string; readonly tip: string };
  readonly components: readonly ComponentStatus[];
}

export interface StatusRequest {
  readonly root: string;
  readonly environment: Environment;
  readonly components: readonly PromotedComponent[];
  readonly main: MainLine;
  readonly mixer: Mixer;
  readonly now: number;
  readonly step?: (message: string) => void;
}

export type StatusResult =
  | { readonly ok: true; readonly status: EnvironmentStatus }
  | { readonly ok: false; readonly error: UsageError };

export function statusOf(request: StatusRequest): StatusResult {
  const { root, environment, components, main, mixer, now } = request;
  const tip = main.commits[0]!;
  const soaked = main.commits.find((commit) => isSoaked(commit, now));
  const forward = (to: string): PinEdit[] =>
    components
      .filter(({ commit }) => commit !== undefined && commit !== to && isAncestor(root, commit, to))
      .map((component) => ({ component, to }));
  request.step?.('Rendering main …');
  const atTip = mixer.with(forward(tip.id));
  if (!atTip.ok) return atTip;
  const atSoaked = soaked === undefined || soaked.id === tip.id ? atTip : mixer.with(forward(soaked.id));
  if (!atSoaked.ok) return atSoaked;
  const toTip = changeBetween(request, mixer.now, atTip.mix);
  const toSoaked = changeBetween(request, mixer.now, atSoaked.mix);
  const dangers = lintDangers(toSoaked).filter(isDanger);
  request.step?.('Checking main …');
  const broken = newFindings(mixer, atSoaked.mix);

  const statusOfComponent = ({ component, commit }: PromotedComponent): ComponentStatus => {
    if (commit === undefined) return { component, commits: 0, differs: false, images: [], blockedBy: [] };
    const pinned = main.commits.find(({ id }) => id === commit);
    const missing = commitsBetween(root, commit, tip.id, readsOf(component, mixer.now, atTip.mix));
    const differs = isTouched(toTip, component);
    const isReady = soaked !== undefined && isTouched(toSoaked, component);
    const oldest = missing.at(-1);
    return {
      component,
      pin: commit,
      ...(pinned && { pinnedAt: pinned.time }),
      commits: missing.length,
      differs,
      ...(differs && { laggingSince: (oldest ?? tip).time }),
      images: imageLines(toTip.images.filter(({ change }) => change.component === component)).map(
        ({ what }) => what,
      ),
      ...(isReady && { target: soaked.id }),
      ...(differs && !isReady && { soakedAt: tip.time + soakTime }),
      blockedBy: isReady
        ? [
            ...dangers
              .filter((danger) => danger.component === component)
              .map(({ rule, message }) => ({ id: rule, message })),
            ...broken
              .filter((finding) => finding.component === component)
              .map(({ rule, message }) => ({ id: 'gate', message: `${rule}: ${message}` })),
          ]
        : [],
    };
  };
  return {
    ok: true,
    status: {
      environment: environment.name,
      main: { ref: main.ref, tip: tip.id },
      components: components.map(statusOfComponent),
    },
  };
}

/** The components that have differed from main for longer than some days. */
export const laggards = (
  { components }: EnvironmentStatus,
  days: number,
  now: number,
): readonly ComponentStatus[] =>
  components.filter(
    ({ laggingSince }) => laggingSince !== undefined && now - laggingSince > days * 24 * 60 * 60 * 1000,
  );
