import { inspect } from 'node:util';
import OpenAI, { type ClientOptions } from 'breakwater';
import { expect, onTestFinished, test, vi } from 'vitest';
import { EventHub } from '../../../packages/core/src/events/hub.js';
import { ask, errorOf, start } from '../setup.js';
import { hello, stub } from '../stub.js';

/** The logger of an official client, and what it was told, as `level message`. */
function officialLog() {
  const said: string[] = [];
  const details: unknown[][] = [];
  const at =
    (level: string) =>
    (message: string, ...rest: unknown[]) => {
      said.push(`${level} ${message}`);
      details.push(rest);
    };
  return { said, details, logger: { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') } };
}

/** What the router said, each request's id being `id`. */
const ours = (said: readonly string[]) =>
  said
    .filter((line) => !/\[log_/.test(line))
    .map((line) => line.replace(/\[[^\]]+\]/, '[id]').replace(/rests for [\d.]+ m?s/, 'rests for a while'));

test('at debug attempts, choices and transitions are told as the official client tells of requests', async () => {
  const { logger, said, details } = officialLog();
  const { client, seoul } = await start({ client: { logger, logLevel: 'debug' } });
  seoul.fault({ kind: 'status', status: 500, times: 1 });
  await ask(client, false);
  expect(ours(said)).toEqual([
    'debug [id] request.started',
    'debug [id] attempt.started',
    'debug [id] attempt.failed',
    'info [id] failover from seoul/gpt-4.1 to tokyo/gpt-4.1 (server_error, HTTP 500)',
    'debug [id] failover',
    'debug [id] attempt.started',
    'debug [id] attempt.succeeded',
    'debug [id] request.succeeded',
  ]);
  const failover = said.findIndex((line) => line.endsWith('] failover'));
  expect(details[failover]).toEqual([expect.objectContaining({ from: 'seoul/gpt-4.1', to: 'tokyo/gpt-4.1' })]);
});

test('at info only what concerns more than one attempt', async () => {
  const { logger, said } = officialLog();
  const { client, seoul } = await start({ client: { logger, logLevel: 'info' } });
  seoul.fault({ kind: 'status', status: 503, times: 1 });
  await ask(client, false);
  expect(ours(said)).toEqual([
    'info [id] seoul/gpt-4.1 rests for a while (overloaded, HTTP 503)',
    'info [id] failover from seoul/gpt-4.1 to tokyo/gpt-4.1 (overloaded, HTTP 503)',
  ]);
});

test.each(['warn', 'error', 'off'] as const)('at %s nothing, and nobody listens', async (logLevel) => {
  const { logger, said } = officialLog();
  const { client, seoul } = await start({ client: { logger, logLevel } });
  seoul.fault({ kind: 'status', status: 503, times: 1 });
  await ask(client, false);
  expect(said).toEqual([]);
});

test('the level may be changed at any time', async () => {
  const { logger, said } = officialLog();
  const { client } = await start({ client: { logger, logLevel: 'off' } });
  await ask(client, false);
  expect(said).toEqual([]);
  client.logLevel = 'debug';
  await ask(client, false);
  expect(ours(said)).toContain('debug [id] attempt.started');
  client.logLevel = 'warn';
  said.length = 0;
  await ask(client, false);
  expect(said).toEqual([]);
});

// The log listened to `listener.failed`, so that somebody's broken listener was reported to nobody.
test('a listener that fails is complained of at debug too', async () => {
  const { logger, said } = officialLog();
  const { client } = await start({ client: { logger, logLevel: 'debug' } });
  client.on('attempt.started', () => {
    throw new Error('boo');
  });
  await ask(client, false);
  expect(said).toContainEqual(expect.stringMatching(/^warn .*boo/));
});

test('a logger that throws changes nothing', async () => {
  const { fetch } = stub(hello);
  const boo = () => undefined;
  const logger = { error: boo, warn: boo, info: boo, debug: boo };
  const options: ClientOptions = { apiKey: 'k', baseURL: 'https://a.test/v1', fetch, logger, logLevel: 'debug' };
  const client = new OpenAI({ ...options, router: {} });
  // From here on, because the official client's own lines are its own business.
  let lines = 0;
  client.logger = {
    ...logger,
    debug: (message: string) => {
      if (message.startsWith('[log_')) return;
      lines += 1;
      throw new Error('boo');
    },
  };
  await client.chat.completions.create({ model: 'm', messages: [{ role: 'user', content: 'hi' }] });
  expect(lines).toBeGreaterThan(2);
});

test('without a router the log is the official one, line for line', async () => {
  const texts = await Promise.all(
    [new OpenAI({ apiKey: 'k' }).constructor, (await import('openai')).OpenAI].map(async (Client) => {
      const { logger, said, details } = officialLog();
      const { fetch } = stub(hello);
      const client = new (Client as typeof OpenAI)({
        apiKey: 'k',
        baseURL: 'https://a.test/v1',
        fetch,
        logger,
        logLevel: 'debug',
      });
      await client.chat.completions.create({ model: 'm', messages: [{ role: 'user', content: 'hi' }] });
      return inspect([said, details], { depth: 6 })
        .replace(/log_[0-9a-f]+/g, 'log')
        .replace(/\d+ms|durationMs: \d+/g, '');
    }),
  );
  expect(texts[0]).toBe(texts[1]);
});

test('no key, prompt or answer stands in it', async () => {
  const { logger, said, details } = officialLog();
  const { client, seoul } = await start({ client: { logger, logLevel: 'debug', apiKey: 'sk-canary' } });
  seoul.fault({ kind: 'unauthorized', times: 1 });
  await ask(client, true, 'echo: canary-answer one two three');
  const own = said.flatMap((line, index) => (/\[log_/.test(line) ? [] : [line, inspect(details[index], { depth: 9 })]));
  expect(own.length).toBeGreaterThan(10);
  expect(own.join('\n')).not.toMatch(/canary|sk-seoul|sk-tokyo/);
});

// A program whose log stood at info paid for an event and a look at the rules with every answer, for alerts that nobody had asked for.
test('at info no event is made of calls that go well, unless options ask for alerts; those that need none are told', async () => {
  const spy = vi.spyOn(EventHub.prototype, 'emit');
  onTestFinished(() => spy.mockRestore());
  const isTold = () => spy.mock.calls.some(([name]) => name === 'request.succeeded');
  const { logger, said } = officialLog();
  const { client, seoul, tokyo } = await start({ client: { logger, logLevel: 'info' } });
  await ask(client, false);
  expect(isTold()).toBe(false);
  for (const region of [seoul, tokyo]) region.fault({ kind: 'status', status: 401 });
  await errorOf(ask(client, false));
  expect(said).toContainEqual(expect.stringContaining('alert: Nobody can be asked for gpt-4.1'));
  const { client: other } = await start({
    client: { logger, logLevel: 'info' },
    router: { alerts: { errorRate: { atLeast: 5 } } },
  });
  await ask(other, false);
  expect(isTold()).toBe(true);
});
