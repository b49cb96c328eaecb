import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { postOffice } from './post-office.js';

const WORKSPACE = fileURLToPath(new URL('../../../', import.meta.url));

/** Fails over to nobody, so that there is an alert, and comes to its end. */
const program = (url: string, end: string) => `
import OpenAI, { webhookSink } from 'breakwater';
const sinks = [webhookSink({ url: ${JSON.stringify(url)}, timeoutMs: 1_000, retries: 5, backoffMs: 60_000 })];
const client = new OpenAI({ apiKey: 'k', baseURL: 'http://127.0.0.1:1', maxRetries: 0, logLevel: 'off',
  router: { breaker: { failureStreak: 1 }, alerts: { allDown: { severity: 'info' }, openings: { atLeast: 1 }, sinks } } });
client.on('alert', () => console.log('told'));
for (let times = 0; times < 5; times += 1)
  await client.chat.completions.create({ model: 'm', messages: [] }).catch(() => undefined);
await new Promise((resolve) => setTimeout(resolve, 100));
${end}
console.log('end');
`;

/** How long a process stays after it has come to its end, in milliseconds. */
function stays(code: string): Promise<number> {
  const child = spawn(
    process.execPath,
    ['--import', './bench/breaker/from-source.mjs', '--input-type=module', '--eval', code],
    { cwd: WORKSPACE, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  return new Promise((resolve, reject) => {
    let endedAt = Number.NaN;
    let said = '';
    child.stdout.on('data', (text) => {
      said += String(text);
      if (said.includes('end')) endedAt = performance.now();
    });
    child.on('exit', () =>
      said.includes('told') ? resolve(performance.now() - endedAt) : reject(new Error(`no alert: ${said}`)),
    );
  });
}

test('a process is kept alive by no pause between two tries, and after close by nothing at all', async () => {
  const { origin, posted } = await postOffice(() => {});
  const [closed, open, refused] = await Promise.all([
    stays(program(`${origin}/closed`, 'client.router.close();')),
    stays(program(`${origin}/open`, '')),
    stays(program('http://127.0.0.1:1/refused', '')),
  ]);
  expect(posted.map(({ path }) => path).sort()).toEqual(['/closed', '/open']);
  expect(closed).toBeLessThan(700);
  // What is under way may be answered yet: it has its second.
  expect(open).toBeLessThan(1_900);
  expect(refused).toBeLessThan(700);
});
