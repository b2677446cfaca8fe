import type { Sources } from '../repository/sources.ts';
import type { BuildNotice } from './build.ts';

/** What one build carries along. */
export interface BuildContext {
  readonly sources: Sources;
  readonly loadRestrictions: 'none' | 'root-only';
  readonly reads: Set<string>;
  readonly notices: BuildNotice[];
}
