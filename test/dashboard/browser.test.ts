import { existsSync } from 'node:fs';
import { serveDashboard } from '@breakwater/dashboard';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { ask, start } from '../client/setup.js';
import { startPage } from './setup.js';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];

// Without a Chromium there is nothing to look with; the rest of the page's promises are kept over plain HTTP.
describe.runIf(existsSync(CHROMIUM))('the page in a real Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: [...ARGS, '--disable-component-update', '--disable-sync'],
    });
  }, 30_000);
  afterAll(() => browser.close());

  /** A page, and everything it asked for or complained about. */
  async function look(url: string, options: Parameters<Browser['newPage']>[0] = {}) {
    const page = await browser.newPage(options);
    onTestFinished(() => page.close());
    const asked: string[] = [];
    const complaints: string[] = [];
    page.on('request', (request) => void asked.push(request.url()));
    page.on('console', (said) => void (said.type() === 'error' && complaints.push(said.text())));
    page.on('pageerror', (error) => void complaints.push(error.message));
    await page.goto(url);
    return { page, asked, complaints };
  }

  const linkOf = (page: Page) => page.locator('#link-text');

  test('draws itself without a request to anywhere else, and without a complaint', async () => {
    const { page: served, client } = await startPage();
    await ask(client, true);
    const { page, asked, complaints } = await look(served.url);
    await page.getByText('Live', { exact: true }).waitFor();
    await page.getByRole('rowheader', { name: 'seoul/gpt-4.1' }).waitFor();
    expect(asked.filter((url) => !url.startsWith(served.url) && !url.startsWith('data:'))).toEqual([]);
    expect(complaints).toEqual([]);
    expect(await page.locator('[role=toolbar]').count()).toBe(0);
  });

  test('shows a failover within a second of it, where a screen reader hears of it', async () => {
    const { page: served, client, simulator } = await startPage();
    await ask(client, false);
    const { page } = await look(served.url);
    await page.getByText('Live', { exact: true }).waitFor();
    simulator.region('seoul').fault({ kind: 'status', status: 500 });
    let happenedAt = 0;
    client.on('failover', () => {
      happenedAt = performance.now();
    });
    const shown = page.locator('[role=log][aria-live=polite] [data-event=failover]').waitFor();
    await ask(client, false);
    await shown;
    expect(performance.now() - happenedAt).toBeLessThan(1_000);
    expect(await page.locator('[data-event=failover]').textContent()).toContain('seoul/gpt-4.1 → tokyo/gpt-4.1');
  });

  test('comes back by itself when its server was restarted', async () => {
    const { client } = await start();
    const first = await serveDashboard(client, { title: 'before' });
    const { page } = await look(first.url);
    await page.getByText('Live', { exact: true }).waitFor();
    await first.close();
    await page.getByText('Reconnecting…').waitFor();
    const next = await serveDashboard(client, { port: Number(new URL(first.url).port) });
    onTestFinished(() => next.close());
    await page.getByText('Live', { exact: true }).waitFor({ timeout: 8_000 });
    await ask(client, false);
    await page.getByRole('rowheader', { name: 'seoul/gpt-4.1' }).waitFor({ timeout: 1_000 });
  });

  test('is used with the keyboard alone: to a button, along the buttons, and back', async () => {
    const { page: served, client } = await startPage({ allowControl: true });
    await ask(client, false);
    const { page } = await look(served.url);
    await page.getByRole('toolbar', { name: 'Breaker of seoul/gpt-4.1' }).waitFor();
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
    for (let left = 20; left > 0 && (await focused()) !== 'Open seoul/gpt-4.1'; left -= 1)
      await page.keyboard.press('Tab');
    expect(await focused()).toBe('Open seoul/gpt-4.1');
    await page.keyboard.press('Enter');
    await page.getByText('Done: open seoul/gpt-4.1').waitFor();
    await page.getByRole('cell', { name: 'open, by hand' }).first().waitFor();
    expect(client.router.target('seoul/gpt-4.1').breaker.info().mode).toBe('forced-open');
    // The page was drawn anew in the meantime, and the focus is where it was.
    expect(await focused()).toBe('Open seoul/gpt-4.1');
    for (const key of ['ArrowRight', 'ArrowRight', 'Space']) await page.keyboard.press(key);
    await page.getByText('Done: reset seoul/gpt-4.1').waitFor();
    expect(client.router.target('seoul/gpt-4.1').breaker.info().mode).toBe('auto');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Open tokyo/gpt-4.1');
  });

  test('opens with a token in the address, and keeps it out of sight', async () => {
    const { page: served } = await startPage({ token: 'a-token-for-the-browser' });
    const { page } = await look(`${served.url}?token=a-token-for-the-browser`);
    await page.getByText('Live', { exact: true }).waitFor();
    expect(page.url()).toBe(served.url);
    expect(await page.evaluate(() => document.cookie)).toBe('');
    await page.reload();
    await page.getByText('Live', { exact: true }).waitFor();
  });

  test("passes axe's checks, light and dark, with something of everything on it", async () => {
    const { page: served, client, simulator } = await startPage({ allowControl: true });
    simulator.region('seoul').fault({ kind: 'status', status: 500 });
    for (let left = 6; left > 0; left -= 1) await ask(client, false);
    simulator.region('tokyo').fault({ kind: 'unauthorized' });
    await ask(client, false).catch(() => {});
    const { page } = await look(served.url, { reducedMotion: 'reduce', bypassCSP: true });
    await page.locator('.timeline .open').first().waitFor();
    await page.evaluate(axe.source);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      const found = await page.evaluate(async () => {
        const { axe: inPage } = globalThis as unknown as { axe: typeof axe };
        return (await inPage.run()).violations.map(
          ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`,
        );
      });
      expect({ colorScheme, found }).toEqual({ colorScheme, found: [] });
    }
  });

  test('the theme can be chosen, and is kept', async () => {
    const { page: served } = await startPage();
    const { page } = await look(served.url, { colorScheme: 'light' });
    const back = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const light = await back();
    for (const theme of ['auto', 'light']) await page.getByRole('button', { name: `Theme: ${theme}` }).click();
    expect(await back()).not.toBe(light);
    await page.reload();
    await page.getByRole('button', { name: 'Theme: dark' }).waitFor();
    expect(await linkOf(page).textContent()).not.toBe('');
  });

  test('a recorded picture is drawn from its file alone', async () => {
    const { page: served, client, simulator } = await startPage({ title: 'recorded' });
    simulator.region('seoul').fault({ kind: 'status', status: 500 });
    await ask(client, false);
    const { renderDashboard } = await import('@breakwater/dashboard');
    const page = await browser.newPage();
    onTestFinished(() => page.close());
    const complaints: string[] = [];
    page.on('console', (said) => void (said.type() === 'error' && complaints.push(said.text())));
    page.on('request', (request) => void (/^https?:/.test(request.url()) && complaints.push(request.url())));
    await page.setContent(renderDashboard(served.state()));
    await page.locator('[data-event=failover]').waitFor();
    expect(await linkOf(page).textContent()).toMatch(/^Recorded /);
    expect(complaints).toEqual([]);
  });
});
