/** What a person asked for. */
export interface BootstrapOptions {
  readonly environment: string;
  /** Components; empty for all. */
  readonly only: readonly string[];
  readonly url?: string | undefined;
  readonly branch?: string | undefined;
  readonly privateKey?: string | undefined;
  /** File with the age key that decrypts the environment's Secrets. */
  readonly ageKey?: string | undefined;
  readonly context?: string | undefined;
  readonly kubeconfig?: string | undefined;
  /** Nothing is written to Git. */
  readonly readOnly: boolean;
  readonly yes: boolean;
  readonly dryRun: boolean;
  readonly timeoutMs: number;
}
