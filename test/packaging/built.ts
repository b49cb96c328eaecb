import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The workspace, from which every package can be imported by its name. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

/** What each package is called, by its folder. */
export const PACKAGES = {
  core: '@breakwater/core',
  client: 'breakwater',
  simulator: '@breakwater/simulator',
  otel: '@breakwater/otel',
  prometheus: '@breakwater/prometheus',
  dashboard: '@breakwater/dashboard',
} as const;

/** The two ways to load a package. */
export const FORMATS = ['esm', 'cjs'] as const;

/** Builds what is not there; a full check has built it before, with types. */
export function ensureBuilt(file: 'index.js' | 'index.d.ts' = 'index.js'): void {
  const isThere = Object.keys(PACKAGES).every((folder) => existsSync(`${root}packages/${folder}/dist/${file}`));
  if (!isThere)
    execFileSync('pnpm', ['run', file === 'index.js' ? 'build:js' : 'build'], { cwd: root, stdio: 'ignore' });
}

/**
 * Runs a script on the built packages, in a process of its own because the tests' own imports lead to the sources. `load(name)` is
 * `import` or `require`; what `tell` is given comes back.
 */
export function runBuilt(format: (typeof FORMATS)[number], script: string): unknown {
  const load = format === 'esm' ? '(name) => import(name)' : 'async (name) => require(name)';
  const code = `const load = ${load}; const tell = (value) => console.log(JSON.stringify(value)); (async () => {${script}})();`;
  const type = format === 'esm' ? 'module' : 'commonjs';
  return JSON.parse(
    execFileSync(process.execPath, ['--input-type', type, '--eval', code], { cwd: root, encoding: 'utf8' }),
  );
}
