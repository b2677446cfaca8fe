import type { UsageError } from '../cli/exit.ts';
import { field, parseJson } from './json.ts';
import { findProgram, type ProcessResult, runProcess, showCommand } from './process.ts';

/** One cluster, by way of kubectl. */
export interface Kubectl {
  /** What to type: `kubectl` or `k0s kubectl`, with the chosen context. */
  readonly shown: string;
  /** `--context` and `--kubeconfig` as the Flux CLI takes them, too. */
  readonly connection: readonly string[];
  readonly context: string;
  readonly server: string;
  /** Of the API server: `v1.36.3`. */
  readonly version: string;
  /**
   * @param input for standard input
   * @param mode tidy-up: after Ctrl-C too, to put back what must not stay as it is
   */
  run(args: readonly string[], input?: string, mode?: 'tidy-up'): Promise<ProcessResult>;
}

export interface ConnectOptions {
  readonly context?: string | undefined;
  readonly kubeconfig?: string | undefined;
  readonly environment?: NodeJS.ProcessEnv | undefined;
  readonly signal?: AbortSignal | undefined;
}

export type Connected =
  | { readonly ok: true; readonly kubectl: Kubectl }
  | { readonly ok: false; readonly error: UsageError };

// Where k0s keeps the administrator's file that `k0s kubectl` falls back to, and of which no other program knows.
const k0sKubeconfig = '/var/lib/k0s/pki/admin.conf';

/** Finds kubectl and the cluster that it points at, and makes sure that the cluster answers. Changes nothing. */
export async function connect(options: ConnectOptions): Promise<Connected> {
  const environment = options.environment ?? process.env;
  const program = findProgram('kubectl', environment);
  const k0s = program === undefined ? findProgram('k0s', environment) : undefined;
  if (program === undefined && k0s === undefined)
    return fail(
      'there is neither kubectl nor k0s on PATH',
      'Install one: https://kubernetes.io/docs/tasks/tools/.',
    );
  const command = program !== undefined ? [program] : [k0s!, 'kubectl'];
  const kubeconfig =
    options.kubeconfig ?? (k0s !== undefined && !environment.KUBECONFIG ? k0sKubeconfig : undefined);
  const file = kubeconfig === undefined ? [] : ['--kubeconfig', kubeconfig];
  const call = (args: readonly string[], input?: string): Promise<ProcessResult> =>
    runProcess([...command, ...args], {
      environment,
      signal: options.signal,
      ...(input === undefined ? {} : { input }),
    });

  const known = await call([...file, 'config', 'get-contexts', '--output=name']);
  if (known.code !== 0)
    return fail(
      `kubectl cannot read its configuration: ${lastLine(known.stderr)}`,
      kubeconfig === k0sKubeconfig
        ? 'Only root may read it: run this with sudo, or write it to a file with `sudo k0s kubeconfig admin` and name that with --kubeconfig.'
        : 'Name a readable file with --kubeconfig.',
    );
  const contexts = known.stdout.split('\n').filter((line) => line !== '');
  let context = options.context;
  if (context === undefined) {
    const current = await call([...file, 'config', 'current-context']);
    context = current.code === 0 ? current.stdout.trim() : '';
  }
  if (context === '')
    return fail(
      'kubectl has no current context, so it points at no cluster',
      contexts.length > 0
        ? `Choose one with --context: ${contexts.join(', ')}.`
        : 'Name a kubeconfig with --kubeconfig; for k0s: `sudo k0s kubeconfig admin > infometis.kubeconfig`.',
    );
  if (!contexts.includes(context))
    return fail(
      `kubectl knows no context \`${context}\``,
      contexts.length > 0 ? `One of ${contexts.join(', ')}.` : 'Name another kubeconfig with --kubeconfig.',
    );

  const connection = ['--context', context, ...file];
  const view = await call([
    ...connection,
    'config',
    'view',
    '--minify',
    '--output=jsonpath={.clusters[0].cluster.server}',
  ]);
  const server = view.stdout.trim();
  const version = await call([...connection, 'get', '--raw=/version', '--request-timeout=10s']);
  if (version.code !== 0)
    return fail(
      `the API server ${server || `of ${context}`} does not answer: ${lastLine(version.stderr)}`,
      'Start the cluster (k0s: `sudo k0s status`, `sudo k0s start`), or choose another one with --context.',
    );
  return {
    ok: true,
    kubectl: {
      shown: showCommand([
        ...(program !== undefined ? ['kubectl'] : ['k0s', 'kubectl']),
        ...(options.context === undefined ? [] : ['--context', context]),
        ...(options.kubeconfig === undefined ? [] : file),
      ]),
      connection,
      context,
      server,
      version: String(field(parseJson(version.stdout), 'gitVersion') ?? 'unknown'),
      run: (args, input, mode) =>
        mode === 'tidy-up'
          ? runProcess([...command, ...connection, ...args, '--request-timeout=30s'], { environment })
          : call([...connection, ...args], input),
    },
  };
}

const fail = (message: string, fix: string): Connected => ({ ok: false, error: { message, fix } });

/** kubectl's own message is its last line; retries are logged above it. */
export const lastLine = (text: string): string =>
  text
    .trim()
    .split('\n')
    .at(-1)!
    .replace(/^error: /, '') || 'no message';
