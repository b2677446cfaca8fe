import type { RenderedObject } from '../../render/object.ts';
import type { Origin } from '../../yaml/node.ts';

/** One option of a component, wherever it was written: in the environment of a container, its arguments or a file. */
export interface Setting {
  readonly key: string;
  readonly value: string;
  readonly at: Origin;
  /** The workload or ConfigMap that holds it. */
  readonly object: RenderedObject;
  /** ``env `KAFKA_LISTENERS` ``, `` `flink-conf.yaml` ``. */
  readonly reader: string;
}

/** By key; of several the one that wins. */
export type Settings = ReadonlyMap<string, Setting>;

export const settingsOf = (settings: Iterable<Setting>): Settings =>
  new Map([...settings].map((setting) => [setting.key, setting]));

/** `a, b,c` as a list, without empty parts. */
export const listOf = (value: string | undefined): readonly string[] =>
  (value ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

export interface HostPort {
  readonly host: string;
  readonly port: number | undefined;
}

/** `host:port`, with or without a scheme before it and a path after it. */
export function hostPort(text: string): HostPort | undefined {
  const match = /^(?:[\w+.-]+:\/\/)?([^/:@?]*)(?::(\d+))?(?:[/?].*)?$/.exec(text.trim());
  if (!match) return undefined;
  return { host: match[1]!, port: match[2] === undefined ? undefined : Number(match[2]) };
}
