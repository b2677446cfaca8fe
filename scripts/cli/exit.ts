/** Exit codes of every command. */
export const exitCode = { good: 0, findings: 1, failure: 2 } as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** What a shell reports for a program that Ctrl-C ended. */
export const interrupted = 130;

/** A command was called wrongly, or could not do its work: message for the person, exit code 2. */
export interface UsageError {
  readonly message: string;
  readonly fix?: string;
}

/** Tells the person on standard error. */
export function fail({ message, fix }: UsageError): ExitCode {
  process.stderr.write(`error: ${message}\n${fix ? `  fix: ${fix}\n` : ''}`);
  return exitCode.failure;
}
