import { defineConfig } from 'tsup';

export default defineConfig((flags) => {
  const shared = { entry: ['src/index.ts'], target: 'es2022', dts: flags.dts !== false } as const;
  return [
    { ...shared, entry: [...shared.entry], format: 'esm' },
    // p-retry is ESM only: the CJS build carries it, and its one dependency, inside.
    { ...shared, entry: [...shared.entry], format: 'cjs', noExternal: ['p-retry', 'is-network-error'] },
  ];
});
