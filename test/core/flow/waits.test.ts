import type { VirtualClock } from '@breakwater/simulator';
import { describe, expect, test } from 'vitest';
import type { Clock } from '../../../packages/core/src/base/clock.js';
import { World } from './world.js';

const big = { fallbacks: ['big'] };

/** Fires timers the way platforms do: whole milliseconds, at least one, and what is behind the point is dropped. */
const platform = (clock: VirtualClock): Clock => ({
  now: clock.now,
  wall: clock.wall,
  setTimeout: (run, ms) => clock.setTimeout(run, Math.max(1, Math.trunc(ms))),
  clearTimeout: clock.clearTimeout,
});

describe('what a target asked for is an instant', () => {
  // A timer that fired a fraction early found the target still resting, and then the whole Retry-After was waited for again:
  // four callers in ten who were told to wait 300 ms waited 600.
  test.each(['429;after=300', '503;after=300', '500;after=300.4'])(
    'a %s is waited for once, though timers fire a fraction early',
    async (word) => {
      const world = new World({ endpoints: 'a', script: `a:${word} a:200`, platform, random: () => 0.3333 });
      expect(await world.trail()).toMatch(/ a:ok$/);
      const [, repeatedAt = Number.NaN] = world.sent.map((one) => one.at);
      expect(repeatedAt).toBeGreaterThanOrEqual(300);
      expect(repeatedAt).toBeLessThan(300 * 1.2 + 2);
    },
  );

  // Five seconds spent elsewhere did not count, and the caller waited two more for a time that was long over.
  test('the time that another target took counts', async () => {
    const world = new World({ script: 'a:500;after=2000 a:200 b:500;takes=5000', breaker: false, random: () => 0 });
    expect(await world.trail({ maxRetries: 1 })).toBe('a:server_error b:server_error a:ok');
    expect(world.sent.map((one) => one.at)).toEqual([0, 0, 5_000]);
  });

  test('what is left of it then is still waited for', async () => {
    const world = new World({ script: 'a:500;after=2000 a:200 b:malformed;takes=500', random: () => 0 });
    expect(await world.trail()).toBe('a:server_error b:malformed a:ok');
    expect(world.sent.map((one) => one.at)).toEqual([0, 0, 2_000]);
  });
});

describe('how long a wait may be', () => {
  const retries = { maxWaitMs: 3_000 };

  // The rest with its jitter was compared with maxWaitMs, so with the default of 3 s `Retry-After: 3` was as good as never waited for.
  test.each([0, 0.5, 0.999])('is told by what was asked for, not by the dice (%d)', async (dice) => {
    for (const given of [big, {}]) {
      const world = new World({ endpoints: 'a', script: 'a/m:429;after=3000 a/m:200', random: () => dice });
      expect(await world.trail(given)).toBe('a:rate_limit a:ok');
      expect(world.sent.map((one) => one.at)).toEqual([0, 3_000 + 3_000 * 0.2 * dice]);
      const longer = new World({ endpoints: 'a', script: 'a/m:429;after=3001 a/m:200', random: () => dice, retries });
      expect(await longer.trail(given)).toBe(given === big ? 'a:rate_limit a/big:ok' : 'a:rate_limit');
    }
  });

  test.each([0, 0.5, 0.999])('is told by it for the next call too (%d)', async (dice) => {
    const world = new World({ endpoints: 'a', script: 'a:429;after=4000 a:200', random: () => dice, retries });
    await world.run({ maxRetries: 0 });
    await world.clock.advance(999);
    expect((await world.run()).outcome.kind).toBe('no_target');
    await world.clock.advance(1);
    expect(await world.trail()).toBe('a:ok');
    expect(world.clock.now()).toBe(4_000 * (1 + 0.2 * dice));
  });

  test('is bounded by the time of the call as it will truly be', async () => {
    const call = { timeoutMs: 3_700 };
    const world = new World({ endpoints: 'a', script: 'a:429;after=3000 a:200', random: () => 0 });
    expect(await world.trail(call)).toBe('a:rate_limit a:ok');
    const unlucky = new World({ endpoints: 'a', script: 'a:429;after=3000 a:200', random: () => 0.999 });
    expect([await unlucky.trail(call), unlucky.clock.now()]).toEqual(['a:rate_limit', 0]);
  });

  test('holds for a backoff too while there is another model', async () => {
    const world = new World({
      endpoints: 'a',
      script: 'a/m:409;repeatable=true',
      random: () => 0.999,
      retries: { maxWaitMs: 900, maxAttempts: 20 },
    });
    const trail = await world.trail({ ...big, maxRetries: 9 });
    expect(trail).toBe('a:conflict a:conflict a:conflict a/big:ok');
  });
});
