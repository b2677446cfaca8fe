import type { Origin } from '../yaml/node.ts';

export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly fix: string;
  readonly origin: Origin;
}

export type StopReason =
  | { readonly kind: 'failed'; readonly problem: Problem }
  | { readonly kind: 'unsupported'; readonly feature: string; readonly origin: Origin };

/** Ends a build from any depth; `buildKustomization` turns it into its result, so callers never see it. */
export class Stop extends Error {
  readonly reason: StopReason;
  constructor(reason: StopReason) {
    super(reason.kind === 'failed' ? reason.problem.message : reason.feature);
    this.reason = reason;
  }
}

/** Kustomize itself would refuse the build. */
export function fail(code: string, message: string, fix: string, origin: Origin): never {
  throw new Stop({ kind: 'failed', problem: { code, message, fix, origin } });
}

/** Kustomize may well build this, but we are not certain how: the real binary decides. */
export function unsupported(feature: string, origin: Origin): never {
  throw new Stop({ kind: 'unsupported', feature, origin });
}
