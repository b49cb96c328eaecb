import OpenAI, {
  APIConnectionTimeoutError,
  AttemptTimeoutError,
  type ClientOptions,
  isAttemptTimeoutError,
  type RouterOptions,
  routeOf,
} from 'breakwater';
import Official from 'openai';
import { describe, expect, test } from 'vitest';
import { ask, errorOf, eventsOf, question, routed, start } from './setup.js';
import { eventStream, helloEvents, sse, stub } from './stub.js';

describe('a silent target is left behind', () => {
  test.each([
    ['after attemptMs', { kind: 'silence' }, { attemptMs: 300 }, false],
    ['after attemptMs, streamed', { kind: 'silence' }, { attemptMs: 300 }, true],
    ['after attemptMs when it sent headers', { kind: 'headers-only' }, { attemptMs: 300 }, false],
    ['after connectMs, streamed', { kind: 'silence' }, { connectMs: 300 }, true],
    ['after firstTokenMs, streamed', { kind: 'headers-only' }, { firstTokenMs: 300 }, true],
    ['after firstTokenMs when it says nothing at all', { kind: 'silence' }, { firstTokenMs: 300 }, true],
    ['when its first token is slow', { kind: 'slow-first-token', delayMs: 5_000 }, { firstTokenMs: 300 }, true],
  ] as const)('%s', async (_when, fault, timeouts, streamed) => {
    const { client, seoul, tokyo } = await start({ router: { timeouts } });
    // The first request of all is slow for reasons of its own: connections, code that was never run.
    await ask(client, streamed);
    await client.chat.completions.create(question(), { router: { endpoint: tokyo.name } });
    seoul.fault(fault);
    const failovers = eventsOf(client, ['failover', 'attempt.failed']);
    const began = performance.now();
    expect(await ask(client, streamed)).toBe('hello there');
    const tookMs = performance.now() - began;
    expect(tookMs).toBeGreaterThanOrEqual(295);
    expect(tookMs).toBeLessThan(3_000);
    expect(failovers.map(({ name, payload }) => `${name} ${payload.kind}`)).toEqual([
      'attempt.failed attempt_timeout',
      'failover attempt_timeout',
    ]);
    expect(String(failovers[0]?.payload.message)).toMatch(
      /^no (?:response headers|first token|answer) within 300 ms \((?:connectMs|firstTokenMs|attemptMs)\)$/,
    );
  });

  test("at half of the call's time when no limit is given", async () => {
    const { client, seoul, tokyo } = await start();
    seoul.fault({ kind: 'silence' });
    const began = performance.now();
    const answer = await client.chat.completions.create(question(), { timeout: 2_000 });
    expect(performance.now() - began).toBeGreaterThanOrEqual(990);
    expect(routeOf(answer)).toMatchObject({ endpoint: tokyo.name, failover: true });
  });

  test('within one request of its own limits', async () => {
    const { client, seoul } = await start();
    seoul.fault({ kind: 'silence' });
    const limits = routed({ timeouts: { attemptMs: 400 } });
    const answer = await client.chat.completions.create(question(), limits);
    expect(routeOf(answer)?.attempts.map(({ kind }) => kind)).toEqual(['attempt_timeout', 'ok']);
  });
});

describe('time that is over', () => {
  test('for the whole call is the official timeout error, and the silent target is blamed', async () => {
    const { client, seoul, trail } = await start({ simulator: { regions: { seoul: {} } } });
    seoul.fault({ kind: 'silence' });
    const events = eventsOf(client, ['attempt.failed', 'request.failed']);
    const began = performance.now();
    const error = await errorOf(client.chat.completions.create(question(), { timeout: 300 }));
    expect(performance.now() - began).toBeLessThan(2_000);
    expect(error).toBeInstanceOf(APIConnectionTimeoutError);
    expect(error.message).toBe('Request timed out.');
    expect(routeOf(error)?.attempts.map(({ kind }) => kind)).toEqual(['attempt_timeout']);
    expect(events.map(({ name, payload }) => `${name} ${payload.kind}`)).toEqual([
      'attempt.failed attempt_timeout',
      'request.failed attempt_timeout',
    ]);
    expect(trail()).toBe('seoul:-');
  });

  test('for the whole call is one timeout, however many targets were tried', async () => {
    const { client, seoul, tokyo, trail } = await start();
    for (const region of [seoul, tokyo]) region.fault({ kind: 'silence' });
    const began = performance.now();
    const error = await errorOf(client.chat.completions.create(question(), { timeout: 1_000 }));
    expect(performance.now() - began).toBeLessThan(1_900);
    expect(error).toBeInstanceOf(APIConnectionTimeoutError);
    expect(trail()).toBe('seoul:- tokyo:-');
  });

  test('for every attempt is an error that names the last target and the option', async () => {
    const { client, seoul, tokyo } = await start({ router: { timeouts: { attemptMs: 40 } } });
    for (const region of [seoul, tokyo]) region.fault({ kind: 'silence' });
    const error = await errorOf<AttemptTimeoutError>(client.chat.completions.create(question()));
    expect(error).toBeInstanceOf(AttemptTimeoutError);
    expect(error).toBeInstanceOf(APIConnectionTimeoutError);
    expect(isAttemptTimeoutError(error)).toBe(true);
    expect(error.target).toBe('tokyo/gpt-4.1');
    expect(error.message).toBe('tokyo/gpt-4.1: no answer within 40 ms (attemptMs)');
    expect(error.code).toBe('BREAKWATER_ATTEMPT_TIMEOUT');
  });

  // The error said "router.timeouts" to somebody who had set none, and who looked for it in vain.
  test('for an attempt without a limit of its own is told as a share of the whole call', async () => {
    const { client, seoul, tokyo } = await start({ router: { retries: { maxAttempts: 2, budget: false } } });
    for (const region of [seoul, tokyo]) region.fault({ kind: 'silence' });
    const failed = eventsOf(client, ['attempt.failed']);
    await errorOf(client.chat.completions.create(question(), { timeout: 1_000 }));
    expect(failed[0]?.payload.message).toMatch(/^no answer within 500 ms \(a share of the call's 1 s\)$/);
  });

  test('is not over for a stream that has begun: the clocks of an attempt end at its first content', async () => {
    const { client, seoul } = await start({
      router: { timeouts: { attemptMs: 500, firstTokenMs: 450, connectMs: 400 } },
    });
    await ask(client, true);
    seoul.set({ tokensPerSecond: 10 });
    const began = performance.now();
    expect(await ask(client, true, 'echo: a b c d e f g')).toBe('a b c d e f g');
    expect(performance.now() - began).toBeGreaterThan(500);
  });
});

// A model that thinks sends its headers and its role at once. The official timer ends with the headers; the router lost the answer.
describe('a stream that has begun, and thinks for longer than `timeout`', () => {
  const other = { id: 'b', baseURL: 'http://b.test/v1', apiKey: 'sk-b' };

  /** Asks the official client or ours; the first host thinks for 600 ms, the other answers at once. */
  async function asked(make: (options: ClientOptions) => Official, router?: RouterOptions) {
    const { fetch, hosts } = stub(({ host }) => (host === 'a.test' ? thinking(600) : eventStream(helloEvents)));
    const own = { baseURL: 'http://a.test/v1', apiKey: 'sk-a', logLevel: 'off', maxRetries: 0, fetch } as const;
    const client = make({ ...own, timeout: 300, ...(router && { router }) });
    let text = '';
    for await (const chunk of await client.chat.completions.create({ ...question(), stream: true }))
      text += chunk.choices[0]?.delta.content ?? '';
    return `${text} from ${hosts()}`;
  }

  function thinking(ms: number): Response {
    const [role, ...rest] = helloEvents;
    const body = new ReadableStream<Uint8Array>({
      async start(controller) {
        controller.enqueue(new TextEncoder().encode(sse([role])));
        await new Promise((resolve) => setTimeout(resolve, ms));
        controller.enqueue(new TextEncoder().encode(sse(rest)));
        controller.close();
      },
    });
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
  }

  const ours = (options: ClientOptions) => new OpenAI(options);

  test('is answered as by the official client when there is nobody else', async () => {
    expect(await asked((options) => new Official(options))).toBe('hello from a.test');
    expect(await asked(ours, {})).toBe('hello from a.test');
  });

  test('is left for another target, and for a limit of its own', async () => {
    const endpoints = [{ id: 'a' }, other];
    expect(await asked(ours, { routing: 'priority', endpoints, timeouts: { firstTokenMs: 100 } })).toBe(
      'hello from a.test b.test',
    );
    const alone = asked(ours, { timeouts: { attemptMs: 100 } });
    expect(isAttemptTimeoutError(await errorOf(alone))).toBe(true);
  });
});

test('clients without a router keep the official timeout', async () => {
  const { seoul } = await start();
  seoul.fault({ kind: 'silence' });
  const plain = new OpenAI({ baseURL: seoul.baseURL, apiKey: 'sk-x', maxRetries: 0, timeout: 60 });
  expect(await errorOf(plain.chat.completions.create(question()))).toBeInstanceOf(APIConnectionTimeoutError);
});
