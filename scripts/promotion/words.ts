/** How commits, times and lists are written for people. */

import { formatDuration } from '../cluster/duration.ts';

/** `2026-11-25 04:05 UTC`. */
export const moment = (time: number): string =>
  `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** How long from now to a time: `3h05m`. */
export const until = (time: number, now: number): string =>
  formatDuration(Math.max(time - now, 0)).replace(/(\dm)\d\ds$/, '$1');

/** `3 days`, `5 hours`. */
export function age(milliseconds: number): string {
  const hours = Math.floor(Math.max(milliseconds, 0) / 3_600_000);
  const [count, unit] = hours < 48 ? [hours, 'hour'] : [Math.floor(hours / 24), 'day'];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/** `a`, `a and b`, `a, b and c`. */
export const enumeration = (words: readonly string[]): string =>
  words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
