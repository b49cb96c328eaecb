import { describe, expect, test } from 'vitest';
import { World } from './world.js';

// Half of all attempts failed, those at the dead region, so the breaker of the model opened everywhere: of 194 calls 5 were answered.
describe('a breaker that stands for a model wherever it is', () => {
  const breaker = { scope: 'model', jitter: 0 } as const;

  test('does not open while another place answers for the model', async () => {
    const world = new World({ breaker, script: 'a:500 b:200' });
    for (let call = 0; call < 50; call += 1) expect(await world.trail()).toBe('a:server_error b:ok');
    expect(world.of('breaker.opened')).toEqual([]);
  });

  test('opens when the model fails wherever it is, one failure for each call', async () => {
    const world = new World({
      breaker: { ...breaker, failureStreak: 3 },
      script: 'a:500 b:500',
      retries: { budget: false },
    });
    for (let call = 0; call < 2; call += 1) await world.run({ maxRetries: 0 });
    expect(world.of('breaker.opened')).toEqual([]);
    await world.run({ maxRetries: 0 });
    expect(world.of('breaker.opened')).toMatchObject([{ reason: '3 failures in a row' }]);
  });

  // Nobody followed, and still nothing was counted: it never opened.
  test.each([{ repeatable: false }, {}])('opens where a call may not go on: %o', async (given) => {
    const world = new World({
      breaker: { ...breaker, failureStreak: 3 },
      script: 'a:500 b:500',
      retries: 'repeatable' in given ? {} : { maxAttempts: 1 },
    });
    for (let call = 0; call < 3; call += 1) await world.run(given);
    expect(world.of('breaker.opened')).toHaveLength(1);
  });

  test('closes by a probe that only the second place answers', async () => {
    const world = new World({ breaker: { ...breaker, failureStreak: 1, closeAfter: 1 }, script: 'a:500 b:500 b:200' });
    await world.run({ maxRetries: 0 });
    await world.clock.advance(5_000);
    expect(await world.trail()).toBe('a:server_error b:ok');
    expect(world.of('breaker.closed')).toHaveLength(1);
  });

  test('counts a stream that breaks after its first content: nobody else is asked any more', async () => {
    const world = new World({ breaker: { ...breaker, failureStreak: 1 }, script: 'a:stream' });
    await world.run({ streamed: true });
    world.streams[0]?.end({ kind: 'stream_error_late' });
    await world.clock.advance(1);
    expect(world.of('breaker.opened')).toHaveLength(1);
  });
});
