import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { request as requestTls } from 'node:https';

/**
 * The status of a GET on loopback; 0 where nobody answers. Certificates are not looked at: it asks for health, and sends
 * nothing that is worth a guard.
 */
export function httpStatus(url: string): Promise<number> {
  return new Promise((resolve) => {
    const answered = (response: IncomingMessage): void => {
      response.resume();
      resolve(response.statusCode ?? 0);
    };
    const call: ClientRequest = url.startsWith('https:')
      ? requestTls(url, { timeout: 2_000, agent: false, rejectUnauthorized: false }, answered)
      : request(url, { timeout: 2_000, agent: false }, answered);
    call.once('timeout', () => call.destroy());
    call.once('error', () => resolve(0));
    call.end();
  });
}
