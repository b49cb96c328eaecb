import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../packages/core/src/base/random.js';
import { type Breaker, createBreaker } from '../../../packages/core/src/breaker/breaker.js';
import { type BreakerOptions, resolveBreakerOptions } from '../../../packages/core/src/breaker/options.js';
import { type Permits, permits } from '../../../packages/core/src/breaker/permits.js';

const never = () => {
  throw new Error('nobody asked for dice');
};

/** A breaker whose wait of a second is over at 0; its probes never settle unless a test does it. */
function waitedOut(own: Permits, random: () => number = () => 0.999, options: BreakerOptions = {}): Breaker {
  const given = { failureStreak: 1, openMs: 1_000, jitter: 0, permits: own, ...options };
  const breaker = createBreaker(resolveBreakerOptions(given), random);
  breaker.tryAcquire(-1_000)?.settle('failure', -1_000);
  return breaker;
}

const admittedAt = (breaker: Breaker, times: readonly number[]) =>
  times.filter((now) => breaker.tryAcquire(now) !== undefined);

describe('a limit', () => {
  test('lets one through at a time, or as many as it says, without dice', () => {
    expect(admittedAt(waitedOut(permits.single(), never), [0, 0, 1])).toEqual([0]);
    expect(admittedAt(waitedOut(permits.limit(3), never), [0, 0, 1, 1, 2])).toEqual([0, 0, 1]);
  });

  test('counts what is under way and not what was let through: a settled probe makes room', () => {
    const breaker = waitedOut(permits.limit(2), never, { closeAfter: 9 });
    const first = breaker.tryAcquire(0);
    breaker.tryAcquire(0);
    expect(breaker.peek(0)).toBe('rejected');
    first?.settle('success', 1);
    expect(admittedAt(breaker, [1, 1])).toEqual([1]);
  });
});

describe('a share', () => {
  test('lets the first call through whatever the dice say', () => {
    expect(admittedAt(waitedOut(permits.random(0)), [0, 1, 2])).toEqual([0]);
  });

  // At one call in ten, a target with a call every minute stayed half-open for ten minutes after it was well again.
  test('lets one through whenever none was for a second', () => {
    const breaker = waitedOut(permits.random(0));
    expect(admittedAt(breaker, [0, 500, 999, 1_000, 1_001, 1_999, 2_000, 60_000, 60_999])).toEqual([
      0, 1_000, 2_000, 60_000,
    ]);
  });

  test('counts the second from the last call that was let through, by dice too', () => {
    const dice = [0.9, 0.05, 0.9, 0.9];
    const breaker = waitedOut(permits.random(0.1), () => dice.shift() ?? 0.9);
    expect(admittedAt(breaker, [0, 600, 700, 1_600, 1_699, 1_700])).toEqual([0, 700, 1_700]);
  });

  test('tells whom it refused when somebody is let through whatever the dice say', () => {
    const breaker = waitedOut(permits.random(0));
    breaker.tryAcquire(0)?.settle('ignored', 0);
    expect(breaker.retryAfterMs(300)).toBe(0);
    expect([breaker.tryAcquire(300), breaker.retryAfterMs(300), breaker.retryAfterMs(999.5)]).toEqual([
      undefined,
      700,
      1,
    ]);
    // A clock that stepped back makes nobody wait for more than a second.
    expect(breaker.retryAfterMs(-5_000)).toBe(1_000);
    expect([breaker.retryAfterMs(1_000), breaker.tryAcquire(1_000)?.probe]).toEqual([0, true]);
  });

  test('lets nobody through beyond its limit, starved or not', () => {
    const breaker = waitedOut(permits.random(1, { most: 2 }), () => 0);
    expect(admittedAt(breaker, [0, 0, 0, 5_000])).toEqual([0, 0]);
  });

  test('holds ten at a time unless told otherwise', () => {
    const breaker = waitedOut(permits.random(1), () => 0);
    expect(admittedAt(breaker, new Array<number>(30).fill(0))).toHaveLength(10);
  });

  test('is the share of the calls that it says', () => {
    const breaker = waitedOut(permits.random(0.3, { most: 10_000 }), seededRandom(7));
    const admitted = admittedAt(
      breaker,
      Array.from({ length: 10_000 }, (_, at) => at / 1_000),
    );
    expect(admitted.length).toBeGreaterThan(2_800);
    expect(admitted.length).toBeLessThan(3_200);
  });
});

describe('a ramp', () => {
  const rampUp = permits.rampUp({ from: 0.2, to: 0.8, durationMs: 1_000 });

  test('grows evenly from its beginning to its end and stays there', () => {
    const least = (ms: number) => [0.19, 0.21, 0.49, 0.51, 0.79, 0.81].filter((dice) => rampUp.admits(ms, () => dice));
    expect(least(-5)).toEqual([0.19]);
    expect(least(0)).toEqual([0.19]);
    expect(least(500)).toEqual([0.19, 0.21, 0.49]);
    expect(least(1_000)).toEqual([0.19, 0.21, 0.49, 0.51, 0.79]);
    expect(least(1e9)).toEqual([0.19, 0.21, 0.49, 0.51, 0.79]);
  });

  test('begins at a tenth and ends at everybody unless told otherwise', () => {
    const own = permits.rampUp({ durationMs: 60_000 });
    expect([own.admits(0, () => 0.099), own.admits(0, () => 0.1), own.admits(60_000, () => 0.999)]).toEqual([
      true,
      false,
      true,
    ]);
    expect(own.most).toBe(10);
  });

  test('is measured from when the breaker half-opened, and starts anew with each', () => {
    const breaker = waitedOut(permits.rampUp({ from: 0, to: 1, durationMs: 1_000 }), () => 0.4, { openMultiplier: 1 });
    const first = breaker.tryAcquire(10_000);
    expect(admittedAt(breaker, [10_300, 10_401])).toEqual([10_401]);
    first?.settle('failure', 10_500);
    expect(admittedAt(breaker, [20_000, 20_300, 20_401])).toEqual([20_000, 20_401]);
  });

  test('lets the first through, and one a second after, where it begins at nobody', () => {
    const breaker = waitedOut(permits.rampUp({ from: 0, to: 0, durationMs: 1_000 }), () => 0);
    expect(admittedAt(breaker, [0, 999, 1_000, 1_500, 2_000])).toEqual([0, 1_000, 2_000]);
  });
});

test('whatever the dice and the share, no second goes by without a call let through while there is room', () => {
  const shares = fc.constantFrom(
    permits.random(0),
    permits.random(0.1),
    permits.rampUp({ durationMs: 60_000, most: 3 }),
    permits.rampUp({ from: 0, to: 0.2, durationMs: 5_000 }),
  );
  fc.assert(
    fc.property(shares, fc.nat(), fc.array(fc.nat(400), { size: 'max', maxLength: 200 }), (own, seed, gaps) => {
      const breaker = waitedOut(own, seededRandom(seed));
      let [now, last] = [0, Number.NEGATIVE_INFINITY];
      for (const gap of gaps) {
        now += gap;
        const permit = breaker.tryAcquire(now);
        if (permit) {
          permit.settle('ignored', now);
          last = now;
        } else if (now - last >= 1_000) expect.fail(`nobody let through at ${now}, the last was at ${last}`);
      }
    }),
    { numRuns: 100 },
  );
});

test('peeking throws no dice: what the answer would be is not decided before somebody asks', () => {
  let draws = 0;
  const breaker = waitedOut(permits.random(0.5), () => {
    draws += 1;
    return 0.9;
  });
  breaker.tryAcquire(0);
  for (let i = 0; i < 50; i++) [breaker.peek(i), breaker.snapshot(i), breaker.retryAfterMs(i)];
  expect(draws).toBe(0);
  breaker.tryAcquire(50);
  expect(draws).toBe(1);
});

describe('numbers that would let nobody through', () => {
  // A limit of 0 gave the one probe that follows the wait and then none for ever: the target was lost until a restart.
  const none = null as unknown as object;
  test.each<[string, () => unknown, string]>([
    ['a limit of 0', () => permits.limit(0), 'permits.limit must be a positive integer, but is 0'],
    ['a limit of NaN', () => permits.limit(Number.NaN), 'permits.limit must be a positive integer, but is NaN'],
    ['half a probe', () => permits.limit(0.5), 'permits.limit must be a positive integer, but is 0.5'],
    ['a share of NaN', () => permits.random(Number.NaN), 'permits.random must be a number from 0 to 1, but is NaN'],
    ['a share in percent', () => permits.random(50), 'permits.random must be a number from 0 to 1, but is 50'],
    [
      'a share with room for none',
      () => permits.random(0.5, { most: 0 }),
      'permits.random.most must be a positive integer, but is 0',
    ],
    [
      'a share with options that are none',
      () => permits.random(0.5, none),
      'permits.random must be an object, but is null',
    ],
    [
      'a share with a typing error',
      () => permits.random(0.5, { mots: 5 } as object),
      'permits.random.mots is not an option; the options are most',
    ],
    [
      'a ramp without a duration',
      () => permits.rampUp({} as { durationMs: number }),
      'permits.rampUp.durationMs is required',
    ],
    [
      'a ramp of 0 ms',
      () => permits.rampUp({ durationMs: 0 }),
      'permits.rampUp.durationMs must be a number above 0, but is 0',
    ],
    [
      'a ramp to more than all',
      () => permits.rampUp({ durationMs: 5, to: 2 }),
      'permits.rampUp.to must be a number from 0 to 1, but is 2',
    ],
    [
      'a ramp with room for none',
      () => permits.rampUp({ durationMs: 5, most: 0 }),
      'permits.rampUp.most must be a positive integer, but is 0',
    ],
  ])('%s are refused by name', (_, make, fault) => {
    expect(make).toThrow(new TypeError(fault));
  });
});
