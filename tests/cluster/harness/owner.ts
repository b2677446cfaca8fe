/** A process that owns a control plane and does nothing with it, until somebody ends it. */
import { startControlPlane } from './control-plane.ts';

const plane = await startControlPlane();
console.log(`started in ${plane.directory}`);
setInterval(() => {}, 60_000);
