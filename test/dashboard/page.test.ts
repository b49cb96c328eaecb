import { recordDashboard, renderDashboard } from '@breakwater/dashboard';
import { expect, test } from 'vitest';
import { ask, start } from '../client/setup.js';
import { send, startPage } from './setup.js';

test('page, script and style are less than 40 KB, and name no other place', async () => {
  const { page } = await startPage();
  const { text } = await send(page, '/');
  expect(Buffer.byteLength(text)).toBeLessThan(40_000);
  const addresses = [...text.matchAll(/(?:https?:)?\/\/[\w.-]+/g)].map(([found]) => found);
  // The name of SVG's vocabulary is no address that anybody asks.
  expect(addresses.filter((found) => found !== 'http://www.w3.org')).toEqual([]);
});

test('a recorded picture is one file with all that was seen', async () => {
  const { client, simulator } = await start();
  const recording = recordDashboard(client, { title: 'the nightly run' });
  simulator.region('seoul').fault({ kind: 'status', status: 500 });
  await ask(client, false);
  recording.stop();
  await ask(client, false);
  const html = renderDashboard(recording.state());
  const [, json = ''] = /<script type="application\/json" id="state">(.*?)<\/script>/s.exec(html) ?? [];
  expect(JSON.parse(json)).toMatchObject({ title: 'the nightly run', log: [{ name: 'failover', count: 1 }] });
  expect(html).toContain('connect-src &#39;none&#39;');
});

test('a name cannot become markup, wherever it came from', async () => {
  const { client } = await start();
  const recording = recordDashboard(client, { title: '</title><img src=x>' });
  const html = renderDashboard({ ...recording.state(), log: [entry('</script><script>alert(1)</script><!--')] });
  recording.stop();
  expect(html).not.toContain('<img');
  expect(html).not.toContain('alert(1)</script>');
  expect(html).toContain('\\u003c/script>');
});

const entry = (title: string) =>
  ({ id: 1, seq: 1, at: 0, name: 'failover', tone: 'note', title, detail: '', count: 1 }) as const;
