import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The workspace, where users stand when they run an example. */
export const WORKSPACE = fileURLToPath(new URL('../../', import.meta.url));

/** How a child process ended. */
export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one of the examples as a user would: with plain Node, against the built packages. */
export function runExample(path: string, ...flags: string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join('examples', path), ...flags], { cwd: WORKSPACE });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (bytes) => {
      stdout += bytes;
    });
    child.stderr.on('data', (bytes) => {
      stderr += bytes;
    });
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
}

/** Builds the packages if they are not built yet; examples import them by name. */
export function buildOnce(): void {
  const packages = readdirSync(join(WORKSPACE, 'packages'));
  if (packages.every((name) => existsSync(join(WORKSPACE, 'packages', name, 'dist', 'index.js')))) return;
  const { status, stderr } = spawnSync('pnpm', ['run', 'build:js'], { cwd: WORKSPACE, encoding: 'utf8', shell: true });
  if (status !== 0) throw new Error(`The packages could not be built:\n${stderr}`);
}
