import type { Kubectl } from '../../../scripts/cluster/kubectl.ts';
import type { ProcessResult } from '../../../scripts/cluster/process.ts';
import type { Surroundings } from '../../../scripts/cluster/surroundings.ts';

/** A kubectl whose answers are given; what is not said is a success without words. */
export const kubectlThat = (
  answer: (args: readonly string[], mode?: string) => Partial<ProcessResult>,
): Kubectl => ({
  shown: 'kubectl',
  connection: [],
  context: 'laptop',
  server: 'https://10.0.0.1:6443',
  version: 'v1.36.3',
  run: async (args, _, mode) => ({ code: 0, stdout: '', stderr: '', ...answer(args, mode) }),
});

/** A person who says nothing and sees nothing. */
export const surroundings = (changes: Partial<Surroundings> = {}): Surroundings => ({
  root: '/',
  environment: process.env,
  write: () => {},
  step: () => {},
  confirm: undefined,
  signal: new AbortController().signal,
  pollMs: 1,
  ...changes,
});
