import { describe, expect, test } from 'vitest';
import { World } from './world.js';

const big = { fallbacks: ['big'] };

describe('when the same target is asked again', () => {
  const lone = { endpoints: 'a', breaker: false } as const;

  test('a lone 500 is repeated once before the next model', async () => {
    const world = new World({ ...lone, script: 'a/m:500' });
    expect(await world.trail(big)).toBe('a:server_error a:server_error a/big:ok');
    expect(world.sent.map((one) => one.at)).toEqual([0, 125, 125]);
  });

  test.each([
    ['a 500', '500', 'a:server_error a:server_error a:server_error'],
    ['a reset', 'reset', 'a:reset a:reset a:reset'],
    ['a refused connection', 'connect', 'a:connect a:connect a:connect'],
    ['a conflict', '409', 'a:conflict a:conflict a:conflict'],
    ['a 503 that asks for a short rest', '503', 'a:overloaded a:overloaded a:overloaded'],
    ['a short rate limit', '429;after=100', 'a:rate_limit a:rate_limit a:rate_limit'],
    ['silence, which is never asked twice', 'hang', 'a:attempt_timeout'],
    ['nonsense, which is not repeated', 'malformed', 'a:malformed'],
    ['an unknown model', '404', 'a:not_found'],
    ['a refused key', '401', 'a:auth'],
    ['a long rate limit', '429;after=20000', 'a:rate_limit a:rate_limit a:rate_limit'],
    ['a rate limit that the official client would not wait for', '429;after=60001', 'a:rate_limit'],
  ])('with nowhere else to go: %s', async (_, word, trail) => {
    const world = new World({ ...lone, script: `a:${word}` });
    expect(await world.trail({ timeoutMs: 600_000, clocks: { attemptMs: 5_000 } })).toBe(trail);
  });

  test('maxRetries bounds the repeats on one target', async () => {
    for (const maxRetries of [0, 1, 4]) {
      const world = new World({ ...lone, script: 'a:500' });
      expect((await world.run({ maxRetries })).route.attempts).toHaveLength(maxRetries + 1);
    }
  });

  test('a maxRetries that is no number repeats nothing', async () => {
    const world = new World({ ...lone, script: 'a:500' });
    expect((await world.run({ maxRetries: Number.NaN })).route.attempts).toHaveLength(1);
  });

  test('the dice do not decide how often: a long backoff is waited for when nothing else is left', async () => {
    const world = new World({ ...lone, script: 'a:500', random: () => 0.99, retries: { maxAttempts: 20 } });
    expect((await world.run({ maxRetries: 7 })).route.attempts).toHaveLength(8);
  });

  test('a maxWaitMs of 0 forbids waiting for a cooldown, not the backoff of a repeat', async () => {
    const world = new World({ ...lone, script: 'a:500 a:200', retries: { maxWaitMs: 0 } });
    expect(await world.trail()).toBe('a:server_error a:ok');
    world.script = new World({ script: 'a:429;after=1 a:200' }).script;
    expect(await world.trail()).toBe('a:rate_limit');
  });

  test('when everything failed each target gets its repeats, the shortest wait first', async () => {
    const world = new World({ script: '*:500', breaker: false });
    expect(await world.trail({ maxRetries: 1 })).toBe('a:server_error b:server_error a:server_error b:server_error');
  });

  test('a short wait for the asked model is preferred to another model', async () => {
    const world = new World({ ...lone, script: 'a/m:429;after=2500 a/m:200' });
    expect(await world.trail(big)).toBe('a:rate_limit a:ok');
    expect(world.sent.map((one) => one.at)).toEqual([0, 2_750]);
  });

  test('an overload that says when to come back is waited for, one that does not is left for another model', async () => {
    const told = new World({ ...lone, script: 'a/m:503;after=2000 a/m:200' });
    expect(await told.trail(big)).toBe('a:overloaded a:ok');
    const untold = new World({ ...lone, script: 'a/m:503' });
    expect([await untold.trail(big), untold.clock.now()]).toEqual(['a:overloaded a/big:ok', 0]);
    expect([await untold.trail(big), untold.clock.now()]).toEqual(['a/big:ok', 0]);
  });

  test('the asked model is not lingered on with the last attempts that other models need', async () => {
    const world = new World({ ...lone, script: 'a/m:500', retries: { maxAttempts: 2 } });
    expect(await world.trail(big)).toBe('a:server_error a/big:ok');
  });

  test('a longer wait is not', async () => {
    const world = new World({ ...lone, script: 'a/m:429;after=3001' });
    expect(await world.trail(big)).toBe('a:rate_limit a/big:ok');
    expect(world.clock.now()).toBe(0);
  });

  test.each(['500', '409', '408', 'reset'])('a %s that asks for a wait is not repeated before', async (word) => {
    const world = new World({ ...lone, script: `a:${word};after=2000 a:200` });
    expect(await world.trail()).toMatch(/ a:ok$/);
    expect(world.sent.map((one) => one.at)).toEqual([0, 2_000]);
  });

  test('a 500 that asks for a longer wait is not repeated', async () => {
    const world = new World({ ...lone, retries: { maxWaitMs: 3_000 }, script: 'a:500;after=3001 a:200' });
    expect(await world.trail()).toBe('a:server_error');
  });

  test('a cooling target is waited for by the next call too, when its model is nowhere else', async () => {
    const world = new World({ ...lone, script: 'a/m:429;after=2500 a/m:200', retries: { maxWaitMs: 2_800 } });
    expect(await world.trail({ ...big, maxRetries: 0 })).toBe('a:rate_limit a/big:ok');
    expect(await world.trail(big)).toBe('a:ok');
    expect(world.clock.now()).toBe(2_750);
  });

  test('a short wait is never preferred to the same model elsewhere', async () => {
    const world = new World({ script: 'a:429;after=10 b:200;takes=900' });
    expect(await world.trail(big)).toBe('a:rate_limit b:ok');
  });

  test('of two cooling targets the one with the shorter wait is asked first', async () => {
    const world = new World({ script: 'a:429;after=2600 a:200 b:429;after=2300 b:200' });
    expect(await world.trail(big)).toBe('a:rate_limit b:rate_limit b:ok');
    expect(world.clock.now()).toBe(2_530);
  });
});

describe('x-should-retry', () => {
  test('false forbids a repeat that the table would make', async () => {
    const world = new World({ endpoints: 'a', script: 'a:500;repeatable=false' });
    expect(await world.trail()).toBe('a:server_error');
  });

  test('true allows a repeat that the table would not make', async () => {
    const world = new World({ endpoints: 'a', script: 'a:malformed;repeatable=true a:200' });
    expect(await world.trail(big)).toBe('a:malformed a:ok');
  });

  test('true on the caller’s own mistake means this target alone', async () => {
    const world = new World({ script: 'a:400;repeatable=true a:200' });
    expect(await world.trail(big)).toBe('a:caller_error a:ok');
  });

  // The official client repeats a 401 for which the server asks that; a router with one endpoint gave up on the key before it looked.
  test('true on a refused key means the lone target again, with the wait that was asked for', async () => {
    const world = new World({ endpoints: 'a', script: 'a:401;repeatable=true a:402;repeatable=true;after=1500 a:200' });
    expect(await world.trail()).toBe('a:auth a:quota a:ok');
    expect(world.sent.map((one) => one.at)).toEqual([0, 437.5, 1_937.5]);
  });

  test('true on a refused key is the word on that refusal, not on the next', async () => {
    const world = new World({ endpoints: 'a', script: 'a:401;repeatable=true a:401 a:200' });
    expect(await world.trail()).toBe('a:auth a:auth');
  });

  test('true is bounded by maxRetries', async () => {
    const world = new World({ endpoints: 'a', script: 'a:400;repeatable=true' });
    expect(await world.trail()).toBe('a:caller_error a:caller_error a:caller_error');
  });

  test('true never repeats before the same model was asked elsewhere', async () => {
    const world = new World({ script: 'a:500;repeatable=true' });
    expect(await world.trail()).toBe('a:server_error b:ok');
  });
});

describe('nowhere else to go', () => {
  // A server hiccups for half a second: with short random waits all three attempts could fall into it, and the call that the official
  // client saves was lost.
  test.each([0, 0.5, 0.999])(
    'three attempts take a second at least, as the official client’s do (dice at %s)',
    async (dice) => {
      const world = new World({ endpoints: 'a', script: 'a:500', random: () => dice });
      await world.trail();
      const [first = 0, , third = 0] = world.sent.map((one) => one.at);
      expect(third - first).toBeGreaterThan(1_120);
      expect(third - first).toBeLessThanOrEqual(1_500);
    },
  );

  test('what the provider asks for is waited for, no more', async () => {
    const world = new World({ endpoints: 'a', script: 'a:500;after=20 a:200' });
    expect(await world.trail()).toBe('a:server_error a:ok');
    expect(world.sent[1]?.at).toBeLessThan(25);
  });
});
