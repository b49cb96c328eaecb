import { defineConfig } from 'tsup';

export default defineConfig((flags) => [
  {
    entry: ['src/index.ts'],
    format: ['esm', 'cjs'],
    target: 'es2022',
    dts: flags.dts !== false,
  },
  // The command is run, never imported: one format and no types are enough.
  { entry: ['src/cli.ts'], format: ['esm'], target: 'es2022', dts: false },
]);
