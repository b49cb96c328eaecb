import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (name: string) => fileURLToPath(new URL(`packages/${name}/src/index.ts`, import.meta.url));

/** The supported majors of the official client, by the names they are installed under. */
const MAJORS = ['openai-v5', 'openai-v6', 'openai'];

const CONTRACT = 'test/contract/**/*.test.ts';

/** What runs on a virtual clock. Nothing there hangs on the machine, so what fails once is a fault: a seed that was drawn again would hide it. */
const CORE = ['test/core/**/*.test.ts', 'test/simulation/**/*.test.ts', 'test/house/**/*.test.ts'];

/** These look at who listens to what in the whole process, so each is alone in one. */
const ALONE = ['test/client/connections.test.ts', 'test/client/health/connect-times.test.ts'];

/** Tests run on the sources; the built packages are proven by `pnpm smoke` and the CJS test. */
export default defineConfig({
  resolve: {
    alias: {
      '@breakwater/core': source('core'),
      '@breakwater/simulator': source('simulator'),
      '@breakwater/otel': source('otel'),
      '@breakwater/prometheus': source('prometheus'),
      '@breakwater/dashboard': source('dashboard'),
      'breakwater/config': fileURLToPath(new URL('packages/client/src/config.ts', import.meta.url)),
      breakwater: source('client'),
    },
  },
  test: {
    testTimeout: 20_000,
    // Many tests wait for HTTP; with one worker, which is the default on two cores, nobody else computes meanwhile.
    maxWorkers: 3,
    // A worker that loads everything anew for each file takes twice as long in all.
    isolate: false,
    // The page's style is a text of ours; others would be emptied.
    css: { include: [/dashboard\/src\/page\/page\.css/] },
    projects: [
      { extends: true, test: { name: 'core', include: CORE } },
      {
        extends: true,
        // Some of these measure real time over HTTP: a machine that stands still for a second must not fail them.
        test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: [CONTRACT, ...CORE, ...ALONE], retry: 1 },
      },
      { extends: true, test: { name: 'alone', include: ALONE, isolate: true, retry: 1 } },
      // The same tests again for each major; `openai` and what lies under it mean that major, in the tests and in our sources.
      ...MAJORS.map((name) => ({
        extends: true as const,
        resolve: { alias: [{ find: /^openai(?=\/|$)/, replacement: name }] },
        test: {
          name: `contract ${name}`,
          include: [CONTRACT],
          env: { OPENAI_INSTALLED_AS: name },
          // These tests wait for retries more than they compute: many at once.
          maxConcurrency: 40,
          retry: 1,
        },
      })),
    ],
  },
});
