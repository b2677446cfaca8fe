import { defineConfig } from 'vitest/config';

// vitest asks for a default export of its configuration.
// biome-ignore lint/style/noDefaultExport: see above
export default defineConfig({
  test: {
    include: ['tests/cluster/**/*.test.ts'],
    globalSetup: ['tests/cluster/harness/global-setup.ts'],
    // A control plane fills a small machine, and processes ask the kernel to end with the main thread of their parent.
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 300_000,
    // A skipped suite has its reason in its title, so the titles are shown.
    reporters: ['verbose'],
  },
});
