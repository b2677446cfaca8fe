import { join } from 'node:path';
import { findTool } from '../../../scripts/tools/find.ts';
import { logTail, type RunningProcess, startProcess } from './processes.ts';
import { type Check, waitFor } from './wait.ts';

/** Where a control plane keeps its things, and what its processes may see. */
export interface Place {
  /** Data, keys and the processes' temporary files; goes away at the end. */
  readonly directory: string;
  readonly logs: string;
}

/** A program of the control plane that can be stopped, killed and started again, at the same address. */
export interface Component {
  readonly name: string;
  readonly logFile: string;
  /** Starts it and waits until it is ready. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** As `kill -9`. */
  kill(): Promise<void>;
  /** The process, while there is one that was started and not stopped. */
  process(): RunningProcess | undefined;
  /** How long the last start took until it was ready, in ms. */
  startMs(): number;
}

export interface ComponentSpec {
  readonly name: string;
  /** Found by `findTool`. */
  readonly program: string;
  /** Asked at every start. */
  readonly parameters: () => readonly string[];
  readonly ready: () => Check<unknown> | Promise<Check<unknown>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly graceMs?: number;
}

/** @throws where the program is not there: ask `whyToolsAreMissing` first */
export function defineComponent(place: Place, spec: ComponentSpec): Component {
  const found = findTool(spec.program);
  if (!found.ok) throw new Error(found.reason);
  const logFile = join(place.logs, `${spec.name}.log`);
  let current: RunningProcess | undefined;
  let startMs = 0;
  return {
    name: spec.name,
    logFile,
    process: () => current,
    startMs: () => startMs,
    async start() {
      if (current && !current.exit()) return;
      const started = performance.now();
      const process = await startProcess({
        name: spec.name,
        command: [found.path, ...spec.parameters()],
        environment: { ...bareEnvironment(place), ...spec.environment },
        logFile,
        directory: place.directory,
      });
      current = process;
      await waitFor(`${spec.name} to be ready`, spec.ready, {
        deadlineMs: 120_000,
        pollMs: 50,
        giveUp: () => {
          const exit = process.exit();
          return (
            exit &&
            `it ended (${exit.signal ?? exit.code}); its log ${logFile} ends with\n${logTail(logFile)}`
          );
        },
      });
      startMs = performance.now() - started;
    },
    async stop() {
      await current?.stop(spec.graceMs);
      current = undefined;
    },
    async kill() {
      await current?.kill();
      current = undefined;
    },
  };
}

/** Nothing of the person's own configuration, clusters or proxies reaches the programs under test. */
const bareEnvironment = (place: Place): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  HOME: place.directory,
  TMPDIR: place.directory,
  NO_PROXY: '*',
});
