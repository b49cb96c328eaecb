import { type Collectable, collect } from '@breakwater/prometheus';
import OpenAI, { createFetch, type Stats } from 'breakwater';
import { Counter, register as globalRegister, Registry } from 'prom-client';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { ask, endpointAt, eventsOf, question, start } from '../client/setup.js';
import { startCollected, whatever } from './setup.js';

/** The samples of a metric, by their labels without the client's. */
async function samplesOf(register: Registry, name: string): Promise<Record<string, number>> {
  const metric = (await register.getMetricsAsJSON()).find((one) => one.name === name);
  return Object.fromEntries(
    (metric?.values ?? []).map(({ labels: { client: _, ...labels }, value }) => [
      Object.values(labels).join(' '),
      value,
    ]),
  );
}

const sumOf = async (register: Registry, name: string) =>
  Object.values(await samplesOf(register, name)).reduce((sum, value) => sum + value, 0);

/** A client that counts who listens. */
function overheard(client: OpenAI) {
  let listeners = 0;
  const on: Collectable['on'] = (name, listener) => {
    const undo = client.on(name, listener);
    listeners += 1;
    return () => {
      listeners -= 1;
      undo();
    };
  };
  return { client: { on, router: client.router } satisfies Collectable, listeners: () => listeners };
}

describe('what is counted', () => {
  test('is what the statistics count', async () => {
    const { client, register, seoul } = await startCollected();
    seoul.fault({ kind: 'status', status: 500, times: 3 });
    for (let call = 0; call < 6; call += 1) await whatever(client, call % 2 === 1);
    await whatever(client, false, { model: 'nobody-has-it' });
    const stats: Stats = client.router.stats();
    const requests = await samplesOf(register, 'breakwater_requests_total');
    const { 'nobody-has-it not_found false': failed, ...answered } = requests;
    expect(failed).toBe(stats.requests.failed);
    expect(answered).toEqual({ 'gpt-4.1 ok false': 3, 'gpt-4.1 ok true': 3 });
    expect(await sumOf(register, 'breakwater_attempts_total')).toBe(stats.attempts);
    expect(await sumOf(register, 'breakwater_failovers_total')).toBe(stats.failovers);
    expect((await sumOf(register, 'breakwater_rerouted_requests_total')) / 6).toBe(stats.fallbackRate);
    const { inputTokens, cachedInputTokens, outputTokens, costUSD } = stats.spent;
    const tokens = await sumOf(register, 'breakwater_tokens_total');
    expect(tokens).toBe(inputTokens + outputTokens);
    expect(cachedInputTokens).toBe(0);
    expect(await sumOf(register, 'breakwater_cost_usd_total')).toBeCloseTo(costUSD, 9);
  });

  test('goes on from when it is collected: who began before is of no known model', async () => {
    const { client, seoul } = await start();
    seoul.set({ latencyMs: 50 });
    const register = new Registry();
    const answer = ask(client, false);
    await new Promise((resolve) => setTimeout(resolve, 20));
    collect(client, { register });
    await answer;
    expect(await samplesOf(register, 'breakwater_requests_total')).toEqual({ 'none ok false': 1 });
  });

  test('has durations in seconds', async () => {
    const { client, register, seoul } = await startCollected();
    seoul.set({ latencyMs: 120 });
    await whatever(client, false);
    const text = await register.getSingleMetricAsString('breakwater_request_duration_seconds');
    const sum = Number(text.match(/_sum\{.*\} (.*)/)?.[1]);
    expect(sum).toBeGreaterThanOrEqual(0.12);
    expect(sum).toBeLessThan(2);
    expect(text).toMatch(/le="0\.08",.*\} 0\n/);
  });
});

describe('a gauge is read when it is scraped', () => {
  test('and shows the state of a breaker, whoever set it', async () => {
    const { client, register } = await startCollected({ fluxgateNames: true });
    await whatever(client, false);
    const state = async () => (await samplesOf(register, 'breakwater_breaker_state'))['seoul gpt-4.1 target'];
    expect(await state()).toBe(0);
    client.router.target('seoul/gpt-4.1').breaker.open();
    expect(await state()).toBe(2);
    const inFluxgatesWords = await samplesOf(register, 'circuit_breaker_state');
    expect(inFluxgatesWords).toMatchObject({ 'seoul/gpt-4.1 forced_open': 1, 'seoul/gpt-4.1 closed': 0 });
    expect(await samplesOf(register, 'circuit_breaker_state_transition_total')).toMatchObject({
      'seoul/gpt-4.1 closed open': 1,
      'seoul/gpt-4.1 open half_open': 0,
    });
    client.router.target('seoul/gpt-4.1').breaker.close();
    expect(await state()).toBe(0);
  });

  test('and asks the client once for all of them', async () => {
    const { client, register } = await startCollected();
    await whatever(client, false);
    const status = vi.spyOn(client.router, 'status');
    await register.metrics();
    expect(status).toHaveBeenCalledTimes(1);
    await register.metrics();
    expect(status).toHaveBeenCalledTimes(2);
  });

  test('and shows what is under way', async () => {
    const { client, register, seoul } = await startCollected();
    seoul.set({ latencyMs: 300 });
    const answers = [whatever(client, false), whatever(client, false)];
    await vi.waitFor(async () => {
      expect(await samplesOf(register, 'breakwater_attempts_in_flight')).toMatchObject({ 'seoul gpt-4.1': 2 });
    });
    expect(await samplesOf(register, 'breakwater_requests_in_flight')).toEqual({ '': 2 });
    await Promise.all(answers);
    expect(await samplesOf(register, 'breakwater_requests_in_flight')).toEqual({ '': 0 });
  });
});

test('made-up models share one label beyond the first so many', async () => {
  const { client, register } = await startCollected({ maxModels: 3 });
  for (let call = 0; call < 8; call += 1) await whatever(client, false, { model: `made-up-${call}` });
  await whatever(client, false, { model: 'x'.repeat(1_000) });
  const requests = await samplesOf(register, 'breakwater_requests_total');
  expect(requests).toEqual({
    'made-up-0 not_found false': 1,
    'made-up-1 not_found false': 1,
    'made-up-2 not_found false': 1,
    'other not_found false': 6,
  });
  const names = (await register.metrics()).match(/model="[^"]*"/g) ?? [];
  expect([...new Set(names)].sort()).toEqual([
    'model="*"',
    'model="made-up-0"',
    'model="made-up-1"',
    'model="made-up-2"',
    'model="other"',
  ]);
});

describe('several clients in one registry', () => {
  test('have a name each, and none that is taken', async () => {
    const register = new Registry();
    const one = await startCollected({ register, name: 'one' });
    const two = await startCollected({ register, name: 'two' });
    await whatever(one.client, false);
    await whatever(two.client, false);
    const before = await register.metrics();
    expect(() => collect(two.client, { register, name: 'one' })).toThrow(
      new TypeError('collect: a client is called "one" in this registry already; give each a name of its own'),
    );
    expect(await register.metrics()).toBe(before);
    expect(before.match(/^breakwater_requests_total\{client="(one|two)".* 1$/gm)).toHaveLength(2);
    expect(
      before.match(/^breakwater_target_state\{client="(one|two)",endpoint="seoul".*state="ready"\} 1$/gm),
    ).toHaveLength(2);
  });

  test('go one by one: what is left is the other’s', async () => {
    const register = new Registry();
    const one = await startCollected({ register, name: 'one' });
    const two = await startCollected({ register, name: 'two' });
    for (const { client } of [one, two]) await whatever(client, true);
    one.undo();
    const left = await register.metrics();
    expect(left).not.toContain('client="one"');
    expect(left).toContain('client="two"');
    await whatever(one.client, false);
    await whatever(two.client, false);
    expect(await register.metrics()).not.toContain('client="one"');
    expect(await sumOf(register, 'breakwater_requests_total')).toBe(2);
    two.undo();
    expect(await register.metrics()).toBe('\n');
  });

  test('share their buckets', async () => {
    const register = new Registry();
    const { client } = await startCollected({ register, name: 'one' });
    expect(() => collect(client, { register, name: 'two', durationBuckets: [1, 2] })).toThrow(
      'breakwater_request_duration_seconds has other buckets in this registry',
    );
    expect(() =>
      collect(client, { register, name: 'two', durationBuckets: [1, 2], prefix: 'second_' })(),
    ).not.toThrow();
  });
});

describe('undone', () => {
  test.each(['prometheus', 'openmetrics'] as const)(
    'the registry (%s) and the listeners are as before, however often',
    async (format) => {
      const register = new Registry();
      if (format === 'openmetrics') register.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as never);
      new Counter({ name: 'of_somebody_else_total', help: 'Stays.', registers: [register] });
      const before = await register.metrics();
      const { client: real } = await start();
      const { client, listeners } = overheard(real);
      for (let round = 0; round < 2; round += 1) {
        const undo = collect(client, { register, fluxgateNames: true });
        expect(listeners()).toBeGreaterThan(10);
        await whatever(real, true);
        expect((await register.metrics()).length).toBeGreaterThan(before.length + 1_000);
        undo();
        undo();
        expect(listeners()).toBe(0);
        expect(await register.metrics()).toBe(before);
      }
    },
  );

  test('a registry that was cleared meanwhile is left alone, and can be used again', async () => {
    const { client, register, undo } = await startCollected();
    register.clear();
    const again = collect(client, { register, name: 'again' });
    undo();
    await whatever(client, false);
    expect(await sumOf(register, 'breakwater_requests_total')).toBe(1);
    again();
    expect(await register.metrics()).toBe('\n');
  });
});

describe('a registry that throws', () => {
  test('is heard at once, and leaves nothing behind', async () => {
    const register = new Registry();
    new Counter({ name: 'breakwater_breaker_state', help: 'Taken.', registers: [register] });
    const before = await register.metrics();
    const { client: real } = await start();
    const { client, listeners } = overheard(real);
    expect(() => collect(client, { register })).toThrow('breakwater_breaker_state has already been registered');
    expect(listeners()).toBe(0);
    expect(await register.metrics()).toBe(before);
  });

  test('changes no request', async () => {
    const { client, trail, register } = await startCollected();
    const failures = eventsOf(client, ['listener.failed']);
    const refuse = () => {
      throw new Error('full');
    };
    for (const metric of register.getMetricsAsArray()) Object.assign(metric, { labels: refuse });
    expect(await ask(client, false)).toBe('hello there');
    expect(await ask(client, true)).toBe('hello there');
    expect(trail()).toBe('seoul:200 seoul:200');
    expect(failures.length).toBeGreaterThan(0);
  });
});

test('a fetch with a router is collected too, by default where prom-client keeps everything', async () => {
  const { seoul } = await start();
  const fetch = createFetch({ endpoints: [endpointAt(seoul)] });
  const undo = collect(fetch);
  onTestFinished(undo);
  const body = JSON.stringify(question());
  const headers = { 'content-type': 'application/json' };
  await (await fetch('http://home.test/v1/chat/completions', { method: 'POST', headers, body })).text();
  expect(await globalRegister.getSingleMetricAsString('breakwater_requests_total')).toContain(
    '{client="default",model="gpt-4.1",outcome="ok",streamed="false"} 1',
  );
});

test('a client without a router is refused, and so are options that cannot be', () => {
  const register = new Registry();
  expect(() => collect(new OpenAI({ apiKey: 'k' }), { register })).toThrow('client.router needs a router');
  const { router, on } = new OpenAI({ apiKey: 'k', router: {} });
  const wrong = { prefix: '1-', maxModels: 0, durationBuckets: [2, 1], name: ' ', registry: 1, register: {} } as object;
  expect(() => collect({ router, on }, wrong)).toThrow(
    new TypeError(
      [
        'collect: prefix must be the beginning of a metric name, or empty',
        'collect: maxModels must be a positive integer',
        'collect: durationBuckets must be a list of ascending numbers above 0',
        'collect: name must be a non-empty string',
        'collect: registry is no option; the options are register, prefix, name, maxModels, durationBuckets, firstTokenBuckets, outputTokenBuckets, fluxgateNames',
        'collect: register must be a registry of prom-client',
      ].join('\n'),
    ),
  );
});

test.each([
  [null, 'null'],
  [42, 'a number'],
  [{}, 'an object of the class Object'],
])('%s is no client, which is said with what helps', (given, shown) => {
  expect(() => collect(given as never)).toThrow(
    new TypeError(
      `collect(client): client must be a client of breakwater with a router, but is ${shown}; make it with new OpenAI({ router: {} }) of 'breakwater'`,
    ),
  );
});

test.each([[null], [[]], ['checkout']])('%j are no options, and nothing is registered', async (given) => {
  const { client } = await start();
  expect(() => collect(client, given as never)).toThrow(
    "collect: options must be an object, such as { name: 'checkout' }",
  );
});
