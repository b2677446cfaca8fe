import type { UsageError } from '../cli/exit.ts';
import type { Kubectl } from './kubectl.ts';
import type { Surroundings } from './surroundings.ts';

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

/** Which cluster a command is about to work on. */
export const describeCluster = ({ context, server, version }: Kubectl): readonly string[] => [
  `Context       ${context}`,
  `Server        ${server} (${version})`,
];
