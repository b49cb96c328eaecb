import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { quantile } from './quantile.ts';

/** Milliseconds to load a package: openai's own, and what breakwater adds when openai is there already. */
export interface ImportTime {
  readonly openaiMs: number;
  readonly addedMs: number;
}

const here = fileURLToPath(new URL('.', import.meta.url));

const ESM = `
const start = performance.now();
await import('openai');
const between = performance.now();
await import('breakwater');
console.log(JSON.stringify([between - start, performance.now() - between]));`;

const CJS = ESM.replaceAll('await import', 'require');

/** Loads both packages in fresh processes; the medians. */
export function importTime(format: 'esm' | 'cjs', processes: number): ImportTime {
  const args = ['--input-type', format === 'esm' ? 'module' : 'commonjs', '--eval', format === 'esm' ? ESM : CJS];
  const times = Array.from({ length: processes }, () => {
    const printed = execFileSync(process.execPath, args, { cwd: here, encoding: 'utf8' });
    return JSON.parse(printed) as [number, number];
  });
  const median = (index: 0 | 1) =>
    quantile(
      times.map((pair) => pair[index]),
      0.5,
    );
  return { openaiMs: median(0), addedMs: median(1) };
}
