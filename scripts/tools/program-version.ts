import { spawnSync } from 'node:child_process';
import type { Tool } from './catalog.ts';

/**
 * The version that a program says it has, as its go.mod would write it; undefined where it does not say one, or fails.
 */
export function programVersion(tool: Tool, program: string, file: string): string | undefined {
  const parameters = tool.programs[program]?.versionArguments;
  if (parameters === undefined) return undefined;
  const run = spawnSync(file, parameters, { encoding: 'utf8', timeout: 20_000 });
  return run.status === 0 ? versionIn(`${run.stdout}\n${run.stderr}`, tool) : undefined;
}

/** The first version in a text, with its leading `v`; Prometheus's 2.N.P is its module's v0.N.P. */
export function versionIn(text: string, tool: Tool): string | undefined {
  const match = /\d+\.\d+\.\d+(?:[-+][\w.+-]+)?/.exec(text)?.[0];
  if (match === undefined) return undefined;
  return tool.module === 'github.com/prometheus/prometheus' ? `v${match.replace(/^2\./, '0.')}` : `v${match}`;
}
