import { exitCode, type UsageError } from '../cli/exit.ts';
import type { Kubectl } from './kubectl.ts';
import { type Outcome, type Surroundings, stopped } from './surroundings.ts';

export type Consent =
  | { readonly ok: true; readonly yes: boolean }
  | { readonly ok: false; readonly error: UsageError };

/**
 * Asks before a cluster is changed. Without a terminal only `--yes` will do: nobody has looked at the context.
 *
 * @param question without the question mark: `Bring up prototype`
 */
export async function consent(
  question: string,
  { yes }: { readonly yes: boolean },
  { confirm }: Pick<Surroundings, 'confirm'>,
  { context, server }: Pick<Kubectl, 'context' | 'server'>,
): Promise<Consent> {
  if (yes) return { ok: true, yes: true };
  if (confirm === undefined)
    return {
      ok: false,
      error: {
        message: 'there is no terminal to ask whether this is the right cluster; nothing was changed',
        fix: 'Look at the context and server above, then run this again with --yes.',
      },
    };
  return { ok: true, yes: await confirm(`${question} in ${context} (${server})? [y/N] `) };
}

/** Asks likewise; what ends the run, unless the answer is yes. */
export async function declined(
  question: string,
  options: { readonly yes: boolean },
  surroundings: Surroundings,
  kubectl: Pick<Kubectl, 'context' | 'server'>,
): Promise<Outcome | undefined> {
  const agreed = await consent(question, options, surroundings, kubectl);
  if (surroundings.signal.aborted) return stopped(surroundings, 'Nothing was changed.');
  if (!agreed.ok) return agreed;
  if (agreed.yes) return undefined;
  surroundings.write('Nothing was changed.\n');
  return { ok: true, code: exitCode.failure };
}

/** Which cluster a command is about to work on. */
export const describeCluster = ({ context, server, version }: Kubectl): readonly string[] => [
  `Context       ${context}`,
  `Server        ${server} (${version})`,
];
