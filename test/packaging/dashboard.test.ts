import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startSimulator } from '@breakwater/simulator';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { ensureBuilt, root } from './built.js';

// Inside of the workspace, where a configuration finds the package by its name.
const folder = mkdtempSync(join(root, 'test', 'packaging', 'dashboard-'));
beforeAll(() => ensureBuilt(), 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

const CANARY = 'sk-canary';

/** Starts the command where a configuration of this endpoint is. */
function start(baseURL: string, ...flags: readonly string[]) {
  const config = { router: { endpoints: [{ id: 'seoul', baseURL, apiKey: CANARY, models: ['gpt-4.1'] }] } };
  writeFileSync(
    join(folder, 'router.config.mjs'),
    `import { defineConfig } from 'breakwater';\nexport default defineConfig(${JSON.stringify({ apiKey: CANARY, ...config })});`,
  );
  const child = spawn(process.execPath, [`${root}packages/dashboard/dist/cli.js`, ...flags], { cwd: folder });
  onTestFinished(() => void child.kill('SIGKILL'));
  const said = { out: '', error: '' };
  child.stdout.on('data', (bytes) => {
    said.out += bytes;
  });
  child.stderr.on('data', (bytes) => {
    said.error += bytes;
  });
  return { child, said, ended: once(child, 'close') };
}

test.each(['SIGINT', 'SIGTERM'] as const)(
  'the command finds the configuration where it is run, serves the page, and ends with 0 on %s',
  async (signal) => {
    const simulator = await startSimulator({ regions: { seoul: {} } });
    onTestFinished(() => simulator.close());
    const { child, said, ended } = start(simulator.region('seoul').baseURL, '--port', '0');
    await once(child.stdout, 'data');
    const [url = ''] = /http:\S+/.exec(said.out) ?? [];
    expect(said.out.split('\n')[0]).toBe(`router.config.mjs: ${url}`);
    const picture = await (await fetch(`${url}picture.html`)).text();
    expect(picture).toContain('seoul/gpt-4.1');
    // Somebody watches: an open connection keeps nothing from ending.
    const watched = await fetch(`${url}events`);
    onTestFinished(() => void watched.body?.cancel().catch(() => {}));
    const startedAt = performance.now();
    child.kill(signal);
    expect(await ended).toEqual([0, null]);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect(said.error).toBe('');
    expect(`${said.out}${picture}`).not.toContain(CANARY);
  },
);

test('a wrong configuration ends with 2', async () => {
  const { said, ended } = start('ftp://seoul');
  expect(await ended).toEqual([2, null]);
  expect(said.out).toBe('');
  expect(said.error).toMatch(/^router\.config\.mjs cannot be used:\n {2}router\.endpoints\[0\]\.baseURL must be/);
});
