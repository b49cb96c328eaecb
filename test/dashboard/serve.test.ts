import { type Dashboard, recordDashboard, serveDashboard } from '@breakwater/dashboard';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { ask, start, until } from '../client/setup.js';
import { command, hear, send, startPage } from './setup.js';

const TOKEN = 'the-token-of-this-test';
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const sessionOf = (cookie: string) => cookie.split(';')[0] ?? '';

describe('who may see the page', () => {
  test.each(['0.0.0.0', '::', '192.168.7.7', 'example.com'])(
    'without a token nobody is let in from elsewhere: %s',
    async (host) => {
      const { client } = await start();
      await expect(serveDashboard(client, { host })).rejects.toThrow(
        /can be reached from elsewhere, so a token is needed/,
      );
    },
  );

  test('every fault of the options is told at once', async () => {
    const { client } = await start();
    const options = { port: -1, tokn: 'x', allowControl: 'yes' } as object;
    await expect(serveDashboard(client, options)).rejects.toThrow(
      /tokn is not an option.*port must be.*allowControl must be/,
    );
  });

  test('with a token, only who brings it as a bearer, or once in the address and from then on as a cookie', async () => {
    const { page } = await startPage({ token: TOKEN });
    for (const path of ['/', '/events', '/picture.html']) expect((await send(page, path)).status).toBe(401);
    expect((await send(page, '/', { headers: { authorization: 'Bearer wrong' } })).status).toBe(401);
    expect((await send(page, '/?token=wrong')).status).toBe(401);
    expect((await send(page, '/', { headers: { authorization: `Bearer ${TOKEN}` } })).status).toBe(200);
    const welcome = await send(page, `/?token=${TOKEN}`);
    const [cookie = ''] = welcome.headers['set-cookie'] ?? [];
    expect(cookie).toMatch(/; HttpOnly; SameSite=Strict; Path=\/$/);
    // Neither the browser's history nor its jar has the token itself.
    expect(`${welcome.text}${cookie}`).not.toContain(TOKEN);
    expect(welcome.text).toContain('http-equiv="refresh" content="0;url=/"');
    expect((await send(page, '/', { headers: { cookie: sessionOf(cookie) } })).status).toBe(200);
    expect((await send(page, '/', { headers: { cookie: `${sessionOf(cookie)}x` } })).status).toBe(401);
  });

  test('a page that had its own name lead here is refused, and so is every request of another origin', async () => {
    const { page } = await startPage();
    const { port } = new URL(page.url);
    for (const host of [`evil.example:${port}`, 'evil.example', '192.168.7.7', 'localhost.evil.example'])
      expect((await send(page, '/', { headers: { host } })).status).toBe(421);
    for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`, 'localhost:9999'])
      expect((await send(page, '/', { headers: { host } })).status).toBe(200);
    for (const headers of [{ origin: 'https://evil.example' }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site' }])
      for (const path of ['/events', '/picture.html']) expect((await send(page, path, { headers })).status).toBe(403);
  });

  test('nothing else is there, and nothing may be framed, sniffed or kept', async () => {
    const { page } = await startPage();
    expect((await send(page, '/../package.json')).status).toBe(404);
    expect((await send(page, '/', { method: 'PUT' })).status).toBe(405);
    const { headers } = await send(page, '/');
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; script-src 'sha256-[^;]+'; style-src 'sha256-[^;]+'; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
    );
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
  });
});

describe('control', () => {
  const open = { target: 'seoul/gpt-4.1', action: 'open' };

  test('is refused unless it was allowed', async () => {
    const { page, client } = await startPage();
    await ask(client, false);
    expect((await command(page, open)).status).toBe(403);
    expect(client.router.target(open.target).breaker.info().mode).toBe('auto');
  });

  test.each([
    ['another origin', { origin: 'http://evil.example' }],
    ['another port of this machine', { origin: 'http://127.0.0.1:9' }],
    ['no origin that could be told', { origin: 'null' }],
    ['another site, as the browser tells', { 'sec-fetch-site': 'same-site' }],
    ['a form', { 'content-type': 'text/plain' }],
  ])('is refused from %s', async (_, headers) => {
    const { page, client } = await startPage({ allowControl: true });
    await ask(client, false);
    expect((await command(page, open, headers)).status).toBe(403);
    expect(client.router.target(open.target).breaker.info().mode).toBe('auto');
  });

  test('is refused without an origin and without the token', async () => {
    const { page } = await startPage({ allowControl: true, token: TOKEN });
    const headers = { 'content-type': 'application/json' };
    expect((await command(page, open)).status).toBe(401);
    const asked = {
      method: 'POST',
      headers: { ...headers, authorization: `Bearer ${TOKEN}` },
      body: JSON.stringify(open),
    };
    expect((await send(page, '/control', asked)).status).toBe(403);
  });

  test('opens, closes, resets and observes one breaker', async () => {
    const { page, client } = await startPage({ allowControl: true });
    await ask(client, false);
    const { breaker } = client.router.target(open.target);
    const modes: string[] = [];
    for (const action of ['open', 'close', 'observe-only', 'reset']) {
      expect((await command(page, { ...open, action })).status).toBe(200);
      modes.push(breaker.info().mode);
    }
    expect(modes).toEqual(['forced-open', 'auto', 'observe-only', 'auto']);
  });

  test('refuses what is no command, no known target, or far too long', async () => {
    const { page, client } = await startPage({ allowControl: true });
    await ask(client, false);
    expect((await command(page, { ...open, action: 'constructor' })).status).toBe(400);
    // A target that nobody asked for is not made because somebody sends its name.
    expect((await command(page, { ...open, target: 'seoul/no-such-model' })).status).toBe(404);
    expect((await command(page, { ...open, filling: 'x'.repeat(5_000) })).status).toBe(413);
    expect(client.router.status().targets).toHaveLength(2);
  });
});

describe('events', () => {
  test('begin with the whole picture, then tell what changed', async () => {
    const { page, client, simulator } = await startPage({ title: 'my service' });
    const { heard, headers } = await hear(page);
    await until(() => heard.length === 1);
    expect(headers['content-type']).toBe('text/event-stream');
    expect(heard[0]).toMatchObject({ event: 'picture', data: { title: 'my service', allowControl: false, log: [] } });
    simulator.region('seoul').fault({ kind: 'status', status: 500 });
    await ask(client, false);
    await until(() => heard.some(({ data }) => JSON.stringify(data.log ?? '').includes('tokyo/gpt-4.1')));
    const [change] = heard.filter(({ event }) => event === 'change');
    expect(change).toMatchObject({
      data: {
        totals: { started: 1, succeeded: 1, failovers: 1 },
        parts: { targets: { 'seoul/gpt-4.1': { endpoint: 'seoul', state: 'ready', failed: 1 } } },
        log: [{ name: 'failover', title: 'seoul/gpt-4.1 → tokyo/gpt-4.1', tone: 'warn', count: 1 }],
      },
    });
    // Only what changed: the title is not told again, nor is a limit that nobody knows.
    expect(Object.keys(change?.data ?? {}).sort()).toEqual(['at', 'log', 'parts', 'series', 'totals']);
    expect(heard.map(({ id }) => /^[\w-]+\.\d+$/.test(id ?? ''))).not.toContain(false);
  });

  test('come a few times a second at most, however much happens', async () => {
    const { page, client } = await startPage();
    const { heard } = await hear(page);
    const startedAt = performance.now();
    for (let left = 100; left > 0; left -= 1) await ask(client, false);
    await until(() => heard.some(({ data }) => (data.totals as { succeeded?: number })?.succeeded === 100));
    expect(heard.length).toBeLessThanOrEqual(3 + (performance.now() - startedAt) / 240);
  });

  // A page that stood open over night computed every target four times a second, to find each time that nothing had happened.
  test('cost a look at the client when something happened there, and next to nothing else', async () => {
    const { client } = await start();
    const status = vi.fn(() => client.router.status());
    const { router } = client;
    const page = await serveDashboard({
      on: client.on.bind(client),
      router: { status, stats: () => router.stats(), target: (id) => router.target(id), endpoints: () => [] },
    });
    onTestFinished(() => page.close());
    await ask(client, false);
    await pause(300);
    expect(status).not.toHaveBeenCalled();
    const { heard } = await hear(page);
    await until(() => heard.length === 1);
    await pause(300);
    status.mockClear();
    await pause(1_300);
    expect(status).not.toHaveBeenCalled();
    await ask(client, false);
    await until(() => (heard.at(-1)?.data.totals as { succeeded?: number })?.succeeded === 2);
    expect(status.mock.calls.length).toBeLessThanOrEqual(2);
  });

  test('tell that a rest is over although nobody calls, and so nothing happens', async () => {
    const { page, client, simulator } = await startPage();
    simulator.region('seoul').fault({ kind: 'rate-limit', retryAfterSeconds: 1, times: 1 });
    const { heard } = await hear(page);
    await ask(client, false);
    const told = (state: string) => heard.some(({ data }) => JSON.stringify(data.parts ?? '').includes(state));
    await until(() => told('"state":"cooling"'));
    const startedAt = performance.now();
    heard.length = 0;
    await until(() => told('"seoul/gpt-4.1":{"endpoint":"seoul","model":"gpt-4.1","state":"ready"'));
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  });

  test('go on where they were for who comes back, while others watch', async () => {
    const { page, client } = await startPage();
    const first = await hear(page);
    await ask(client, false);
    await until(() => first.heard.length > 1);
    const again = await hear(page, { 'last-event-id': first.heard[0]?.id ?? '' });
    await until(() => again.heard.length > 0);
    expect(again.heard[0]).toEqual(first.heard[1]);
  });

  // A tab that was alone lost its connection for a moment: the failover of that moment was never shown to it.
  test('begin anew for who comes back after nobody had watched', async () => {
    const { page, client } = await startPage();
    const first = await hear(page);
    await until(() => first.heard.length === 1);
    first.leave();
    await pause(50);
    await ask(client, false);
    const again = await hear(page, { 'last-event-id': first.heard[0]?.id ?? '' });
    await until(() => again.heard.length > 0);
    expect(again.heard[0]).toMatchObject({ event: 'picture', data: { totals: { started: 1 } } });
  });

  test('begin anew for who comes back to a server that was restarted', async () => {
    const { page, client } = await startPage();
    const first = await hear(page);
    await until(() => first.heard.length === 1);
    await page.close();
    await until(first.hasEnded);
    const next = await serveDashboard(client, { port: Number(new URL(page.url).port) });
    try {
      const again = await hear(next, { 'last-event-id': first.heard[0]?.id ?? '' });
      await until(() => again.heard.length > 0);
      expect(again.heard[0]?.event).toBe('picture');
    } finally {
      await next.close();
    }
  });

  test('are heard by so many at a time', async () => {
    const { page } = await startPage();
    for (let left = 32; left > 0; left -= 1) await hear(page);
    expect((await send(page, '/events')).status).toBe(503);
  });
});

test('nothing is left when it is closed: no listener, no socket, no timer', async () => {
  const { client } = await start();
  const before = process.getActiveResourcesInfo().sort();
  const undos = countingListeners(client);
  const page: Dashboard = await serveDashboard(client);
  const { hasEnded } = await hear(page);
  await page.close();
  await until(hasEnded);
  expect(undos.left()).toBe(0);
  await until(() => process.getActiveResourcesInfo().length <= before.length);
  await expect(send(page, '/')).rejects.toThrow('ECONNREFUSED');
});

/** How many of the listeners that were handed in since are still there. */
function countingListeners(client: { on: unknown }) {
  const on = client.on as (...given: unknown[]) => () => void;
  let left = 0;
  client.on = (...given: unknown[]) => {
    const undo = on.apply(client, given);
    left += 1;
    return () => {
      left -= 1;
      undo();
    };
  };
  return { left: () => left };
}

test('no key, prompt or answer is in anything that is sent', async () => {
  const { page, client, simulator } = await startPage({ allowControl: true });
  const { heard } = await hear(page);
  // Providers repeat in their errors what they were asked.
  const message = 'bad prompt: marker-of-a-prompt';
  for (const region of simulator.regions) region.fault({ kind: 'status', status: 500, message, times: 2 });
  for (const streamed of [true, false, true]) await ask(client, streamed, 'echo: marker-of-a-prompt').catch(() => {});
  simulator.region('seoul').fault({ kind: 'unauthorized' });
  await ask(client, false, 'echo: marker-of-a-prompt').catch(() => {});
  await until(() => heard.some(({ data }) => JSON.stringify(data).includes('quarantined')));
  const sent = [JSON.stringify(heard), (await send(page, '/')).text, (await send(page, '/picture.html')).text].join(
    '\n',
  );
  for (const marker of ['marker-of-a-prompt', 'sk-seoul', 'sk-tokyo', 'sk-primary']) expect(sent).not.toContain(marker);
});

describe('what cannot be served is told with what helps', () => {
  test.each([
    [null, 'null'],
    [{}, 'an object of the class Object'],
  ])('%j is no client', async (given, shown) => {
    const wanted = `(client): client must be a client of breakwater with a router, but is ${shown}; make it with new OpenAI(`;
    await expect(serveDashboard(given as never)).rejects.toThrow(`serveDashboard${wanted}`);
    expect(() => recordDashboard(given as never)).toThrow(`recordDashboard${wanted}`);
  });

  test.each([[null], [[]], [8080]])('%j are no options', async (given) => {
    const { client } = await start();
    await expect(serveDashboard(client, given as never)).rejects.toThrow(
      'The dashboard cannot be served: options must be an object, such as { port: 8080 }.',
    );
  });

  // "listen EADDRINUSE: address already in use 127.0.0.1:4318" named neither the dashboard nor what to do.
  test('a port that is taken', async () => {
    const { client } = await start();
    const { page } = await startPage();
    const port = Number(new URL(page.url).port);
    await expect(serveDashboard(client, { port })).rejects.toMatchObject({
      message: `The dashboard cannot be served: port ${port} of 127.0.0.1 is taken: close what listens there, or choose another \`port\`, 0 for any that is free (EADDRINUSE).`,
      code: 'EADDRINUSE',
      cause: expect.any(Error),
    });
  });
});
