import type { UsageError } from '../cli/exit.ts';
import { type Kubectl, lastLine } from './kubectl.ts';

/** Reads by `kubectl get`, where what is not there is an empty text. The first failure is kept: ask for it in the end. */
export interface Reader {
  read(args: readonly string[]): Promise<string>;
  failure(): UsageError | undefined;
}

export function openReader(kubectl: Kubectl): Reader {
  let failure: UsageError | undefined;
  return {
    async read(args) {
      const result = await kubectl.run(['get', ...args, '--ignore-not-found']);
      if (result.code === 0) return result.stdout;
      failure ??= {
        message: `the cluster cannot be read: ${lastLine(result.stderr)}`,
        fix: 'This needs the rights of a cluster administrator: check with `kubectl auth can-i "*" "*"`.',
      };
      return '';
    },
    failure: () => failure,
  };
}
