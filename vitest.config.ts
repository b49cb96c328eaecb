import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (name: string) => fileURLToPath(new URL(`packages/${name}/src/index.ts`, import.meta.url));

/** The supported majors of the official client, by the names they are installed under. */
const MAJORS = ['openai-v5', 'openai-v6', 'openai'];

const CONTRACT = 'test/contract/**/*.test.ts';

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
    testTimeout: 20_000,
    // Many tests wait for HTTP; with one worker, which is the default on two cores, nobody else computes meanwhile.
    maxWorkers: 2,
    // Some tests measure real time over HTTP: a machine that stands still for a second must not fail them, a fault does so twice.
    retry: 1,
    projects: [
      { extends: true, test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: [CONTRACT] } },
      // The same tests again for each major; `openai` and what lies under it mean that major, in the tests and in our sources.
      ...MAJORS.map((name) => ({
        extends: true as const,
        resolve: { alias: [{ find: /^openai(?=\/|$)/, replacement: name }] },
        test: {
          name: `contract ${name}`,
          include: [CONTRACT],
          env: { OPENAI_INSTALLED_AS: name },
          // These tests wait for retries more than they compute: many at once, in a process that has loaded everything already.
          maxConcurrency: 40,
          isolate: false,
        },
      })),
    ],
  },
});
