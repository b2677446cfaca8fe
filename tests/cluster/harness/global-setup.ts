import { buildTools } from '../../../scripts/tools/build.ts';
import { tools } from '../../../scripts/tools/catalog.ts';

/**
 * Builds what is missing before the first test. Without Go nothing is built, and each suite says what it lacks; a build
 * that fails is a failure.
 */
export async function setup(): Promise<void> {
  const interrupt = new AbortController();
  const stop = (): void => interrupt.abort();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const result = await buildTools(
    tools.filter(({ suite }) => suite === 'cluster'),
    { signal: interrupt.signal, step: () => {}, line: (text) => console.log(text) },
  );
  process.removeListener('SIGINT', stop);
  process.removeListener('SIGTERM', stop);
  if (result.ok) return;
  if (result.why !== 'go') throw new Error(result.reason);
  console.warn(`The cluster tests are skipped: ${result.reason}.`);
}
