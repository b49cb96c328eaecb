import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../packages/core/src/base/random.js';
import type { Call, Conclusion } from '../../../packages/core/src/flow/call.js';
import type { Outcome } from '../../../packages/core/src/outcome/outcome.js';
import type { Target } from '../../../packages/core/src/targets/target.js';
import { trailOf, World, type WorldOptions } from './world.js';

const ONE_A_MINUTE = { requestsPerMinute: 1, learn: false } as const;

/** A world with limits, where nothing is learned unless a test says so. */
const worldOf = (options: WorldOptions) => new World({ ...options, limits: { learn: false, ...options.limits } });

/** What is left in every limit of a target. */
const leftAt = (world: World, id: string) => world.engine.target(id).status().limits;

/** Calls of so many tokens. */
const ofTokens = (tokens: number): Partial<Call<string>> => ({ estimate: () => ({ input: tokens, maxOutput: 0 }) });

describe('a call for which there is no room', () => {
  test('goes to another endpoint that has room', async () => {
    const world = worldOf({ limits: { byEndpoint: { a: { requestsPerMinute: 1 } } } });
    expect([await world.trail(), await world.trail(), await world.trail()]).toEqual(['a:ok', 'b:ok', 'b:ok']);
    expect(world.of('target.skipped')[0]).toMatchObject({ target: 'a/m', reason: 'limit' });
    expect(world.of('limit.waiting')).toEqual([]);
  });

  test('waits until there is room when nobody has any, and says so', async () => {
    const world = worldOf({ endpoints: 'a', limits: { ...ONE_A_MINUTE, maxWaitMs: 70_000 } });
    const calls = [world.start({ timeoutMs: 200_000 }), world.start({ timeoutMs: 200_000 })];
    await world.clock.advance(29_000);
    expect(world.sent).toHaveLength(1);
    expect(world.of('limit.waiting')).toMatchObject([
      { target: 'a/m', scope: 'the client', dimension: 'requestsPerMinute', waitMs: expect.any(Number) },
    ]);
    await world.clock.runUntilIdle(200_000);
    const kinds = (await Promise.all(calls)).map(({ outcome }) => outcome.kind);
    expect(kinds).toEqual(['ok', 'ok']);
  });

  test('is told how long it would have had to wait, and of which limit', async () => {
    const world = worldOf({ endpoints: 'a', limits: { ...ONE_A_MINUTE, onLimit: 'reject' } });
    await world.run();
    const { outcome, skipped } = await world.run();
    expect(outcome).toMatchObject({ kind: 'limit_exceeded', retryAfterMs: expect.any(Number) });
    expect(skipped).toMatchObject([
      { target: 'a/m', reason: 'limit', limit: { scope: 'the client', dimension: 'requestsPerMinute' } },
    ]);
    expect(world.of('limit.rejected')).toHaveLength(1);
    expect(world.sent).toHaveLength(1);
  });

  test('does not wait for longer than it has time', async () => {
    const world = worldOf({ endpoints: 'a', limits: { ...ONE_A_MINUTE, maxWaitMs: 300_000 } });
    await world.run();
    const before = world.clock.now();
    expect((await world.run({ timeoutMs: 30_000 })).outcome.kind).toBe('limit_exceeded');
    expect(world.clock.now() - before).toBe(0);
    const { outcome } = await world.run({ timeoutMs: 100_000 });
    expect(outcome.kind).toBe('ok');
    expect(world.clock.now() - before).toBeLessThanOrEqual(61_000);
  });

  test('stays with the target that it would be sent to when it is told to wait', async () => {
    const limits = { onLimit: 'wait', maxWaitMs: 70_000, byEndpoint: { a: { requestsPerMinute: 1 } } } as const;
    const world = worldOf({ limits });
    expect([await world.trail({ timeoutMs: 100_000 }), await world.trail({ timeoutMs: 100_000 })]).toEqual([
      'a:ok',
      'a:ok',
    ]);
  });

  test('waits for the model it was asked for only briefly while there is another model', async () => {
    const world = worldOf({ endpoints: 'a', limits: { models: { m: { requestsPerMinute: 1 } }, maxWaitMs: 70_000 } });
    await world.run({ fallbacks: ['mini'] });
    expect(await world.trail({ fallbacks: ['mini'] })).toBe('a/mini:ok');
    await world.clock.advance(59_000);
    expect(await world.trail({ fallbacks: ['mini'] })).toBe('a:ok');
  });

  test('goes where room comes first', async () => {
    const byEndpoint = { a: { concurrency: 1 }, b: { concurrency: 1 } };
    const world = worldOf({ limits: { byEndpoint }, script: 'a:200;takes=900 b:200;takes=200 *:200' });
    const calls = [world.start(), world.start(), world.start()];
    await world.clock.runUntilIdle(10_000);
    expect((await Promise.all(calls)).map(trailOf)).toEqual(['a:ok', 'b:ok', 'b:ok']);
    expect(world.clock.now()).toBe(900);
  });
});

describe('those who wait for room', () => {
  /** Four calls at a limit of one at a time, each taking 100 ms, asked for in this order. */
  async function order(calls: readonly Partial<Call<string>>[], limits: WorldOptions['limits'] = { concurrency: 1 }) {
    const world = worldOf({ endpoints: 'a', limits });
    const answered: number[] = [];
    const attempt = async (): Promise<Outcome<string>> => {
      await new Promise<void>((resolve) => void world.clock.setTimeout(resolve, 100));
      return { kind: 'ok', reply: 'a' };
    };
    const all = calls.map(async (call, index) => {
      const conclusion = await world.start({ attempt, timeoutMs: 500_000, ...call });
      if (conclusion.outcome.kind === 'ok') answered.push(index);
      return conclusion;
    });
    await world.clock.runUntilIdle(600_000);
    return { world, answered, conclusions: await Promise.all(all) };
  }

  test('get it in the order of their arrival, and by their priority before that', async () => {
    expect((await order([{}, {}, {}, {}])).answered).toEqual([0, 1, 2, 3]);
    const { answered, world } = await order([{}, {}, { priority: 1 }, { priority: 5 }]);
    expect(answered).toEqual([0, 3, 2, 1]);
    expect(world.clock.now()).toBe(400);
  });

  test('are not starved by smaller ones that would fit', async () => {
    const limits = { tokensPerMinute: 1_000, maxWaitMs: 400_000 };
    const { answered } = await order([ofTokens(600), ofTokens(900), ofTokens(100), ofTokens(100)], limits);
    expect(answered).toEqual([0, 1, 2, 3]);
  });

  test('are no more than the line takes', async () => {
    const { conclusions } = await order([{}, {}, {}, {}], { concurrency: 1, maxWaiting: 2 });
    expect(conclusions.map(({ outcome }) => outcome.kind)).toEqual(['ok', 'ok', 'ok', 'limit_exceeded']);
  });

  test('leave nothing behind when they are aborted, and make room for the next', async () => {
    const world = worldOf({ endpoints: 'a', limits: { concurrency: 1 }, script: 'a:200;takes=500 a:200' });
    const leaving = new AbortController();
    const calls = [world.start(), world.start({ signal: leaving.signal }), world.start()];
    await world.clock.advance(100);
    leaving.abort();
    await world.clock.runUntilIdle(10_000);
    expect((await Promise.all(calls)).map(({ outcome }) => outcome.kind)).toEqual(['ok', 'caller_abort', 'ok']);
    expect([world.clock.pending, world.clock.now()]).toEqual([0, 500]);
    expect(leftAt(world, 'a/m')['the client']).toMatchObject({ concurrency: 1 });
  });
});

describe('what a call is charged', () => {
  const limits = { requestsPerMinute: 10, tokensPerMinute: 1_000 };
  const estimate = () => ({ input: 100, maxOutput: 300 });
  const left = async (outcome: Outcome<string>, more: Partial<Call<string>> = {}) => {
    const world = worldOf({ endpoints: 'a', limits });
    await world.run({ estimate, attempt: async () => outcome, maxRetries: 0, ...more });
    return leftAt(world, 'a/m')['the client'];
  };

  test('is what it used, once that is known, and what was set aside for it as long as it is not', async () => {
    const usage = { inputTokens: 120, cachedInputTokens: 0, outputTokens: 30 };
    expect(await left({ kind: 'ok', reply: 'a', usage })).toEqual({ requestsPerMinute: 9, tokensPerMinute: 850 });
    expect(await left({ kind: 'ok', reply: 'a' })).toEqual({ requestsPerMinute: 9, tokensPerMinute: 600 });
    expect(await left({ kind: 'attempt_timeout', message: '' })).toEqual({
      requestsPerMinute: 9,
      tokensPerMinute: 600,
    });
  });

  test('is nothing when it never left, and no tokens when it was refused', async () => {
    expect(await left({ kind: 'connect', message: '' })).toEqual({ requestsPerMinute: 10, tokensPerMinute: 1_000 });
    expect(await left({ kind: 'auth', status: 401, message: '' })).toEqual({
      requestsPerMinute: 9,
      tokensPerMinute: 1_000,
    });
  });

  test('is known of a stream when it ends: by what it told, else by what it gave out', async () => {
    const usage = { inputTokens: 100, cachedInputTokens: 0, outputTokens: 50 };
    const ending = async (end: object) =>
      left({ kind: 'ok', reply: 'a', ending: Promise.resolve({ kind: 'ok', ...end }) });
    expect(await ending({ usage })).toMatchObject({ tokensPerMinute: 850 });
    expect(await ending({ emitted: () => 7 })).toMatchObject({ tokensPerMinute: 893 });
  });

  test('is what was set aside with charge-max', async () => {
    const world = worldOf({ endpoints: 'a', limits: { ...limits, settle: 'charge-max' } });
    const usage = { inputTokens: 1, cachedInputTokens: 0, outputTokens: 1 };
    await world.run({ estimate, attempt: async () => ({ kind: 'ok', reply: 'a', usage }) });
    expect(leftAt(world, 'a/m')['the client']).toMatchObject({ tokensPerMinute: 600 });
  });

  // A caller asked for a thousand million tokens and left at once. They were charged, and nobody could send anything for a week.
  test('is never more for its answer than a limit gives in its period, however much was asked for', async () => {
    const world = worldOf({
      endpoints: 'a',
      limits: { tokensPerMinute: 100_000, tokensPerDay: 500_000 },
      script: 'a:hang a:200',
    });
    const leaving = new AbortController();
    const greedy = world.start({ signal: leaving.signal, estimate: () => ({ input: 10, maxOutput: 1e9 }) });
    await world.clock.advance(10);
    leaving.abort();
    expect((await greedy).outcome.kind).toBe('caller_abort');
    expect(leftAt(world, 'a/m')['the client']).toEqual({ tokensPerMinute: 0, tokensPerDay: 399_990 });
    await world.clock.advance(62_000);
    expect(await world.trail(ofTokens(10))).toBe('a:ok');
  });

  // As long as no limit counted tokens, answers that were cut short at ten tokens taught that answers have ten. With the first limit, a
  // hundredth of what the next ones took was set aside for them.
  test('is not learned from answers of which nobody knows what was asked for', async () => {
    const world = worldOf({ endpoints: 'a', limits: { requestsPerMinute: 1_000 }, script: '*:200;in=5;out=10' });
    for (let call = 0; call < 30; call += 1) await world.run({ estimate: () => ({ input: 5, maxOutput: 10 }) });
    const { habits } = world.target().limits;
    expect(habits.tokensOf({ input: 0, maxOutput: undefined }, world.clock.now())).toBe(1_024);
  });

  test('is asked for only where something is limited', async () => {
    let asked = 0;
    const counting = () => {
      asked += 1;
      return { input: 1, maxOutput: 1 };
    };
    await new World().run({ estimate: counting });
    expect(asked).toBe(0);
  });
});

describe('what is found out about a target', () => {
  const answers = (ms: number, world: () => World) => async (): Promise<Outcome<string>> => {
    await new Promise<void>((resolve) => void world().clock.setTimeout(resolve, ms));
    return { kind: 'ok', reply: 'a' };
  };

  test('holds calls back beyond what it bears, and lets more through as it turns out to bear more', async () => {
    const world = worldOf({ endpoints: 'a', limits: { concurrency: 'adaptive', maxWaiting: 1_000 } });
    const attempt = answers(100, () => world);
    const calls = Array.from({ length: 60 }, () => world.start({ attempt }));
    expect(leftAt(world, 'a/m')['a/m (adaptive)']).toEqual({ concurrency: 0 });
    await world.clock.advance(99);
    expect(world.engine.target('a/m').status().inFlight).toBe(8);
    await world.clock.runUntilIdle(60_000);
    expect((await Promise.all(calls)).every(({ outcome }) => outcome.kind === 'ok')).toBe(true);
    expect(leftAt(world, 'a/m')['a/m (adaptive)']?.concurrency).toBeGreaterThan(8);
  });

  test('lets fewer through when it refuses', async () => {
    const world = worldOf({ endpoints: 'a', limits: { concurrency: 'adaptive' }, script: 'a:503' });
    for (let call = 0; call < 5; call += 1) {
      await world.run({ maxRetries: 0 });
      await world.clock.advance(60_000);
    }
    expect(leftAt(world, 'a/m')['a/m (adaptive)']?.concurrency).toBeLessThan(6);
  });

  test('holds calls of a model back while it is refused everywhere, and says why', async () => {
    const world = worldOf({ limits: { throttle: true }, random: seededRandom(3), breaker: false });
    const attempt = async (): Promise<Outcome<string>> => ({ kind: 'rate_limit', status: 429, message: '' });
    const ends: string[] = [];
    for (let call = 0; call < 120; call += 1) {
      const { outcome } = await world.run({ attempt, maxRetries: 0 });
      if (outcome.kind === 'limit_exceeded') ends.push(outcome.message);
      await world.clock.advance(20);
      for (const id of ['a/m', 'b/m']) world.target(id[0]).cooldown.end();
    }
    expect(ends.length).toBeGreaterThan(40);
    expect(ends[0]).toContain('held back');
    expect((await world.run({ model: 'other' })).outcome.kind).toBe('ok');
  });
});

// L1 end to end, and C1: whatever becomes of calls, nothing more leaves than was allowed, and nothing is held in the end.
test.each([1, 2, 3])('a storm of calls leaves every limit as it found it (seed %i)', async (seed) => {
  const random = seededRandom(seed);
  const limits = {
    requestsPerMinute: 120,
    concurrency: 4,
    maxWaiting: 1_000,
    byEndpoint: { a: { tokensPerMinute: 5_000 }, b: { concurrency: 2 } },
  };
  const world = worldOf({ endpoints: 'a b', limits, routing: 'adaptive', random, whenExhausted: 'panic', hedging: {} });
  const sent: number[] = [];
  const attempt = async (target: Target): Promise<Outcome<string>> => {
    const at = world.clock.now();
    const ms = random() * 400;
    await new Promise<void>((resolve) => void world.clock.setTimeout(resolve, ms));
    const dice = random();
    // What no server has seen has not left.
    if (dice < 0.1 || dice >= 0.15) sent.push(at);
    if (dice < 0.1) return { kind: 'server_error', status: 500, message: '' };
    if (dice < 0.15) return { kind: 'connect', message: '' };
    if (dice < 0.2) return { kind: 'rate_limit', status: 429, message: '', retryAfterMs: 300 };
    return { kind: 'ok', reply: target.id };
  };
  const ends: Promise<Conclusion<string>>[] = [];
  for (let call = 0; call < 600; call += 1) {
    const leaving = new AbortController();
    if (random() < 0.2) world.clock.setTimeout(() => leaving.abort(), random() * 2_000);
    const tokens = Math.floor(random() * 400);
    ends.push(
      world.start({ attempt, hedgeable: true, signal: leaving.signal, timeoutMs: 40_000, ...ofTokens(tokens) }),
    );
    await world.clock.advance(random() * 300);
  }
  await world.clock.runUntilIdle(600_000);
  expect(await Promise.all(ends)).toHaveLength(600);
  for (const at of sent)
    expect(sent.filter((other) => other >= at && other < at + 60_000).length).toBeLessThanOrEqual(120);
  await world.clock.advance(70_000);
  expect(leftAt(world, 'a/m')).toMatchObject({
    'the client': { requestsPerMinute: 120, concurrency: 4 },
    'the endpoint a': { tokensPerMinute: 5_000 },
  });
  expect(leftAt(world, 'b/m')).toMatchObject({ 'the endpoint b': { concurrency: 2 } });
  expect(world.clock.pending).toBe(0);
});
