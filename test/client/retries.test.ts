import OpenAI, { OptionsError, routeOf } from 'breakwater';
import OfficialOpenAI from 'openai';
import { describe, expect, test } from 'vitest';
import { ask, errorOf, eventsOf, question, start } from './setup.js';
import { refusal, stub } from './stub.js';

const LONE = { simulator: { regions: { seoul: {} } } };

describe('exactly one layer retries', () => {
  test.each([
    ['500', { kind: 'status', status: 500 }, 'seoul:500 tokyo:500'],
    ['a reset', { kind: 'reset' }, 'seoul:- tokyo:-'],
    ['401', { kind: 'unauthorized' }, 'seoul:401 tokyo:401'],
    ['a lack of quota', { kind: 'quota' }, 'seoul:429 tokyo:429'],
    ['400', { kind: 'status', status: 400 }, 'seoul:400'],
    ['a web page', { kind: 'html' }, 'seoul:200 tokyo:200'],
  ] as const)('%s at both endpoints', async (_what, fault, once) => {
    const { client, seoul, tokyo, trail } = await start({ client: { maxRetries: 0 } });
    for (const region of [seoul, tokyo]) region.fault(fault);
    await errorOf(client.chat.completions.create(question()));
    expect(trail()).toBe(once);
  });

  test('what a moment can mend is asked maxRetries times more at each endpoint, when all have failed', async () => {
    const { client, seoul, tokyo, trail } = await start({ client: { maxRetries: 1 } });
    for (const region of [seoul, tokyo]) region.fault({ kind: 'status', status: 500 });
    await errorOf(client.chat.completions.create(question()));
    expect(trail().split(' ').sort()).toEqual(['seoul:500', 'seoul:500', 'tokyo:500', 'tokyo:500']);
  });

  test.each([0, 1, 2])('a lone endpoint is repeated maxRetries %i times, as officially', async (maxRetries) => {
    const { client, seoul, simulator } = await start({ ...LONE, client: { maxRetries } });
    const headers = { 'retry-after-ms': '1' };
    seoul.fault({ kind: 'status', status: 500, headers: { ...headers, 'x-should-retry': 'true' } });
    await errorOf(client.chat.completions.create(question()));
    const ours = simulator.log.length;
    simulator.clearLog();
    const official = new OfficialOpenAI({ baseURL: seoul.baseURL, apiKey: 'sk-x', maxRetries });
    await errorOf(official.chat.completions.create(question()));
    expect(ours).toBe(maxRetries + 1);
    expect(ours).toBe(simulator.log.length);
  });

  test('of a single request may be told otherwise', async () => {
    const { client, seoul, simulator } = await start(LONE);
    seoul.fault({ kind: 'status', status: 500 });
    await errorOf(client.chat.completions.create(question(), { maxRetries: 0 }));
    expect(simulator.log.length).toBe(1);
  });

  // What is no number came to five attempts; the official client takes its default for it.
  test.each([Number.NaN, Number.POSITIVE_INFINITY, 1.5, -1, 3])(
    'of a single request may be %d, as officially',
    async (maxRetries) => {
      const attempts = async (make: (fetch: typeof globalThis.fetch) => OfficialOpenAI) => {
        const { fetch, sent } = stub(() => refusal(500, { 'retry-after-ms': '1' }));
        await errorOf(make(fetch as typeof globalThis.fetch).chat.completions.create(question(), { maxRetries }));
        return sent.length;
      };
      const options = { apiKey: 'k', baseURL: 'https://a.test/v1', logLevel: 'off' as const };
      const ours = await attempts((fetch) => new OpenAI({ ...options, fetch, router: {} }));
      expect(ours).toBe(await attempts((fetch) => new OfficialOpenAI({ ...options, fetch })));
    },
  );

  test('and counts in the header that the official client has for it', async () => {
    const { client, seoul, simulator } = await start();
    seoul.fault({ kind: 'status', status: 500 });
    await ask(client, false);
    expect(simulator.log.map(({ headers }) => headers['x-stainless-retry-count'])).toEqual(['0', '1']);
  });

  test("the provider's word on retrying overrules the table", async () => {
    const { client, seoul, simulator } = await start(LONE);
    seoul.fault({ kind: 'status', status: 500, headers: { 'x-should-retry': 'false' } });
    await errorOf(client.chat.completions.create(question()));
    expect(simulator.log.length).toBe(1);
  });
});

describe('lists', () => {
  test('are retried by one layer, page by page, and know their route', async () => {
    const { client, seoul, simulator } = await start(LONE);
    const off = seoul.fault({ kind: 'status', status: 500 });
    const retries = eventsOf(client, ['retry']);
    await errorOf(client.files.list());
    const lost = simulator.log.length;
    expect(lost).toBeGreaterThan(1);
    expect(lost).toBeLessThanOrEqual(3);
    expect(retries.length).toBe(lost - 1);
    off();
    simulator.clearLog();
    seoul.fault({ kind: 'status', status: 500, times: 1 });
    const ids: string[] = [];
    for await (const model of client.models.list()) ids.push(model.id);
    expect(ids).toContain('gpt-4.1');
    expect(simulator.log.map(({ status }) => status)).toEqual([500, 200]);
  });

  test('obey maxRetries of the client', async () => {
    const { client, seoul, simulator } = await start({ ...LONE, client: { maxRetries: 0 } });
    seoul.fault({ kind: 'status', status: 500 });
    await errorOf(client.models.list());
    expect(simulator.log.length).toBe(1);
  });

  test('go from page to page', async () => {
    const { client, simulator } = await start(LONE);
    for (let n = 0; n < 3; n += 1) {
      await client.files.create({ file: new File([`${n}`], `${n}.jsonl`), purpose: 'batch' });
    }
    simulator.clearLog();
    const names: string[] = [];
    for await (const file of client.files.list({ limit: 2 })) names.push(file.filename);
    expect(names.sort()).toEqual(['0.jsonl', '1.jsonl', '2.jsonl']);
    expect(simulator.log.every(({ query }) => query.includes('limit=2'))).toBe(true);
  });
});

describe('a client without a router', () => {
  test('is the official one: same attempts, no route, and a clear word where a router is needed', async () => {
    const { seoul, simulator } = await start();
    const client = new OpenAI({ baseURL: seoul.baseURL, apiKey: 'sk-x', maxRetries: 1, logLevel: 'off' });
    seoul.fault({ kind: 'status', status: 500, headers: { 'retry-after-ms': '1' } });
    const error = await errorOf(client.chat.completions.create(question()));
    expect(simulator.log.length).toBe(2);
    expect(routeOf(error)).toBeUndefined();
    expect(() => client.router).toThrow('client.router needs a router; pass { router: {} } to the constructor');
    expect(() => client.on('failover', () => {})).toThrow('client.on needs a router');
  });

  // It was passed over in silence, nonsense included: whoever forgot the router in the constructor thought that it was on.
  test.each([{ endpoint: 'tokyo' }, 7])('does not pass over the router of a request: %o', async (router) => {
    const { seoul, simulator } = await start();
    const client = new OpenAI({ baseURL: seoul.baseURL, apiKey: 'sk-x' });
    const error = await errorOf(client.chat.completions.create(question(), { router } as never));
    expect(error).toBeInstanceOf(OptionsError);
    expect(error).toMatchObject({
      message: expect.stringContaining('router of a request needs a client with a router'),
    });
    expect(simulator.log).toEqual([]);
  });
});
