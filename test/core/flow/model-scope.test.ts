import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../packages/core/src/base/random.js';
import { Script } from './script.js';
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

  // Both wanted to be tried, so each call went to the first, which was silent, had all of its time, and was lost: 160 of 300.
  test('is tried where the model is served well, and no call is lost to a place that is silent', async () => {
    const options = { failureStreak: 3, openMs: 5_000, slowStartMs: 0, ...breaker } as const;
    const more = { routing: 'adaptive', whenExhausted: 'panic', random: seededRandom(4), script: '*:500' } as const;
    const world = new World({ ...more, breaker: options });
    while (world.of('breaker.opened').length === 0) await world.run({ maxRetries: 0 });
    await world.clock.advance(5_000);
    world.script = new Script('a:hang b:200;takes=500');
    let lost = 0;
    for (let count = 0; count < 300; count += 1) {
      void world.start().then(({ outcome }) => {
        if (outcome.kind !== 'ok') lost += 1;
      });
      await world.clock.advance(1_000);
    }
    await world.clock.advance(120_000);
    expect(lost).toBe(0);
  });

  test('leaves the call that tries it half of its time for the other place', async () => {
    const world = new World({ breaker: { ...breaker, failureStreak: 1, openMs: 5_000 }, script: '*:500' });
    await world.run({ maxRetries: 0 });
    await world.clock.advance(5_000);
    world.script = new Script('a:hang b:200');
    expect(await world.trail()).toBe('a:attempt_timeout b:ok');
    expect(world.sent.at(-1)?.at).toBe(35_000);
  });

  test('counts a stream that breaks after its first content: nobody else is asked any more', async () => {
    const world = new World({ breaker: { ...breaker, failureStreak: 1 }, script: 'a:stream' });
    await world.run({ streamed: true });
    world.streams[0]?.end({ kind: 'stream_error_late' });
    await world.clock.advance(1);
    expect(world.of('breaker.opened')).toHaveLength(1);
  });
});
