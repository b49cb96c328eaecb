import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

/** What a user's bundle grows by, in bytes, without openai itself. */
export interface Size {
  readonly minified: number;
  readonly gzipped: number;
}

interface Bundler {
  build(options: object): Promise<{ outputFiles: { contents: Uint8Array }[] }>;
}

/** Bundles the built client with everything it brings along but openai, minified as a user's own bundler would. */
export async function bundleSize(): Promise<Size> {
  // tsup's esbuild: the bundler that is here anyway.
  const bundler = createRequire(createRequire(import.meta.url).resolve('tsup'))('esbuild') as Bundler;
  const { outputFiles } = await bundler.build({
    entryPoints: [fileURLToPath(new URL('../packages/client/dist/index.js', import.meta.url))],
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    external: ['openai', 'openai/*'],
    write: false,
    logLevel: 'error',
    // The workspace's own paths lead to sources; a user has none.
    tsconfigRaw: {},
  });
  const contents = outputFiles[0]?.contents ?? new Uint8Array();
  return { minified: contents.byteLength, gzipped: gzipSync(contents, { level: 9 }).byteLength };
}
