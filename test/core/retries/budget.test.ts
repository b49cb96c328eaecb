import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RetryBudget } from '../../../packages/core/src/retries/budget.js';
import { World } from '../flow/world.js';

describe('the retry budget', () => {
  test('holds twenty at first, and each request earns a fifth', () => {
    const budget = new RetryBudget({ capacity: 20, perRequest: 0.2 });
    for (let i = 0; i < 20; i += 1) expect(budget.withdraw()).toBe(true);
    expect(budget.withdraw()).toBe(false);
    for (let i = 0; i < 4; i += 1) budget.deposit();
    expect(budget.withdraw()).toBe(false);
    budget.deposit();
    expect([budget.withdraw(), budget.withdraw()]).toEqual([true, false]);
  });

  test('never holds more than its capacity', () => {
    const budget = new RetryBudget({ capacity: 2, perRequest: 0.5 });
    for (let i = 0; i < 100; i += 1) budget.deposit();
    expect(budget.tokens).toBe(2);
  });

  test('switched off it never ends', () => {
    const budget = new RetryBudget(false);
    for (let i = 0; i < 1_000; i += 1) expect(budget.withdraw()).toBe(true);
  });

  test('pays out no more than it has and earned, in whatever order', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { size: 'max', maxLength: 400 }), fc.nat(20), (steps, capacity) => {
        const budget = new RetryBudget({ capacity: capacity + 1, perRequest: 0.2 });
        let [earned, spent] = [capacity + 1, 0];
        for (const deposit of steps) {
          if (deposit) budget.deposit();
          else if (budget.withdraw()) spent += 1;
          if (deposit) earned += 0.2;
          expect(spent).toBeLessThanOrEqual(earned + 1e-9);
          expect(budget.tokens).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });
});

describe('going on', () => {
  const small = { budget: { capacity: 1, perRequest: 0 } };

  test.each(['503', '429', 'connect', '404', '401', '402'])('after %s is free: nothing was done', async (word) => {
    const world = new World({ script: `a:${word}`, retries: small });
    await world.run();
    expect(world.engine.budget.tokens).toBe(1);
  });

  test.each(['500', 'reset', 'malformed', '408', '409', 'stream_error_early', 'hang'])(
    'after %s costs nothing the first time in a call, and one from then on: the work may have been done',
    async (word) => {
      const once = new World({ script: `a:${word}`, retries: small });
      expect(await once.trail({ clocks: { attemptMs: 100 } })).toMatch(/ b:ok$/);
      expect(once.engine.budget.tokens).toBe(1);
      const twice = new World({ endpoints: 'a b c', script: `a:${word} b:${word}`, retries: small });
      expect(await twice.trail({ clocks: { attemptMs: 100 } })).toMatch(/ c:ok$/);
      expect(twice.engine.budget.tokens).toBe(0);
    },
  );

  // A trial with one answer in four failing in one of two regions lost five calls in a hundred: the budget ran dry, and the breaker,
  // which opens at one in two, never did.
  test('from a region that fails one call in four loses none of a thousand', async () => {
    const world = new World({
      script: Array.from({ length: 1_000 }, (_, i) => (i % 4 === 0 ? 'a:500' : 'a:200')).join(' '),
    });
    for (let i = 0; i < 1_000; i += 1) expect((await world.run()).outcome.kind).toBe('ok');
  });

  test('a repeat of the same target costs one too', async () => {
    const world = new World({ endpoints: 'a', script: 'a/m:500 a/m:200', retries: small });
    await world.run({ fallbacks: ['big'] });
    expect(world.engine.budget.tokens).toBe(0);
  });

  // A hundred calls that met the same short outage of the only endpoint had twenty repeats among them; the plain client lost none.
  test('with nowhere else to go it is free, as with the official client', async () => {
    const world = new World({ endpoints: 'a', breaker: false, script: `${'a:500 '.repeat(100)}a:200` });
    const calls = Array.from({ length: 100 }, () => world.start());
    await world.clock.runUntilIdle(60_000);
    const kinds = (await Promise.all(calls)).map(({ outcome }) => outcome.kind);
    expect(kinds.filter((kind) => kind !== 'ok')).toEqual([]);
    expect(world.engine.budget.tokens).toBe(20);
  });

  test('ends when nothing is left: the error goes through, is marked and announced', async () => {
    const world = new World({ endpoints: 'a b c d', script: '*:500', retries: small });
    const { outcome, route } = await world.run();
    expect(route.attempts.map((one) => one.target)).toEqual(['a/m', 'b/m', 'c/m']);
    expect(outcome).toMatchObject({ kind: 'server_error', reply: 'a/m' });
    expect(route.retryBudgetExhausted).toBe(true);
    expect(world.of('budget.exhausted')).toEqual([
      { requestId: expect.any(String), at: world.clock.wall(), target: 'd/m' },
    ]);
  });

  test('from a target that its breaker has closed off is free: it is not hit again', async () => {
    const world = new World({ script: 'a:500', retries: small, breaker: { failureStreak: 1 } });
    expect(await world.trail()).toBe('a:server_error b:ok');
    expect(world.engine.budget.tokens).toBe(1);
  });

  test('a call that never wanted to go on is not marked', async () => {
    const world = new World({ script: 'a:400', retries: small });
    expect((await world.run()).route.retryBudgetExhausted).toBe(false);
    expect(world.of('budget.exhausted')).toEqual([]);
  });

  test('in an outage of everything a hundred calls cost a hundred and forty tries more, not seven hundred', async () => {
    const world = new World({ endpoints: 'a b c', script: '*:500', breaker: false });
    for (let i = 0; i < 100; i += 1) await world.run();
    expect(world.sent.length).toBeLessThanOrEqual(100 + 100 + 20 + 0.2 * 100);
    expect(world.sent.length).toBeGreaterThan(230);
  });
});
