import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const WORKSPACE = new URL('../../', import.meta.url);
const source = (name: string) => fileURLToPath(new URL(`packages/${name}/src/index.ts`, WORKSPACE));

/** Counting what is covered makes these a hundred times slower than they are. */
const SLOW = ['does not grow with', 'share of the calls that it says'];

/** The tests that `pnpm mutate` runs for each change of the breaker: the named ones. The properties and the model check come on top. */
export default defineConfig({
  root: fileURLToPath(WORKSPACE),
  resolve: { alias: { '@breakwater/core': source('core'), '@breakwater/simulator': source('simulator') } },
  test: {
    include: ['test/core/breaker/**/*.test.ts'],
    exclude: ['test/core/breaker/model.test.ts', 'test/core/breaker/properties.test.ts'],
    testNamePattern: new RegExp(`^(?!.*(?:${SLOW.join('|')}))`),
    testTimeout: 60_000,
    isolate: false,
    maxWorkers: 1,
  },
});
