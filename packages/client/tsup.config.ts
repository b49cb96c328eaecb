import { defineConfig } from 'tsup';

/**
 * `const OpenAI = require('breakwater')` is to be the class itself, as it is with the official package, and every other export a
 * property of it. Descriptors are moved and not values: some of the names are getters, on which an assignment would throw. The
 * official module is a function too, and what makes it one stays behind: our class has its own name and prototype.
 */
const CLASS_IS_THE_MODULE = `{
  const { name, length, prototype, ...names } = Object.getOwnPropertyDescriptors(module.exports);
  module.exports = Object.defineProperties(module.exports.default, names);
}`;

/** The other two take the client from the package itself, by its name, as a program beside them does: it must not be there twice. */
const BESIDE = { target: 'es2022', external: ['breakwater', 'openai', /^openai\//] };

export default defineConfig((flags) => [
  {
    entry: ['src/index.ts'],
    format: ['esm', 'cjs'],
    target: 'es2022',
    dts: flags.dts !== false,
    external: ['openai', /^openai\//],
    footer: ({ format }) => (format === 'cjs' ? { js: CLASS_IS_THE_MODULE } : {}),
  },
  { ...BESIDE, entry: ['src/config.ts'], format: ['esm', 'cjs'], dts: flags.dts !== false },
  // The command is run, never imported: one format and no types are enough.
  { ...BESIDE, entry: ['src/cli.ts'], format: ['esm'], dts: false },
]);
