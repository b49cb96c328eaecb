import { virtualClock } from '@breakwater/simulator';
import { describe, expect, test } from 'vitest';
import { World, type WorldOptions } from './world.js';

const price = (inputPerMillionUSD: number) => ({ inputPerMillionUSD, outputPerMillionUSD: 10 * inputPerMillionUSD });
/** An answer costs a dollar: half a million tokens in, and a twentieth of that out. */
const A_DOLLAR = 'in=500000;out=50000';
const prices = { m: price(1), small: price(0.1) };
const worldOf = (script: string, more: WorldOptions = {}) => new World({ script, prices, ...more });
const midnight = (world: World) => 86_400_000 - (world.clock.wall() % 86_400_000);

describe('what a call cost', () => {
  test('is in its route, its events and the sums', async () => {
    const world = worldOf('a:200;in=1000;cached=400;out=10');
    const { route } = await world.run({ tags: ['team-a'] });
    const usage = { inputTokens: 1_000, cachedInputTokens: 400, outputTokens: 10 };
    expect(route).toMatchObject({ usage, costUSD: 0.0011 });
    expect(JSON.parse(JSON.stringify(route))).toMatchObject({ usage, costUSD: 0.0011 });
    expect(world.of('attempt.succeeded')).toMatchObject([{ usage, costUSD: 0.0011, tags: ['team-a'] }]);
    expect(world.of('request.succeeded')).toMatchObject([{ usage, costUSD: 0.0011 }]);
    const sum = { ...usage, costUSD: 0.0011, unpriced: 0, estimated: 0 };
    expect(world.engine.stats()).toMatchObject({ spent: sum, tags: { 'team-a': sum } });
    expect(world.engine.stats().targets['a/m']?.spent).toEqual(sum);
    expect(world.engine.stats().budget).toBeUndefined();
  });

  test('is nothing that is known where the answer does not tell what it used', async () => {
    const { route } = await worldOf('a:200').run();
    expect([route.usage, route.costUSD]).toEqual([undefined, undefined]);
  });

  test('is not known without a price, and said to be missing in the sums', async () => {
    const world = worldOf(`a:200;${A_DOLLAR}`, { prices: {} });
    const { route } = await world.run();
    expect(route.usage?.inputTokens).toBe(500_000);
    expect(route.costUSD).toBeUndefined();
    expect(world.engine.stats().spent).toMatchObject({ inputTokens: 500_000, costUSD: 0, unpriced: 1 });
    expect(world.complaints).toEqual([]);
  });

  // A refusal by a content policy is billed, and so is the other model's answer: the caller pays for both.
  test('is that of all attempts that told', async () => {
    const world = worldOf('a/m:content_policy;in=500000 a/small:200;in=1000000;cached=1');
    const { route } = await world.run({ contentPolicyFallbacks: ['small'] });
    expect(route.usage).toEqual({ inputTokens: 1_500_000, cachedInputTokens: 1, outputTokens: 0 });
    expect(route.costUSD).toBe(0.6);
    expect(world.of('attempt.failed')).toMatchObject([{ costUSD: 0.5 }]);
    expect(world.of('request.succeeded')).toMatchObject([{ costUSD: 0.6 }]);
  });

  test('is not known when only one of them has a price', async () => {
    const world = worldOf('a/m:content_policy;in=500000 a/other:200;in=10');
    const { route } = await world.run({ contentPolicyFallbacks: ['other'] });
    expect(route.usage?.inputTokens).toBe(500_010);
    expect(route.costUSD).toBeUndefined();
  });

  test('of a stream is known when it has ended, in the very route that its caller has', async () => {
    const world = worldOf('a:stream');
    const { route } = await world.run({ streamed: true, tags: ['chat'] });
    expect([route.usage, route.costUSD]).toEqual([undefined, undefined]);
    const usage = { inputTokens: 2_000, cachedInputTokens: 0, outputTokens: 0 };
    world.streams[0]?.end({ kind: 'ok', usage });
    await world.clock.advance(0);
    expect(route).toMatchObject({ usage, costUSD: 0.002 });
    expect(world.of('attempt.succeeded')).toMatchObject([{ usage, costUSD: 0.002 }]);
    expect(world.engine.stats().tags.chat?.costUSD).toBe(0.002);
  });

  test('of a stream that broke, or was left, is known as far as that told', async () => {
    const world = worldOf('a:stream');
    for (const kind of ['stream_error_late', 'caller_abort'] as const) {
      const { route } = await world.run({ streamed: true });
      world.streams.at(-1)?.end({ kind, usage: { inputTokens: 1_000, cachedInputTokens: 0, outputTokens: 0 } });
      await world.clock.advance(0);
      expect(route.costUSD).toBe(0.001);
    }
    expect(world.engine.stats().spent.costUSD).toBe(0.002);
  });

  test('of a stream that does not tell is not guessed, but for a budget', async () => {
    const ends = { kind: 'ok', emitted: () => 300 } as const;
    const estimate = () => ({ input: 700, maxOutput: undefined });
    const world = worldOf('a:stream');
    await world.run({ streamed: true, estimate });
    world.streams[0]?.end(ends);
    await world.clock.advance(0);
    expect(world.engine.stats().spent.inputTokens).toBe(0);
    const budgeted = worldOf('a:stream', { budget: { perDayUSD: 1 } });
    const { route } = await budgeted.run({ streamed: true, estimate });
    budgeted.streams[0]?.end(ends);
    await budgeted.clock.advance(0);
    const usage = { inputTokens: 700, cachedInputTokens: 0, outputTokens: 300, estimated: true };
    expect(route).toMatchObject({ usage, costUSD: 0.0037 });
    expect(budgeted.engine.stats().spent).toMatchObject({ inputTokens: 700, costUSD: 0.0037, estimated: 1 });
  });
});

describe('a budget', () => {
  test('that is spent rejects calls before anything is sent, until the day is over', async () => {
    const world = worldOf(`*:200;${A_DOLLAR}`, { budget: { perDayUSD: 2 } });
    await world.run();
    expect((await world.run()).outcome.kind).toBe('ok');
    const { outcome, route } = await world.run();
    expect(outcome).toMatchObject({
      kind: 'limit_exceeded',
      message: 'router.budget.perDayUSD of $2 is spent: $2 today (UTC)',
      retryAfterMs: midnight(world),
    });
    expect(route.attempts).toEqual([]);
    expect(world.sent).toHaveLength(2);
    expect(world.of('budget.exceeded')).toMatchObject([{ period: 'day', limitUSD: 2, spentUSD: 2 }]);
    expect(world.of('request.failed')).toMatchObject([{ kind: 'limit_exceeded', attempts: 0 }]);
    expect(world.engine.stats().budget).toEqual({ day: { limitUSD: 2, spentUSD: 2 } });
    await world.clock.advance(midnight(world));
    expect((await world.run()).outcome.kind).toBe('ok');
    expect(world.engine.stats().budget).toEqual({ day: { limitUSD: 2, spentUSD: 1 } });
    expect(world.engine.stats().spent.costUSD).toBe(3);
  });

  test('names the one that lasts longer where both are spent', async () => {
    const world = worldOf(`*:200;${A_DOLLAR}`, { budget: { perDayUSD: 1, perMonthUSD: 1 } });
    await world.run();
    expect((await world.run()).outcome).toMatchObject({ message: expect.stringContaining('perMonthUSD of $1') });
    expect(world.of('budget.exceeded').map(({ period }) => period)).toEqual(['day', 'month']);
  });

  test('is not asked by what has no model, and is no reason to leave the last resort out', async () => {
    const world = worldOf(`*:200;${A_DOLLAR}`, { budget: { perDayUSD: 0 } });
    expect((await world.run({ model: undefined })).outcome.kind).toBe('ok');
    expect((await world.run({ lastResort: async () => 'canned' })).outcome).toMatchObject({ reply: 'canned' });
    expect(world.sent).toHaveLength(1);
  });

  test('lets calls under way come to their end, and counts them', async () => {
    const world = worldOf(`*:200;takes=100;${A_DOLLAR}`, { budget: { perDayUSD: 1 } });
    const both = [world.start(), world.start()];
    await world.clock.advance(100);
    expect((await Promise.all(both)).map(({ outcome }) => outcome.kind)).toEqual(['ok', 'ok']);
    expect(world.engine.stats().budget?.day?.spentUSD).toBe(2);
    expect(world.of('budget.exceeded')).toHaveLength(1);
  });

  test('may only be told of', async () => {
    const world = worldOf(`*:200;${A_DOLLAR}`, { budget: { perDayUSD: 1, onExceeded: 'event' } });
    for (let count = 0; count < 3; count += 1) expect((await world.run()).outcome.kind).toBe('ok');
    expect(world.of('budget.exceeded')).toHaveLength(1);
  });

  // The budget would be kept to the cent, by a client that spends a hundred dollars an hour on a model that nobody knows the price of.
  test('complains of each model whose cost it cannot count, once', async () => {
    const world = worldOf(`*:200;${A_DOLLAR}`, { budget: { perDayUSD: 1 } });
    for (let count = 0; count < 2; count += 1) await world.run({ model: 'own' });
    expect(world.complaints).toEqual(['router.budget does not count everything']);
    expect(world.engine.stats()).toMatchObject({ spent: { unpriced: 2 }, budget: { day: { spentUSD: 0 } } });
  });
});

describe('when the budget is spent, the cheapest', () => {
  const budget = { perDayUSD: 1, onExceeded: 'cheapest' } as const;
  const cheap = { 'a/m': price(1), 'b/m': price(1), small: price(0.1), other: price(0.5) };
  const spentOf = async (more: WorldOptions = {}) => {
    const world = worldOf(`*:200;${A_DOLLAR}`, { budget, prices: cheap, ...more });
    await world.run({ model: 'm' });
    return world;
  };

  test('of the model and its fallbacks is asked, and nobody else', async () => {
    const world = await spentOf();
    const fallbacks = ['other', 'small'];
    expect(await world.trail({ fallbacks })).toBe('a/small:ok');
    world.script = worldOf('a:503;after=1000 b:503;after=1000').script;
    expect(await world.trail({ fallbacks, maxRetries: 0 })).toBe('a/small:overloaded b/small:overloaded');
  });

  test('of its endpoints is asked', async () => {
    const world = await spentOf({ prices: { ...cheap, 'b/m': price(0.9) } });
    expect(await world.trail()).toBe('b:ok');
  });

  test('is whoever it was before where no price is known', async () => {
    const world = await spentOf();
    expect(await world.trail({ model: 'own' })).toBe('a/own:ok');
    expect(await world.trail({ model: 'own', fallbacks: ['small'] })).toBe('a/small:ok');
  });

  test('is told by explain, with those who are left out', async () => {
    const world = await spentOf({ prices: { ...cheap, 'b/m': price(0.9) } });
    const explanation = world.engine.explain(world.callOf({ fallbacks: ['unserved'] }));
    expect(explanation.order).toEqual(['b/m']);
    expect(explanation.models[0]?.leftOut).toEqual([{ endpoint: 'a', reason: 'dearer' }]);
    expect(String(explanation)).toContain('left out, dearer, and the budget is spent: a');
  });

  test('is no matter any more on the next day', async () => {
    const world = await spentOf();
    await world.clock.advance(midnight(world));
    expect(await world.trail({ fallbacks: ['small'] })).toBe('a:ok');
  });
});

describe('over a restart', () => {
  const budget = { perDayUSD: 2, perMonthUSD: 5 };

  test('the budget remembers what was spent', async () => {
    const before = worldOf(`*:200;${A_DOLLAR}`, { budget });
    await before.run();
    await before.run();
    const memory = JSON.parse(JSON.stringify(before.engine.snapshot()));
    const after = worldOf(`*:200;${A_DOLLAR}`, { budget });
    expect(after.engine.restore(memory)).toEqual([]);
    expect((await after.run()).outcome.kind).toBe('limit_exceeded');
    expect(after.engine.stats().budget).toMatchObject({ day: { spentUSD: 2 }, month: { spentUSD: 2 } });
    expect(after.of('budget.exceeded')).toEqual([]);
  });

  test('on the next day it remembers what was spent this month', async () => {
    const before = worldOf(`*:200;${A_DOLLAR}`, { budget });
    await before.run();
    const memory = before.engine.snapshot();
    const after = worldOf('', { budget, clock: virtualClock({ wall: before.clock.wall() + midnight(before) }) });
    after.engine.restore(memory);
    expect(after.engine.stats().budget).toMatchObject({ day: { spentUSD: 0 }, month: { spentUSD: 1 } });
  });

  test('a snapshot without it, or for another budget, is one as well, and nonsense is none', async () => {
    const world = worldOf('', { budget: { perDayUSD: 1 } });
    const { spent, ...memory } = world.engine.snapshot();
    expect(Object.keys(spent ?? {})).toEqual(['day']);
    expect(world.engine.restore(memory)).toEqual([]);
    expect(worldOf('').engine.snapshot()).not.toHaveProperty('spent');
    expect(worldOf('').engine.restore(world.engine.snapshot())).toEqual([]);
    const nonsense = { ...memory, spent: { day: { from: Number.NaN, spentUSD: -1 } } };
    expect(() => world.engine.restore(nonsense)).toThrow('snapshot.spent.day.spentUSD must be');
  });
});
