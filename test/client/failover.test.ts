import type { Fault } from '@breakwater/simulator';
import { routeOf } from 'breakwater';
import { describe, expect, test } from 'vitest';
import { ask, errorOf, eventsOf, question, routed, standing, start } from './setup.js';

/** Each way to fail, the failure's name in events, and what the wire shows of the first region. */
const FAULTS: readonly (readonly [name: string, fault: Fault, kind: string, first: string])[] = [
  ['a refused connection', { kind: 'refuse' }, 'connect', ''],
  ['a connection reset', { kind: 'reset' }, 'reset', 'seoul:- '],
  ['500', { kind: 'status', status: 500 }, 'server_error', 'seoul:500 '],
  ['502', { kind: 'status', status: 502 }, 'server_error', 'seoul:502 '],
  ['503', { kind: 'status', status: 503 }, 'overloaded', 'seoul:503 '],
  ['529', { kind: 'status', status: 529 }, 'overloaded', 'seoul:529 '],
  ['401', { kind: 'unauthorized' }, 'auth', 'seoul:401 '],
  ['403', { kind: 'status', status: 403, code: 'no', type: 'no', message: 'no' }, 'auth', 'seoul:403 '],
  ['403 for its country', { kind: 'status', status: 403 }, 'not_served', 'seoul:403 '],
  ['402', { kind: 'status', status: 402 }, 'quota', 'seoul:402 '],
  ['429 with Retry-After: 20', { kind: 'rate-limit', retryAfterSeconds: 20 }, 'rate_limit', 'seoul:429 '],
  ['429 for want of quota', { kind: 'quota' }, 'quota', 'seoul:429 '],
  [
    '404 for a model it does not know',
    { kind: 'status', status: 404, code: 'model_not_found' },
    'not_found',
    'seoul:404 ',
  ],
  ['404 for anything else', { kind: 'status', status: 404 }, 'not_served', 'seoul:404 '],
  ['409', { kind: 'status', status: 409 }, 'conflict', 'seoul:409 '],
  ['408', { kind: 'status', status: 408 }, 'request_timeout', 'seoul:408 '],
  ['a web page with status 200', { kind: 'html' }, 'malformed', 'seoul:200 '],
  ['status 200 and an empty body', { kind: 'empty' }, 'malformed', 'seoul:200 '],
];

/** Those that only one of the two forms of an answer can show. */
const JSON_FAULTS: typeof FAULTS = [
  ['no choices', { kind: 'no-choices' }, 'malformed', 'seoul:200 '],
  ['a body cut off in the middle', { kind: 'cut' }, 'reset', 'seoul:200 '],
  ['a body that ends too early', { kind: 'cut', clean: true }, 'malformed', 'seoul:200 '],
  ['a body of broken JSON', { kind: 'malformed-event' }, 'malformed', 'seoul:200 '],
];
const STREAM_FAULTS: typeof FAULTS = [
  ['a stream cut before its first content', { kind: 'cut', afterTokens: 0 }, 'stream_error_early', 'seoul:200 '],
  [
    'a stream that ends before its first content',
    { kind: 'cut', afterTokens: 0, clean: true },
    'stream_error_early',
    'seoul:200 ',
  ],
  ['an error inside the stream', { kind: 'stream-error' }, 'stream_error_early', 'seoul:200 '],
  ['a rate limit inside the stream', { kind: 'stream-error', code: 'rate_limit_exceeded' }, 'rate_limit', 'seoul:200 '],
  ['a lack of quota inside the stream', { kind: 'stream-error', code: 'insufficient_quota' }, 'quota', 'seoul:200 '],
  ['an event that is not JSON', { kind: 'malformed-event', afterTokens: 0 }, 'malformed', 'seoul:200 '],
];

const CASES = [
  ...FAULTS.flatMap((fault) => [[...fault, 'JSON'] as const, [...fault, 'streamed'] as const]),
  ...JSON_FAULTS.map((fault) => [...fault, 'JSON'] as const),
  ...STREAM_FAULTS.map((fault) => [...fault, 'streamed'] as const),
];

/**
 * How long a failover may take on loopback, besides some calls without one: those tell how busy the machine is. A busy machine may
 * stop any single run, so three of at most five have to be as quick as that. A wait before a repeat would be up to half a second.
 */
const LONGEST_MS = 100;
const RUNS = 5;
const QUICK_RUNS = 3;

/** How long something takes, in milliseconds. */
async function timed(what: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await what();
  return performance.now() - began;
}

describe('with a healthy second endpoint the caller has an answer at once after', () => {
  test.each(CASES)('$0 ($4)', async (_name, fault, kind, first, form) => {
    const streamed = form === 'streamed';
    const { simulator, seoul, tokyo, client, trail } = await start({ router: { breaker: false } });
    await ask(client, streamed);
    const elsewhere = { router: { endpoint: tokyo.name } };
    const took: string[] = [];
    let quick = 0;
    for (let run = 0; run < RUNS && quick < QUICK_RUNS; run += 1) {
      // Each run has a client of its own, for which the first region is not resting yet.
      const fresh = client.withOptions(routed({ breaker: false }));
      const failovers = eventsOf(fresh, ['failover', 'retry']);
      simulator.clearLog();
      const undo = seoul.fault(fault);
      const ms = await timed(async () => expect(await ask(fresh, streamed)).toBe('hello there'));
      undo();
      await seoul.ready();
      expect(trail()).toBe(`${first}tokyo:200`);
      expect(failovers.map(({ name, payload }) => `${name} ${payload.kind}`)).toEqual([`failover ${kind}`]);
      expect(failovers[0]?.payload).toMatchObject({ from: 'seoul/gpt-4.1', to: 'tokyo/gpt-4.1', attempt: 2 });
      const healthyMs = await timed(() => fresh.chat.completions.create(question(), elsewhere));
      if (ms < LONGEST_MS + 3 * healthyMs) quick += 1;
      took.push(`${ms.toFixed()} ms (healthy: ${healthyMs.toFixed()} ms)`);
    }
    expect(quick, `of ${took.join(', ')}`).toBe(QUICK_RUNS);
  });
});

describe('a failover', () => {
  test('is told of with its cause, its place and its time', async () => {
    const { client, seoul } = await start();
    seoul.fault({ kind: 'status', status: 503 });
    const events = eventsOf(client, ['failover']);
    const answer = await client.chat.completions.create(question());
    expect(events[0]?.payload).toEqual({
      requestId: expect.stringMatching(/^\w+-1$/),
      at: expect.closeTo(Date.now(), -4),
      from: 'seoul/gpt-4.1',
      to: 'tokyo/gpt-4.1',
      kind: 'overloaded',
      status: 503,
      attempt: 2,
      elapsedMs: expect.any(Number),
    });
    const route = routeOf(answer);
    expect(route).toMatchObject({ target: 'tokyo/gpt-4.1', endpoint: 'tokyo', failover: true, lastResort: false });
    expect(route?.attempts.map(({ target, kind, status }) => `${target} ${kind} ${status}`)).toEqual([
      'seoul/gpt-4.1 overloaded 503',
      'tokyo/gpt-4.1 ok 200',
    ]);
  });

  test('is over for the next call: it begins with the first endpoint again when that may be asked', async () => {
    const { client, seoul, trail } = await start();
    seoul.fault({ kind: 'status', status: 500, times: 1 });
    await ask(client, false);
    await ask(client, false);
    expect(trail()).toBe('seoul:500 tokyo:200 seoul:200');
  });

  test('leaves a target that asked to rest alone', async () => {
    const { client, seoul, trail } = await start();
    seoul.fault({ kind: 'rate-limit', retryAfterSeconds: 20, times: 1 });
    await ask(client, false);
    await ask(client, true);
    expect(trail()).toBe('seoul:429 tokyo:200 tokyo:200');
    const [target] = client.router.status().targets;
    expect(target).toMatchObject({ target: 'seoul/gpt-4.1', state: 'cooling' });
    expect(target?.readyInMs).toBeGreaterThan(19_000);
    expect(target?.readyInMs).toBeLessThanOrEqual(24_000);
  });

  test('shows the error of the first endpoint when all have failed, as the official client would', async () => {
    const { client, seoul, tokyo, trail } = await start({ client: { maxRetries: 0 } });
    seoul.fault({ kind: 'status', status: 500, message: 'the first', headers: { 'x-request-id': 'req_first' } });
    tokyo.fault({ kind: 'status', status: 502, message: 'the second' });
    const error = await errorOf(client.chat.completions.create(question()));
    expect(error).toBeInstanceOf((await import('openai')).InternalServerError);
    expect(error).toMatchObject({ status: 500, requestID: 'req_first', message: '500 the first' });
    expect(routeOf(error)?.attempts.map(({ endpoint, status }) => `${endpoint} ${status}`)).toEqual([
      'seoul 500',
      'tokyo 502',
    ]);
    expect(trail()).toBe('seoul:500 tokyo:502');
  });
});

describe("a caller's own mistake", () => {
  test.each([400, 405, 413, 415, 422])('%i costs one attempt and changes nothing', async (status) => {
    const { client, seoul, trail } = await start({ router: { fallbacks: ['gpt-4o'], lastResort: () => 'never' } });
    await ask(client, false);
    seoul.fault({ kind: 'status', status, message: 'as it is' });
    const before = standing(client);
    const error = await errorOf(client.chat.completions.create(question()));
    expect(error).toMatchObject({ status, message: `${status} as it is` });
    expect(standing(client)).toEqual(before);
    expect(trail()).toBe(`seoul:200 seoul:${status}`);
  });

  test('is found in a stream that was asked for, too', async () => {
    const { client, trail } = await start();
    const error = await errorOf(client.chat.completions.create({ ...question(), messages: [], stream: true }));
    expect(error).toMatchObject({ status: 400 });
    expect(trail()).toBe('seoul:400');
  });
});
