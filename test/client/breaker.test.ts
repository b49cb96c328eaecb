import OpenAI, { type RouterOptions, trackers } from 'breakwater';
import { APIError, InternalServerError, RateLimitError } from 'openai';
import { describe, expect, test } from 'vitest';
import { ask, endpointAt, errorOf, eventsOf, question, start } from './setup.js';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Asks one question after the other for so long. Every one must be answered. */
async function askFor(client: OpenAI, ms: number): Promise<number> {
  const end = performance.now() + ms;
  let answers = 0;
  while (performance.now() < end) {
    expect(await ask(client, false)).toBe('hello there');
    answers += 1;
    await sleep(5);
  }
  return answers;
}

const states = ['breaker.opened', 'breaker.half-opened', 'breaker.closed'] as const;
/** Without slow start, so that the first call after a recovery shows it. */
const breaker = { failureStreak: 3, openMs: 150, maxOpenMs: 200, jitter: 0, closeAfter: 1, slowStartMs: 0 };

describe('a region that flaps', () => {
  test('is left each time it is down, and found again each time it is up', async () => {
    const { client, seoul, simulator } = await start({ router: { breaker, retries: { budget: false } } });
    const opened = eventsOf(client, ['breaker.opened']);
    for (let round = 1; round <= 3; round += 1) {
      const known = opened.length;
      const off = seoul.fault({ kind: 'status', status: 500 });
      for (let i = 0; i <= breaker.failureStreak; i += 1) await ask(client, false);
      off();
      expect(opened.length).toBeGreaterThan(known);
      await sleep(200);
      const before = simulator.log.length;
      for (let i = 0; i < 3; i += 1) await ask(client, false);
      expect(simulator.log.slice(before).map(({ region }) => region)).toEqual(['seoul', 'seoul', 'seoul']);
      expect(client.router.target('seoul/gpt-4.1').breaker.info().state).toBe('closed');
    }
  });
});

describe('a long outage', () => {
  // A router that comes back too often burdens a region that is trying to get up; one that comes back too late wastes it.
  test.each([
    ['of answers', { kind: 'status', status: 500 }],
    ['of connections', { kind: 'refuse' }],
  ] as const)('%s costs the region its probes and no more, and is over within one wait', async (_what, fault) => {
    const { client, seoul, simulator } = await start({ router: { breaker, retries: { budget: false } } });
    const events = eventsOf(client, [...states, 'attempt.started']);
    const off = seoul.fault(fault);
    const answers = await askFor(client, 2_000);
    const asked = events.filter(
      ({ name, payload }) => name === 'attempt.started' && payload.endpoint === 'seoul',
    ).length;
    const openings = events.filter(
      ({ name, payload }) => name === 'breaker.opened' && payload.scope === 'target',
    ).length;
    // The first opening takes its streak, each one after it one probe; two seconds have room for a dozen of waits.
    expect(asked).toBe(breaker.failureStreak + openings - 1);
    expect(openings).toBeLessThanOrEqual(12);
    expect(openings).toBeGreaterThan(3);
    if (fault.kind === 'status') expect(simulator.log.filter(({ region }) => region === 'seoul').length).toBe(asked);
    expect(simulator.log.filter(({ region }) => region === 'tokyo').length).toBe(answers);

    off();
    if (fault.kind === 'refuse') await seoul.ready();
    await sleep(breaker.maxOpenMs);
    const before = simulator.log.length;
    for (let i = 0; i < 3; i += 1) await ask(client, false);
    expect(simulator.log.slice(before).map(({ region }) => region)).toEqual(['seoul', 'seoul', 'seoul']);
  });
});

describe('options of breakers', () => {
  test('of an endpoint hold for its targets, over those of the model and of the client', async () => {
    const { client, seoul, trail } = await start({
      router: { breaker: { failureStreak: 9, models: { 'gpt-4.1': { failureStreak: 8 } } } },
      endpoint: ({ name }) => (name === 'seoul' ? { breaker: { failureStreak: 1 } } : {}),
    });
    seoul.fault({ kind: 'status', status: 500 });
    await ask(client, false);
    await ask(client, false);
    expect(trail()).toBe('seoul:500 tokyo:200 tokyo:200');
  });

  test('may give all models of an endpoint one breaker', async () => {
    const { client, seoul, trail } = await start({ router: { breaker: { scope: 'endpoint', failureStreak: 1 } } });
    seoul.model('gpt-4.1').fault({ kind: 'status', status: 500 });
    await ask(client, false);
    await client.chat.completions.create({ ...question(), model: 'gpt-4o' });
    expect(trail()).toBe('seoul:500 tokyo:200 tokyo:200');
  });

  test('false leaves no breaker, not even for refused connections', async () => {
    const { client, seoul } = await start({ router: { breaker: false, retries: { budget: false } } });
    seoul.fault({ kind: 'refuse' });
    const refused = eventsOf(client, ['attempt.failed']);
    for (let i = 0; i < 7; i += 1) await ask(client, false);
    expect(refused.map(({ payload }) => payload.kind)).toEqual(Array(7).fill('connect'));
  });
});

test('a target is opened, looked at and closed by hand, and listeners hear of it', async () => {
  const { client, trail } = await start();
  const events = eventsOf(client, ['breaker.mode-changed', 'breaker.rejected']);
  const { breaker, status } = client.router.target('seoul/gpt-4.1');
  breaker.open();
  await ask(client, true);
  expect(status()).toMatchObject({ state: 'open', breaker: { mode: 'forced-open' } });
  breaker.close();
  await ask(client, true);
  expect(trail()).toBe('tokyo:200 seoul:200');
  expect(events.map(({ name, payload }) => `${name} ${payload.mode ?? payload.target}`)).toEqual([
    'breaker.mode-changed forced-open',
    'breaker.rejected seoul/gpt-4.1',
    'breaker.mode-changed auto',
  ]);
  expect(() => client.router.target('busan/gpt-4.1')).toThrow('targets are written seoul/…, tokyo/…');
});

/** Another client of the same regions. */
async function pair(first: RouterOptions, second: RouterOptions = first) {
  const { client, simulator, seoul, trail } = await start({ router: first });
  const endpoints = simulator.regions.map((region) => endpointAt(region));
  const other = new OpenAI({
    baseURL: seoul.baseURL,
    apiKey: 'sk-primary',
    router: { routing: 'priority', endpoints, ...second },
  });
  return { client, other, seoul, trail };
}

test.each([
  ['in common by the name they share', { shareAs: 'breaker.test one' }, 'seoul:500 tokyo:200 tokyo:200'],
  ['of their own by another name', { shareAs: 'breaker.test two' }, 'seoul:500 tokyo:200 seoul:500 tokyo:200'],
  ['of their own without a name', {}, 'seoul:500 tokyo:200 seoul:500 tokyo:200'],
])('clients have breakers %s', async (_what, named, expected) => {
  const options = { breaker: { failureStreak: 1 } };
  const first = { ...options, shareAs: 'breaker.test one' };
  const { client, other, seoul, trail } = await pair(first, { ...options, ...named });
  client.router.target('seoul/gpt-4.1').breaker.reset();
  seoul.fault({ kind: 'status', status: 500 });
  await ask(client, false);
  await ask(other, false);
  expect(trail()).toBe(expected);
});

// Without `endpoints` every client calls its own one `default`: an outage in Seoul kept everybody away from Tokyo, too.
test('clients of different hosts share nothing, though both call their endpoint by the same name', async () => {
  const router: RouterOptions = { breaker: { failureStreak: 1 }, shareAs: 'breaker.test hosts' };
  const { seoul, tokyo, trail } = await start();
  const at = ({ baseURL }: typeof tokyo) => new OpenAI({ baseURL, apiKey: 'sk', maxRetries: 0, router });
  const [one, elsewhere, again] = [at(seoul), at(tokyo), at(seoul)];
  seoul.fault({ kind: 'status', status: 500 });
  await expect(ask(one, false)).rejects.toThrow('500');
  expect(await ask(elsewhere, false)).toBe('hello there');
  expect(again.router.target('default/gpt-4.1').breaker.info().state).toBe('open');
  expect(trail()).toBe('seoul:500 tokyo:200');
});

test('what breakers know outlives a restart', async () => {
  const { client, other, seoul, trail } = await pair({ breaker: { failureStreak: 1 } });
  const off = seoul.fault({ kind: 'status', status: 500 });
  await ask(client, false);
  off();
  expect(other.router.restore(JSON.parse(JSON.stringify(client.router.snapshot())))).toEqual([]);
  await ask(other, false);
  expect(trail()).toBe('seoul:500 tokyo:200 tokyo:200');
  expect(() => other.router.restore({ version: 7 } as never)).toThrow('snapshot.version must be 1, but is 7');
});

// A tracker of classes saw an error for broken connections alone: with endless 500s the breaker stayed closed, without a word.
describe('a tracker of error classes', () => {
  test.each([
    ['InternalServerError', InternalServerError, 2],
    ['APIError', APIError, 2],
    ['RateLimitError', RateLimitError, 5],
  ] as const)('counts what the provider refused: %s', async (_name, type, asked) => {
    const { client, seoul, simulator } = await start({
      simulator: { regions: { seoul: {} } },
      client: { maxRetries: 0 },
      router: { breaker: { failureStreak: 2, tracker: trackers.typeOf(type) }, whenExhausted: 'fail' },
    });
    seoul.fault({ kind: 'status', status: 500 });
    for (let call = 0; call < 5; call += 1) await errorOf(client.chat.completions.create(question()));
    expect(simulator.log).toHaveLength(asked);
  });
});
