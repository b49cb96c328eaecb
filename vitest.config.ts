import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (name: string) => fileURLToPath(new URL(`packages/${name}/src/index.ts`, import.meta.url));

/** Tests run on the sources; the built packages are proven by `pnpm smoke` and the CJS test. */
export default defineConfig({
  resolve: {
    alias: {
      '@breakwater/core': source('core'),
      '@breakwater/simulator': source('simulator'),
      breakwater: source('client'),
    },
  },
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000,
  },
});
