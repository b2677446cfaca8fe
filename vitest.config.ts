import { defineConfig } from 'vitest/config';

// vitest asks for a default export of its configuration.
// biome-ignore lint/style/noDefaultExport: see above
export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    exclude: ['tests/cluster/**', 'tests/components/**', 'tests/renovate/**'],
    testTimeout: 20_000,
  },
});
