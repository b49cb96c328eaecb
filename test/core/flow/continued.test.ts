import { describe, expect, test } from 'vitest';
import { extendRoute } from '../../../packages/core/src/flow/route.js';
import { World } from './world.js';

describe('a call that goes on with the answer of another', () => {
  test('is no request of its own: its attempts are that one’s, and numbered behind its', async () => {
    const world = new World({ script: 'b:500 b:200', retries: { budget: { capacity: 1, perRequest: 0.1 } } });
    await world.run();
    const [{ requestId = '' } = {}] = world.of('request.started');
    world.heard.length = 0;
    const earned = world.engine.budget.tokens;
    await world.run({ continues: { requestId, attempts: 1 }, only: ['b'] });
    expect(world.of('attempt.started', 'attempt.failed', 'attempt.succeeded')).toMatchObject([
      ...[{ requestId, attempt: 2 }, { attempt: 2 }, { requestId, attempt: 3 }, { requestId, attempt: 3 }],
    ]);
    expect(world.names.filter((name) => name.startsWith('request.'))).toEqual([]);
    expect(world.engine.stats().requests).toMatchObject({ started: 1, succeeded: 1, inFlight: 0 });
    expect(world.engine.budget.tokens).toBeLessThanOrEqual(earned);
  });

  test('lengthens the route of that one, also for whoever was given it before', async () => {
    const world = new World({ script: 'a:200 b:200' });
    const { route } = await world.run();
    const { route: more } = await world.run({ only: ['b'] });
    const given = route;
    extendRoute(route, more);
    expect(given).toMatchObject({ target: 'b/m', endpoint: 'b', failover: true });
    expect(given.attempts.map(({ target }) => target)).toEqual(['a/m', 'b/m']);
  });

  test('leaves the route where it was when nobody could be asked', async () => {
    const world = new World();
    const { route } = await world.run();
    const { route: more } = await world.run({ only: ['nobody'] });
    extendRoute(route, more);
    expect(route).toMatchObject({ target: 'a/m', failover: false });
    expect(route.attempts.length).toBe(1);
  });

  // The budget was spent while the first part of a stream was read. Its other part was refused, though calls under way are to go on.
  test.each(['reject', 'cheapest'] as const)('goes on when the budget was spent meanwhile (%s)', async (onExceeded) => {
    const price = (inputPerMillionUSD: number) => ({ inputPerMillionUSD, outputPerMillionUSD: 0 });
    const prices = { 'a/m': price(1e6), 'b/m': price(2e6) };
    const world = new World({ prices, budget: { perDayUSD: 1, onExceeded }, script: 'a:200;in=5 a:503 b:200' });
    await world.run();
    const continues = { requestId: 'x', attempts: 1 };
    expect(await world.trail({ continues, maxRetries: 0 })).toBe('a:overloaded b:ok');
  });

  test('is not held back', async () => {
    const world = new World({ limits: { throttle: true }, random: () => 0, breaker: false });
    for (let call = 0; call < 100; call += 1) world.engine.throttleOf('m')?.sent(false, 0);
    expect((await world.run()).outcome.kind).toBe('limit_exceeded');
    expect(await world.trail({ continues: { requestId: 'x', attempts: 1 } })).toBe('a:ok');
  });
});
