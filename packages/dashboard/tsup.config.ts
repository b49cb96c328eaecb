import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { defineConfig, type Options } from 'tsup';

type Plugin = NonNullable<Options['esbuildPlugins']>[number];

/** `import text from './page.css?raw'` is the text of the file, as it is with Vite, which runs the tests. */
const raw: Plugin = {
  name: 'raw',
  setup(build) {
    build.onResolve({ filter: /\?raw$/ }, ({ path, importer }) => {
      // With its ending kept, or tsup would take a style sheet for its own.
      return { path: resolve(dirname(importer), path), namespace: 'raw' };
    });
    build.onLoad({ filter: /.*/, namespace: 'raw' }, ({ path: asked }) => {
      const path = asked.replace(/\?raw$/, '');
      return { contents: readFileSync(path, 'utf8'), loader: 'text', watchFiles: [path] };
    });
  },
};

export default defineConfig((flags) => [
  {
    entry: ['src/index.ts'],
    format: ['esm', 'cjs'],
    target: 'es2022',
    dts: flags.dts !== false,
    esbuildPlugins: [raw],
  },
  // The command is run, never imported: one format and no types are enough.
  { entry: ['src/cli.ts'], format: ['esm'], target: 'es2022', dts: false, esbuildPlugins: [raw] },
]);
