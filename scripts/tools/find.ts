import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Tool, toolNamed, toolOf } from './catalog.ts';
import { type Pin, readPin } from './pin.ts';
import { programVersion } from './program-version.ts';
import { findGo } from './toolchain.ts';

export type Found =
  | {
      readonly ok: true;
      readonly path: string;
      readonly version: string;
      readonly from: 'cache' | 'KUBEBUILDER_ASSETS' | 'PATH';
    }
  | { readonly ok: false; readonly reason: string };

/**
 * A program of the pinned version: built before, or ready on KUBEBUILDER_ASSETS or PATH in exactly that version. Builds
 * nothing.
 */
export function findTool(program: string, environment: NodeJS.ProcessEnv = process.env): Found {
  const tool = toolOf(program);
  if (tool === undefined) return { ok: false, reason: `no tool has a program ${program}` };
  const pin = readPin(tool, environment);
  const built = join(pin.directory, 'bin', program);
  if (executable(built)) return { ok: true, path: built, version: pin.version, from: 'cache' };
  const ready = readyProgram(pin, program, environment);
  if (ready) return { ok: true, version: pin.version, ...ready };
  const go = findGo(pin.goMod.go, pin.source, environment);
  return {
    ok: false,
    reason: go.ok
      ? `${program} ${pin.version} is not built: run \`npm run tools:build -- --only ${tool.name}\``
      : `${program} ${pin.version} is not there, and ${go.reason}`,
  };
}

/** A tool's files (KWOK's stages, a controller's definitions); undefined where they are not there yet. */
export function findFiles(name: string, environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const tool = toolNamed(name);
  if (tool?.files === undefined) return undefined;
  const directory = join(readPin(tool, environment).directory, 'files');
  return existsSync(directory) ? directory : undefined;
}

/** What of a tool is still to be made. */
export interface Missing {
  readonly programs: readonly string[];
  readonly files: boolean;
}

export function missingOf(tool: Tool, environment: NodeJS.ProcessEnv = process.env): Missing {
  const pin = readPin(tool, environment);
  return {
    programs: Object.keys(tool.programs).filter(
      (program) =>
        !executable(join(pin.directory, 'bin', program)) && !readyProgram(pin, program, environment),
    ),
    files: tool.files !== undefined && !existsSync(join(pin.directory, 'files')),
  };
}

export const nothingMissing = ({ programs, files }: Missing): boolean => programs.length === 0 && !files;

/**
 * Why a suite that needs these programs (or tools that are files alone) cannot run here; undefined where it can. Say it
 * with `describe.skipIf`, so that the suite counts as skipped.
 */
export function whyToolsAreMissing(
  names: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): string | undefined {
  for (const name of names) {
    const program = toolOf(name);
    const tool = program ?? toolNamed(name);
    if (tool === undefined) return `there is no tool and no program ${name}`;
    const found = program && findTool(name, environment);
    if (found?.ok === false) return found.reason;
    if (tool.files === undefined || findFiles(tool.name, environment) !== undefined) continue;
    const pin = readPin(tool, environment);
    const go = findGo(pin.goMod.go, pin.source, environment);
    return go.ok
      ? `the files of ${tool.name} are not there: run \`npm run tools:build -- --only ${tool.name}\``
      : `the files of ${tool.name} are not there, and ${go.reason}`;
  }
  return undefined;
}

function readyProgram(
  pin: Pin,
  program: string,
  environment: NodeJS.ProcessEnv,
): { readonly path: string; readonly from: 'KUBEBUILDER_ASSETS' | 'PATH' } | undefined {
  // One that cannot tell its version could be any.
  if (pin.tool.programs[program]?.versionArguments === undefined) return undefined;
  const places = [
    { from: 'KUBEBUILDER_ASSETS' as const, directory: environment['KUBEBUILDER_ASSETS'] ?? '' },
    ...(environment['PATH'] ?? '')
      .split(delimiter)
      .map((directory) => ({ from: 'PATH' as const, directory })),
  ];
  for (const { from, directory } of places) {
    const path = join(directory, program);
    if (directory !== '' && executable(path) && programVersion(pin.tool, program, path) === pin.version)
      return { path, from };
  }
  return undefined;
}

function executable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
