// Everything that has to hold before a change lands: `pnpm check`, which is what `npm test` runs after its install.
// One line per step; a step that fails shows all it said. The last line counts the tests.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const scratch = mkdtempSync(join(tmpdir(), 'breakwater-check-'));
const results = join(scratch, 'tests.json');

const PACKAGES = ['core', 'client', 'simulator', 'otel', 'prometheus', 'dashboard'];
/** More would only take turns on a machine with two cores. */
const AT_ONCE = 2;

/**
 * In the order in which they start. A step waits for those it `needs`; that something failed there does not stop it, because one look
 * at all the faults is worth more than a minute.
 */
const steps = [
  // The compiler in Go: a third of the work. What has to be asked by a program is asked of the one before it, which has an API.
  { name: 'types', command: 'node node_modules/typescript-7/bin/tsc --noEmit -p tsconfig.json' },
  ...PACKAGES.map((name) => ({ name: `build ${name}`, command: 'tsup', cwd: `packages/${name}` })),
  { name: 'lint and format', command: 'biome check .' },
  { name: 'dead code', command: 'knip' },
  // They are read from what would be published, so the builds have to be there.
  {
    name: 'packages as their users find them',
    command: `node scripts/shapes.mjs ${PACKAGES.join(' ')}`,
    needs: PACKAGES.map((name) => `build ${name}`),
  },
  // Last and by itself: it fills both cores, and some tests look at the built packages.
  { name: 'tests', command: `vitest run --reporter=default --reporter=json --outputFile.json=${results}`, alone: true },
];

const failed = [];
const done = new Set();
const running = new Set();

/** Runs one step; its output is kept back, and shown only when it failed. */
function run({ name, command, cwd = '.' }) {
  const startedAt = performance.now();
  const [program, ...args] = command.split(' ');
  return new Promise((resolve) => {
    let output = '';
    // Straight from where it is installed: to be found by pnpm takes half a second each time.
    const tool = program === 'node' ? process.execPath : join(root, 'node_modules/.bin', program);
    const child = spawn(tool, args, {
      cwd: join(root, cwd),
      env: { ...process.env, FORCE_COLOR: '0', NO_COLOR: '1', CI: '1' },
      shell: process.platform === 'win32',
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (part) => {
        output += part;
      });
    }
    child.on('error', (error) => {
      output += error.message;
    });
    child.on('close', (code) => {
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
      if (code !== 0) {
        failed.push(name);
        console.log(output.trimEnd().replace(/^/gm, '    '));
      }
      resolve();
    });
  });
}

/** Starts what may start now; resolves when one step has ended. */
async function turn(waiting) {
  for (const step of [...waiting]) {
    if (running.size >= AT_ONCE) break;
    const isFree =
      (step.needs ?? []).every((name) => done.has(name)) && (!step.alone || done.size === steps.length - 1);
    if (!isFree) continue;
    waiting.delete(step);
    const ended = run(step).then(() => {
      running.delete(ended);
      done.add(step.name);
    });
    running.add(ended);
  }
  await Promise.race(running);
}

/** The counts of vitest's own report; a file that could not even be loaded counts as a failure. */
function tests() {
  try {
    const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(results, 'utf8'));
    const unloadable = testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);
    return { passed: numPassedTests, failed: numFailedTests + unloadable.length };
  } catch {
    return { passed: 0, failed: 1 };
  }
}

const startedAt = performance.now();
const waiting = new Set(steps);
while (waiting.size + running.size > 0) await turn(waiting);

const counts = tests();
rmSync(scratch, { recursive: true, force: true });
const isGreen = failed.length === 0 && counts.failed === 0 && counts.passed > 0;
const seconds = Math.round((performance.now() - startedAt) / 1000);
console.log(
  isGreen ? `All ${steps.length} steps passed in ${seconds} s.` : `Failed after ${seconds} s: ${failed.join(', ')}.`,
);
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = isGreen ? 0 : 1;
