import { createHash, createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent, request as httpsRequest } from 'node:https';

// Runs in a pod: reads a Batch from standard input and prints an Answer for each request, in their order. It signs as the AWS
// documentation of Signature Version 4 has it, and checks the server by the name of the Service, whichever address it is asked at.

export interface Credentials {
  readonly accessKey: string;
  readonly secretKey: string;
}

export interface S3Request {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'DELETE' | 'POST';
  /** Address of one server. */
  readonly server: string;
  /** Nobody, where it is left out. */
  readonly as?: Credentials;
  /** `/bucket/key`, of letters that need no escaping. */
  readonly path: string;
  /** `list-type=2`, sorted. */
  readonly query?: string;
  /** Bytes that `contentOf` makes; nothing where it is left out. */
  readonly content?: { readonly seed: string; readonly size: number };
}

export interface Batch {
  readonly serverName: string;
  readonly port: number;
  readonly authority: string;
  readonly requests: readonly S3Request[];
}

export interface Answer {
  /** 0 where there was no answer; `text` says why. */
  readonly status: number;
  /** SHA-256 of the body. */
  readonly digest: string;
  /** The body where it is small. */
  readonly text: string;
}

/** The bytes of an object: different for every seed, the same each time. */
export function contentOf({ seed, size }: { readonly seed: string; readonly size: number }): Buffer {
  const block = createHash('sha512').update(seed).digest();
  const content = Buffer.alloc(size);
  for (let offset = 0; offset < size; offset += block.length) {
    block.writeUInt32LE(offset, 0);
    block.copy(content, offset);
  }
  return content;
}

export const digestOf = (content: Buffer): string => createHash('sha256').update(content).digest('hex');

const hmac = (key: Buffer | string, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** The headers that sign a request. */
function signed(
  { accessKey, secretKey }: Credentials,
  { method, path, query = '' }: S3Request,
  host: string,
  digest: string,
): Record<string, string> {
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const scope = `${time.slice(0, 8)}/us-east-1/s3/aws4_request`;
  const headers = { host, 'x-amz-content-sha256': digest, 'x-amz-date': time };
  const names = Object.keys(headers).join(';');
  const canonical = [
    method,
    path,
    query,
    ...Object.entries(headers).map(([name, value]) => `${name}:${value}`),
    '',
    names,
    digest,
  ].join('\n');
  const text = ['AWS4-HMAC-SHA256', time, scope, digestOf(Buffer.from(canonical))].join('\n');
  const key = scope.split('/').reduce<Buffer | string>(hmac, `AWS4${secretKey}`);
  const signature = hmac(key, text).toString('hex');
  return {
    ...headers,
    authorization: `AWS4-HMAC-SHA256 Credential=${accessKey}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
  };
}

function send(batch: Batch, agent: Agent, request: S3Request): Promise<Answer> {
  const host = `${batch.serverName}:${batch.port}`;
  const body = request.content === undefined ? Buffer.alloc(0) : contentOf(request.content);
  const digest = digestOf(body);
  return new Promise((resolve) => {
    const failed = (error: Error): void => resolve({ status: 0, digest: '', text: error.message });
    const sending = httpsRequest(
      {
        agent,
        host: request.server,
        port: batch.port,
        servername: batch.serverName,
        method: request.method,
        path: request.query === undefined ? request.path : `${request.path}?${request.query}`,
        headers: {
          ...(request.as === undefined ? { host } : signed(request.as, request, host, digest)),
          'content-length': body.length,
        },
        ca: batch.authority,
        timeout: 10_000,
      },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', failed);
        response.on('end', () => {
          const received = Buffer.concat(parts);
          resolve({
            status: response.statusCode ?? 0,
            digest: digestOf(received),
            text: received.length > 4096 ? '' : received.toString(),
          });
        });
      },
    );
    sending.on('timeout', () => sending.destroy(new Error('no answer within 10 s')));
    sending.on('error', failed);
    sending.end(body);
  });
}

/** Sends all of them, eight at a time. */
export async function sendAll(batch: Batch): Promise<readonly Answer[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const answers: Answer[] = [];
  let next = 0;
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      while (next < batch.requests.length) {
        const index = next++;
        answers[index] = await send(batch, agent, batch.requests[index]!);
      }
    }),
  );
  agent.destroy();
  return answers;
}

// The test imports the functions above; as a program it is the bundle that runs in the pod.
if (process.env['S3_CLIENT'] === 'run')
  process.stdout.write(JSON.stringify(await sendAll(JSON.parse(readFileSync(0, 'utf8')) as Batch)));
