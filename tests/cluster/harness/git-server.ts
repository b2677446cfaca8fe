import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gitEnvironment } from '../../git-environment.ts';

/** Git repositories on loopback, over the smart HTTP protocol, which is the only one that Flux speaks. */
export interface GitServer {
  /** An empty repository with the branch `main`; or a copy of another with all its branches. */
  repository(name: string, copyOf?: string): GitRepository;
  stop(): Promise<void>;
}

export interface GitRepository {
  readonly url: string;
  /** A work tree: change files in it, then commit. Without `copyOf` it is on `main`. */
  readonly directory: string;
  /** Commits everything in the work tree, pushes the branch and returns the commit's id. */
  commit(message: string): string;
  /** Runs git in the work tree. */
  git(...parameters: string[]): string;
}

/** @param directory for the repositories; the caller removes it */
export async function startGitServer(directory: string): Promise<GitServer> {
  const root = join(directory, 'repositories');
  mkdirSync(root, { recursive: true });
  const server = createServer((request, response) => serve(root, request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve());
  });
  const { port } = server.address() as AddressInfo;
  return {
    repository: (name, copyOf) => makeRepository(root, directory, name, `http://127.0.0.1:${port}`, copyOf),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function makeRepository(
  root: string,
  directory: string,
  name: string,
  server: string,
  copyOf: string | undefined,
): GitRepository {
  const bare = join(root, `${name}.git`);
  const workTree = mkdtempSync(join(directory, `${name}-`));
  const git = (...parameters: string[]): string => run(workTree, parameters);
  if (copyOf === undefined) {
    run(directory, ['init', '--quiet', '--bare', '--initial-branch=main', bare]);
  } else {
    run(directory, ['clone', '--quiet', '--bare', '--no-hardlinks', copyOf, bare]);
  }
  run(directory, ['clone', '--quiet', bare, workTree]);
  if (copyOf === undefined) git('checkout', '--quiet', '-B', 'main');
  return {
    url: `${server}/${name}.git`,
    directory: workTree,
    git,
    commit(message) {
      git('add', '--all');
      git('commit', '--quiet', '--allow-empty', '--message', message);
      git('push', '--quiet', '--force', 'origin', 'HEAD');
      return git('rev-parse', 'HEAD').trim();
    },
  };
}

const run = (directory: string, parameters: readonly string[]): string =>
  execFileSync('git', parameters, {
    cwd: directory,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environment(),
  });

const environment = (): NodeJS.ProcessEnv => ({
  ...gitEnvironment,
  // The clone under test may belong to another user.
  GIT_CONFIG_COUNT: '1',
  GIT_CONFIG_KEY_0: 'safe.directory',
  GIT_CONFIG_VALUE_0: '*',
});

/** CGI (RFC 3875) with `git http-backend` behind it. */
function serve(root: string, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const header = (name: string): string => String(request.headers[name] ?? '');
  const child = spawn('git', ['http-backend'], {
    env: {
      ...environment(),
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: header('content-type'),
      HTTP_CONTENT_ENCODING: header('content-encoding'),
      GIT_PROTOCOL: header('git-protocol'),
      REMOTE_ADDR: '127.0.0.1',
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  // Either side may leave early.
  child.stdin.on('error', () => {});
  response.on('close', () => child.kill());
  request.pipe(child.stdin);
  child.once('error', () => response.writeHead(500).end());
  let head: Buffer | undefined = Buffer.alloc(0);
  child.stdout.on('data', (chunk: Buffer) => {
    if (head === undefined) {
      response.write(chunk);
      return;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    const { status, headers } = readHead(head.subarray(0, end).toString('latin1'));
    response.writeHead(status, headers);
    response.write(head.subarray(end + 4));
    head = undefined;
  });
  child.stdout.once('end', () => {
    if (head !== undefined && !response.headersSent) response.writeHead(500);
    response.end();
  });
}

function readHead(text: string): {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
} {
  const headers: Record<string, string> = {};
  let status = 200;
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === 'status') status = Number.parseInt(value, 10);
    else headers[name] = value;
  }
  return { status, headers };
}
