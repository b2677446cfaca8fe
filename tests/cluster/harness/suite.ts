import { describe, onTestFailed } from 'vitest';
import { whyToolsAreMissing } from '../../../scripts/tools/find.ts';
import type { ControlPlane } from './control-plane.ts';

/**
 * A suite that starts these programs. Where one is not to be had the suite counts as skipped, and its title says why.
 */
export function describeWithTools(title: string, programs: readonly string[], body: () => void): void {
  const why = whyToolsAreMissing(programs);
  describe.skipIf(why !== undefined)(why === undefined ? title : `${title} (skipped: ${why})`, body);
}

/** Called in a test or a `beforeEach`: the control plane's logs outlive a failure. */
export const keepLogsOnFailure = (plane: ControlPlane): void => onTestFailed(() => plane.keepLogs());
