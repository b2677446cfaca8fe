import { request } from 'node:http';

/** The status of a GET on loopback; 0 where nobody answers. */
export function httpStatus(url: string): Promise<number> {
  return new Promise((resolve) => {
    const call = request(url, { timeout: 2_000, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    call.once('timeout', () => call.destroy());
    call.once('error', () => resolve(0));
    call.end();
  });
}
