import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { startSimulator } from '@breakwater/simulator';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { ensureBuilt, root } from './built.js';

// Inside of the workspace, where a configuration finds the package by its name.
const folder = mkdtempSync(join(root, 'test', 'packaging', 'doctor-'));
beforeAll(() => ensureBuilt(), 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

const CANARY = 'sk-canary';

/** Writes a configuration with endpoints at these URLs, and starts the command on it. */
function start(urls: Readonly<Record<string, string>>, ...flags: readonly string[]): ChildProcess {
  const endpoints = Object.entries(urls).map(([id, baseURL]) => ({ id, baseURL, apiKey: `${CANARY}-${id}` }));
  const config = { apiKey: `${CANARY}-primary`, router: { endpoints } };
  writeFileSync(
    join(folder, 'router.config.mjs'),
    `import { defineConfig } from 'breakwater';\nexport default defineConfig(${JSON.stringify(config)});`,
  );
  return spawn(process.execPath, [`${root}packages/client/dist/cli.js`, 'doctor', ...flags], { cwd: folder });
}

interface Ended {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

function ended(child: ChildProcess): Promise<Ended> {
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (bytes) => {
    stdout += bytes;
  });
  child.stderr?.on('data', (bytes) => {
    stderr += bytes;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode, signal) => resolve({ exitCode, signal, stdout, stderr }));
  });
}

test('the command finds the configuration where it is run, prints a table, and ends with 0 or 1', {
  timeout: 60_000,
}, async () => {
  const simulator = await startSimulator({ regions: { seoul: {}, tokyo: {} } });
  onTestFinished(() => simulator.close());
  const [seoul, tokyo] = simulator.regions.map(({ baseURL }) => baseURL) as [string, string];
  const well = await ended(start({ seoul, tokyo }, '--ask', '--model', 'gpt-4.1'));
  expect(well).toMatchObject({ exitCode: 0, stderr: '' });
  expect(
    well.stdout
      .replace(/\d+ ms/g, '0 ms')
      .replace(/\d+ \/ 0 ms/g, '0 / 0 ms')
      .replace(/ +/g, ' '),
  ).toBe(
    `router.config.mjs: 2 endpoints

endpoint reached TLS keys models p50 / p95 answer stream limits
seoul yes - 1 ok 1 of 1 0 / 0 ms 0 ms 0 ms -
tokyo yes - 1 ok 1 of 1 0 / 0 ms 0 ms 0 ms -

All is well.
`,
  );
  const sick = await ended(start({ seoul, virginia: 'http://127.0.0.1:9/v1' }, '--json'));
  expect(sick).toMatchObject({ exitCode: 1, stderr: '' });
  expect(JSON.parse(sick.stdout)).toMatchObject({ isWell: false, problems: [{ level: 'fix', endpoint: 'virginia' }] });
  expect(well.stdout + sick.stdout).not.toContain(CANARY);
});

test('a wrong configuration ends with 2', async () => {
  const { exitCode, stdout, stderr } = await ended(start({ 'no id': 'ftp://seoul' }));
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).toContain('router.endpoints[0].id must be');
  expect(stderr).toContain('router.endpoints[0].baseURL must be');
  expect(stderr).not.toContain(CANARY);
});

test('Ctrl-C ends it at once, whatever it waits for', async () => {
  const server: Server = createServer(() => undefined).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  const isAsked = new Promise((resolve) => server.once('connection', resolve));
  await new Promise((resolve) => server.once('listening', resolve));
  const child = start({ mute: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1` });
  const end = ended(child);
  await isAsked;
  const startedAt = performance.now();
  child.kill('SIGINT');
  expect(await end).toMatchObject({ signal: 'SIGINT', stdout: '' });
  expect(performance.now() - startedAt).toBeLessThan(2_000);
});
