/** `npm run validate -- --objects FILE`: options in, report and exit code out. */
import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Stage } from '../checks/rule.ts';
import { schemas as ownSchemas } from '../checks/schema/subject.ts';
import { type ExitCode, exitCode, type UsageError } from '../cli/exit.ts';
import { isLevel } from '../kubernetes/pod-security/index.ts';
import { extendSchemas } from '../kubernetes/schema/extend.ts';
import type { Schemas } from '../kubernetes/schema/index.ts';
import type { RenderedObject } from '../render/object.ts';
import { collectCrds } from '../schemas/crd.ts';
import { readStream } from './read.ts';
import { type StreamReporterName, streamReporters } from './report.ts';
import { checkStream, streamStages } from './run.ts';

/** The options of the stream mode as they were written; paths are resolved. */
export interface StreamArguments {
  /** A file, or `-` for standard input. */
  readonly objects: string;
  readonly shown: string;
  readonly crds: string | undefined;
  readonly policies: string | undefined;
  readonly podSecurity: string | undefined;
  readonly kubernetes: string | undefined;
  readonly stages: readonly Stage[];
  readonly format: string;
  readonly strict: boolean;
  readonly color: boolean;
}

export type StreamOutcome =
  | { readonly ok: true; readonly report: string; readonly code: ExitCode }
  | { readonly ok: false; readonly error: UsageError };

/** The versions of Kubernetes whose schemas are in schemas/. */
const versions = ['1.36'] as const;

export function runStream(args: StreamArguments, started: number): StreamOutcome {
  const refuse = (message: string, fix: string): StreamOutcome => ({ ok: false, error: { message, fix } });
  const { kubernetes, podSecurity, format } = args;
  if (kubernetes !== undefined && !(versions as readonly string[]).includes(kubernetes.replace(/^v/, '')))
    return refuse(
      `--kubernetes: there are no schemas for \`${kubernetes}\``,
      `There is ${versions.join(', ')}.`,
    );
  if (podSecurity !== undefined && !isLevel(podSecurity))
    return refuse(`--pod-security: unknown level \`${podSecurity}\``, 'One of baseline, restricted.');
  if (!Object.hasOwn(streamReporters, format))
    return refuse(
      `--format ${format} is not there for a stream of objects`,
      `One of ${Object.keys(streamReporters).join(', ')}.`,
    );
  const other = args.stages.find((stage) => !streamStages.includes(stage));
  if (other)
    return refuse(`--stage ${other} needs a repository, not objects`, `One of ${streamStages.join(', ')}.`);
  for (const [option, directory] of [
    ['--crds', args.crds],
    ['--policies', args.policies],
  ] as const)
    if (directory !== undefined && !statSync(directory, { throwIfNoEntry: false })?.isDirectory())
      return refuse(`${option}: ${directory} is no directory`, 'Name a directory of YAML files.');
  try {
    const text = readFileSync(args.objects === '-' ? 0 : args.objects, 'utf8');
    const crds = args.crds === undefined ? [] : filesIn(args.crds);
    const policies = args.policies === undefined ? [] : filesIn(args.policies);
    const schemas = withCrds(ownSchemas(), [...crds, ...policies]);
    const stream = readStream(args.shown, text);
    const result = checkStream(stream, {
      schemas,
      cluster: policies.flatMap(clusterObjects),
      ...(podSecurity !== undefined && isLevel(podSecurity) ? { podSecurity } : {}),
      stages: args.stages,
    });
    const all = [...result.findings, ...result.objects.flatMap(({ findings }) => findings)];
    const ok =
      stream.length > 0 &&
      !all.some(({ severity }) => severity === 'error' || (args.strict && severity === 'warning'));
    if (stream.length === 0)
      return refuse(`${args.shown} holds no object`, 'Give a stream of YAML or JSON documents.');
    const report = streamReporters[format as StreamReporterName]({
      ...result,
      ok,
      durationMs: performance.now() - started,
      color: args.color,
    });
    return { ok: true, report, code: ok ? exitCode.good : exitCode.findings };
  } catch (error) {
    if (error instanceof ReadError) return refuse(error.message, error.fix);
    if (isSystemError(error)) return refuse(error.message, 'Name a file that can be read.');
    throw error;
  }
}

class ReadError extends Error {
  readonly fix: string;
  constructor(message: string, fix: string) {
    super(message);
    this.fix = fix;
  }
}

const isSystemError = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && 'syscall' in error;

interface TextFile {
  readonly path: string;
  readonly text: string;
}

/** The YAML and JSON files below a directory, sorted. */
function filesIn(directory: string): readonly TextFile[] {
  const entries = readdirSync(directory, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry: Dirent) => entry.isFile() && /\.(?:ya?ml|json)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => ({ path, text: readFileSync(path, 'utf8') }));
}

function withCrds(schemas: Schemas, files: readonly TextFile[]): Schemas {
  return files.reduce((known, { path, text }) => {
    if (!text.includes('CustomResourceDefinition')) return known;
    try {
      return extendSchemas(known, collectCrds(text, path));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new ReadError(`${path}: ${message}`, 'Correct the CustomResourceDefinition.');
    }
  }, schemas);
}

function clusterObjects({ path, text }: TextFile): readonly RenderedObject[] {
  return readStream(path, text).map(({ object, problems }) => {
    const [first] = problems;
    if (first)
      throw new ReadError(
        `${path}:${first.origin.line}: ${first.message}`,
        'Correct the file: a policy that is not read keeps nothing out.',
      );
    return object;
  });
}
