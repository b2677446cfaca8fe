import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export interface ProcessResult {
  /** Exit code; 127 where the program could not be started, 130 where it was interrupted. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProcessOptions {
  /** For standard input: never an argument, since those every user of the machine can read. */
  readonly input?: string;
  readonly signal?: AbortSignal | undefined;
  readonly environment?: NodeJS.ProcessEnv | undefined;
  /** The program talks to the person itself: it gets this process's terminal, and nothing is captured. */
  readonly interactive?: boolean;
}

/** Runs a program without a shell and waits for its end. It never throws and never rejects. */
export function runProcess(command: readonly string[], options: ProcessOptions = {}): Promise<ProcessResult> {
  const [file = '', ...args] = command;
  return new Promise((resolve) => {
    if (options.signal?.aborted) {
      resolve({ code: 130, stdout: '', stderr: '' });
      return;
    }
    const child = spawn(file, args, {
      stdio: options.interactive ? 'inherit' : 'pipe',
      env: options.environment ?? process.env,
      ...(options.signal ? { signal: options.signal } : {}),
    });
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
    });
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk;
    });
    child.on('error', (error) =>
      resolve({ code: error.name === 'AbortError' ? 130 : 127, stdout, stderr: stderr || error.message }),
    );
    child.on('close', (code, signal) => resolve({ code: signal ? 130 : (code ?? 1), stdout, stderr }));
    // A program that ends without reading its input is judged by its exit code, not by the broken pipe.
    child.stdin?.on('error', () => {});
    child.stdin?.end(options.input ?? '');
  });
}

/** The file that a command name means, or undefined where no directory of PATH has it. */
export function findProgram(name: string, environment: NodeJS.ProcessEnv = process.env): string | undefined {
  for (const directory of (environment.PATH ?? '').split(delimiter)) {
    if (directory === '') continue;
    const file = join(directory, name);
    try {
      accessSync(file, constants.X_OK);
      if (statSync(file).isFile()) return file;
    } catch {
      // Not in this directory.
    }
  }
  return undefined;
}

/** A command as it can be pasted into a shell. */
export const showCommand = (command: readonly string[]): string =>
  command
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ');
