import { join } from 'node:path';
import { fetchJars as fetch, type Jars } from '../harness/jars.ts';

export type { Jars };

/** The jars of one of the folders beside this file. */
export const fetchJars = (name: 'kafka' | 'elasticsearch' | 'nifi-registry'): Promise<Jars> =>
  fetch(join(import.meta.dirname, name));
