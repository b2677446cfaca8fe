import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';

/** Where the commands keep what can be made again: `$XDG_CACHE_HOME/infometis`, by default below ~/.cache. */
export const cacheDirectory = (environment: NodeJS.ProcessEnv = process.env): string =>
  // An empty HOME would mean the current directory.
  join(environment.XDG_CACHE_HOME || join(homedir() || userInfo().homedir, '.cache'), 'infometis');
