// Runs one task of the workspace on whatever Node 18-26 is here: `node scripts/run.mjs <task>`.
// It brings pnpm, and a recent Node where the system's is too old to run TypeScript as it is, through npx.
import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [task = 'check', ...rest] = process.argv.slice(2);
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
// 22.18 is the first that runs .ts files by itself; 23 is an odd release, long out of support.
const nodeIsTooOld = major < 22 || (major === 22 && minor < 18) || major === 23;

const quoted = rest.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
const command = `pnpm install --frozen-lockfile --prefer-offline && pnpm run ${task} ${quoted}`.trim();
const npx = ['--yes', '--prefer-offline', '--package=pnpm@12.21.0'];
if (nodeIsTooOld) npx.push('--package=node@24.21.0');

const { status, error } = spawnSync('npx', [...npx, '--call', command], {
  cwd: root,
  stdio: 'inherit',
  shell: process.platform === 'win32',
});
if (error) console.error(`Could not start npx: ${error.message}. It comes with Node.js; is npm installed?`);
process.exit(status ?? 1);
