import { defineConfig } from 'tsup';

export default defineConfig((flags) => ({
  entry: ['src/index.ts'],
  format: ['esm', 'cjs'],
  target: 'es2022',
  dts: flags.dts !== false,
}));
