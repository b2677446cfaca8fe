import { setTimeout as sleep } from 'node:timers/promises';
import { formatDuration } from './duration.ts';
import { field, list, parseJson } from './json.ts';
import { type Kubectl, lastLine } from './kubectl.ts';
import { fluxNamespace } from './names.ts';
import { type Progressing, readProgress } from './progress.ts';

export interface WaitOptions {
  /** The Kustomizations to wait for, and what each depends on. */
  readonly expected: ReadonlyMap<string, readonly string[]>;
  readonly timeoutMs: number;
  readonly pollMs: number;
  readonly signal: AbortSignal;
  /** One line for every change. */
  readonly line: (text: string) => void;
  /** The whole state in one line, for who watches. */
  readonly step: (text: string) => void;
}

export interface Waited {
  readonly outcome: 'ready' | 'timeout' | 'interrupted';
  readonly progress: readonly Progressing[];
}

const resources = 'gitrepositories.source.toolkit.fluxcd.io,kustomizations.kustomize.toolkit.fluxcd.io';

/** Polls until the source and every expected Kustomization are ready. An API server that is away for a while is waited for. */
export async function waitForFlux(kubectl: Kubectl, options: WaitOptions): Promise<Waited> {
  const { expected, signal } = options;
  const started = performance.now();
  const shown = new Map<string, string>();
  let progress: readonly Progressing[] = [];
  let silent = false;
  for (;;) {
    const read = await kubectl.run(['get', resources, '--namespace', fluxNamespace, '--output=json']);
    if (signal.aborted) return { outcome: 'interrupted', progress };
    const elapsed = performance.now() - started;
    const clock = formatDuration(elapsed);
    if (read.code === 0) {
      silent = false;
      progress = readProgress(list(field(parseJson(read.stdout), 'items')), expected, fluxNamespace);
      for (const { name, state, detail } of progress) {
        if (shown.get(name) === detail) continue;
        shown.set(name, detail);
        // That nothing is there yet is no news.
        if (state !== 'absent') options.line(`${clock.padStart(7)}  ${marks[state]} ${name}: ${detail}`);
      }
      if (progress.every(({ state }) => state === 'ready')) return { outcome: 'ready', progress };
      options.step(summary(progress, clock));
    } else if (!silent) {
      silent = true;
      options.line(
        `${clock.padStart(7)}  ${marks.failed} the API server does not answer: ${lastLine(read.stderr)}`,
      );
    }
    if (elapsed >= options.timeoutMs) return { outcome: 'timeout', progress };
    // The rejection of an aborted sleep is the signal itself, which is looked at next.
    await sleep(Math.min(options.pollMs, Math.max(options.timeoutMs - elapsed, 1)), undefined, {
      signal,
    }).catch(() => {});
    if (signal.aborted) return { outcome: 'interrupted', progress };
  }
}

const marks = { ready: '✔', absent: '·', waiting: '·', working: '…', failed: '✖' } as const;

function summary(progress: readonly Progressing[], clock: string): string {
  const open = progress.filter(({ state }) => state !== 'ready');
  return `${clock}  ${progress.length - open.length}/${progress.length} ready; ${describeProgress(open).join('; ')}`;
}

/** What is not ready: the failed first, since the others may wait for those; what is not there yet in one line. */
export function describeProgress(progress: readonly Progressing[]): readonly string[] {
  const absent = progress.filter(({ state }) => state === 'absent');
  return [
    ...(['failed', 'working', 'waiting'] as const).flatMap((state) =>
      progress.filter((item) => item.state === state).map(({ name, detail }) => `${name}: ${detail}`),
    ),
    ...(absent.length > 0 ? [`not in the cluster yet: ${absent.map(({ name }) => name).join(', ')}`] : []),
  ];
}
