import { defineConfig } from 'vitest/config';

// vitest asks for a default export of its configuration.
// biome-ignore lint/style/noDefaultExport: see above
export default defineConfig({
  test: {
    include: ['tests/components/**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 60_000,
    reporters: ['verbose'],
  },
});
