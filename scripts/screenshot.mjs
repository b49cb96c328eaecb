// Makes the pictures of docs/dashboard.md: `node scripts/screenshot.mjs`, on the built packages. It runs the demo, looks at its live page
// in a real Chromium (`CHROMIUM` names another than /usr/bin/chromium), and writes docs/dashboard-light.png and docs/dashboard-dark.png.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { inPalette } from './palette-png.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const SECONDS = 40;
/** Some of everything has happened by then, and is still going on. */
const LOOK_AFTER_MS = 0.52 * SECONDS * 1_000;
const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];

const folder = mkdtempSync(join(tmpdir(), 'breakwater-screenshot-'));
const demo = spawn(
  process.execPath,
  ['examples/demo/main.ts', '--seconds', String(SECONDS), '--picture', join(folder, 'picture.html')],
  { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] },
);
const ended = new Promise((resolve) => demo.once('close', resolve));

try {
  const url = await new Promise((resolve, reject) => {
    let said = '';
    demo.stdout.on('data', (bytes) => {
      said += bytes;
      const [, found] = /Live page: (\S+)/.exec(said) ?? [];
      if (found) resolve(found);
    });
    demo.once('close', () => reject(new Error(`The demo ended without a page:\n${said}`)));
  });
  const startedAt = performance.now();
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [...ARGS, '--disable-component-update', '--disable-sync'],
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1360, height: 900 }, reducedMotion: 'reduce' });
    await page.goto(url);
    // Starting a browser may take long.
    await page.waitForTimeout(Math.max(0, startedAt + LOOK_AFTER_MS - performance.now()));
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      writeFileSync(
        join(root, `docs/dashboard-${colorScheme}.png`),
        inPalette(await page.screenshot({ fullPage: true })),
      );
    }
  } finally {
    await browser.close();
  }
  process.exitCode = (await ended) === 0 ? 0 : 1;
} finally {
  demo.kill();
  rmSync(folder, { recursive: true, force: true });
}
