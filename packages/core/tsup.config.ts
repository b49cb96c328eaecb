import { defineConfig } from 'tsup';

// p-retry is ESM only: the CJS build carries it (and its one dependency) inside.
const shared = { entry: ['src/index.ts'], target: 'es2022', sourcemap: false, minify: false } as const;

export default defineConfig((flags) => [
  { ...shared, entry: [...shared.entry], format: 'esm', dts: flags.dts !== false, clean: false },
  {
    ...shared,
    entry: [...shared.entry],
    format: 'cjs',
    dts: flags.dts !== false,
    clean: false,
    noExternal: ['p-retry', 'is-network-error'],
  },
]);
