import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LearnedLimiter } from '../../../packages/core/src/limits/learned.js';
import type { SeenLimits } from '../../../packages/core/src/outcome/seen-limits.js';

const one = { tokens: 100 };
const huge = { tokens: 5_000 };

/** A limiter that has seen these headers, at a time of its own. */
function told(limits: SeenLimits, now = 1_000): LearnedLimiter {
  const limiter = new LearnedLimiter('seoul/gpt-4.1');
  limiter.seen(limits, now, now);
  return limiter;
}

const waitOf = (limiter: LearnedLimiter, now: number, demand = one) => limiter.wait(demand, now)?.waitMs ?? 0;

/** How many may leave one right after the other. */
function atOnce(limiter: LearnedLimiter, now: number, demand = one): number {
  for (let count = 0; count < 10_000; count += 1) {
    if (limiter.wait(demand, now)) return count;
    limiter.take(demand, now);
  }
  return Number.POSITIVE_INFINITY;
}

describe('a limiter that learns', () => {
  test('holds nothing back while it knows nothing', () => {
    const limiter = new LearnedLimiter('seoul/gpt-4.1');
    expect([limiter.isKnown, limiter.wait(one, 0), limiter.left(0), limiter.limits]).toEqual([
      false,
      undefined,
      {},
      {},
    ]);
    expect(atOnce(limiter, 0)).toBe(Number.POSITIVE_INFINITY);
  });

  test('lets so many leave as headers say are left, and then one after the other', () => {
    const limiter = told({ requests: { limit: 60, remaining: 3 } });
    expect(limiter.limits).toEqual({ requestsPerMinute: 60 });
    expect(atOnce(limiter, 1_000)).toBe(3);
    expect(limiter.wait(one, 1_000)).toEqual({ waitMs: 1_000, dimension: 'requestsPerMinute' });
    expect(waitOf(limiter, 1_999)).toBeCloseTo(1, 6);
    expect(waitOf(limiter, 2_000)).toBe(0);
  });

  test('looks at requests and tokens, and tells which takes longer', () => {
    const limiter = told({ requests: { limit: 60, remaining: 0 }, tokens: { limit: 6_000, remaining: 0 } });
    expect({ ...limiter.wait({ tokens: 50 }, 1_000) }).toEqual({ waitMs: 1_000, dimension: 'requestsPerMinute' });
    expect({ ...limiter.wait({ tokens: 500 }, 1_000) }).toEqual({ waitMs: 5_000, dimension: 'tokensPerMinute' });
    expect(limiter.left(2_000)).toEqual({ requestsPerMinute: 1, tokensPerMinute: 100 });
  });

  test('is not made larger by headers: they may be old', () => {
    const limiter = told({ requests: { limit: 60, remaining: 3 } });
    limiter.seen({ requests: { limit: 60, remaining: 50 } }, 1_000, 1_000);
    expect(atOnce(limiter, 1_000)).toBe(3);
  });

  test('takes from what is left what it has sent since that request', () => {
    const limiter = told({ requests: { limit: 60, remaining: 40 } });
    limiter.take(one, 2_000);
    for (let count = 0; count < 10; count += 1) limiter.take(one, 3_000);
    // Of 20 that were left when it was sent, ten more are on their way; two seconds have brought two.
    limiter.seen({ requests: { limit: 60, remaining: 20 } }, 2_000, 4_000);
    expect(atOnce(limiter, 4_000)).toBe(12);
  });

  test('is not held up by answers that take long, for what was sent meanwhile has filled up meanwhile', () => {
    const limiter = told({ requests: { limit: 60, remaining: 2 } }, 0);
    let sent = 0;
    for (let now = 0; now < 600_000; now += 500) {
      if (waitOf(limiter, now) > 0) continue;
      limiter.take(one, now);
      sent += 1;
      // The provider's bucket is as empty as ours, and its answers take half a minute.
      if (now >= 30_000) limiter.seen({ requests: { limit: 60, remaining: 0, resetMs: 60_000 } }, now - 30_000, now);
    }
    expect(sent).toBeGreaterThan(570);
  });

  test('keeps count when a limit is changed', () => {
    const limiter = told({ requests: { limit: 60, remaining: 10 } });
    expect(limiter.seen({ requests: { limit: 120 } }, 1_000, 1_000)).toBe(true);
    expect(limiter.seen({ requests: { limit: 120 } }, 1_000, 1_000)).toBe(false);
    expect(atOnce(limiter, 1_000)).toBe(70);
    expect(waitOf(limiter, 1_000)).toBe(500);
  });

  test('takes the most that was ever left for the limit where only that is told', () => {
    const limiter = told({ requests: { remaining: 29 } });
    expect(limiter.limits).toEqual({});
    expect(atOnce(limiter, 1_000)).toBe(29);
    expect(waitOf(limiter, 1_000)).toBeCloseTo(60_000 / 29, 3);
    limiter.seen({ requests: { remaining: 59 } }, 61_000, 61_000);
    limiter.seen({ requests: { remaining: 0 } }, 62_000, 62_000);
    // It was a little more than expected that others took.
    expect(waitOf(limiter, 62_000)).toBeCloseTo(60_000 / 59, -2);
  });

  test('waits for the end of a window when nothing is left in it, and has all of it afterwards', () => {
    const limiter = told({ requests: { limit: 60, remaining: 0, resetMs: 20_000 } });
    expect([waitOf(limiter, 1_000), waitOf(limiter, 20_999), waitOf(limiter, 21_000)]).toEqual([20_000, 1, 0]);
    expect(atOnce(limiter, 21_000)).toBe(60);
  });

  test('waits for a reset of what it does not know the limit of', () => {
    const limiter = told({ tokens: { remaining: 0, resetMs: 5_000 } });
    expect({ ...limiter.wait(one, 1_000) }).toEqual({ waitMs: 5_000, dimension: 'tokensPerMinute' });
    expect([waitOf(limiter, 6_000), limiter.isKnown]).toEqual([0, true]);
    limiter.answered(6_000);
    expect(limiter.isKnown).toBe(false);
  });

  test('does not wait until a bucket is full, which is what the reset of one that fills steadily tells', () => {
    const limiter = told({ requests: { limit: 60, remaining: 0, resetMs: 60_000 } });
    expect(waitOf(limiter, 1_000)).toBe(1_000);
  });

  test("knows a day's requests by their reset, whatever the header is called", () => {
    const limiter = told({ requests: { limit: 14_400, remaining: 14_370, resetMs: 179_560 } });
    expect(limiter.limits).toEqual({ requestsPerDay: 14_400 });
    limiter.seen({ requests: { limit: 14_400, remaining: 0, resetMs: 86_400_000 } }, 1_000, 1_000);
    expect(waitOf(limiter, 1_000)).toBeCloseTo(6_000, 3);
  });

  test('knows limits of a day', () => {
    const limiter = told({ tokensPerDay: { limit: 86_400, remaining: 100 } });
    limiter.take(one, 1_000);
    expect({ ...limiter.wait(one, 1_000) }).toEqual({ waitMs: 100_000, dimension: 'tokensPerDay' });
  });

  test('sends what is larger than the limit when all is there, and waits longer afterwards', () => {
    const limiter = told({ tokens: { limit: 1_000, remaining: 1_000 } });
    expect(waitOf(limiter, 1_000, huge)).toBe(0);
    limiter.take(huge, 1_000);
    expect(waitOf(limiter, 1_000)).toBeCloseTo((4_100 / 1_000) * 60_000, 3);
  });

  test('gives back what was not used, and takes what was used besides', () => {
    const limiter = told({ tokens: { limit: 6_000, remaining: 1_000 } });
    limiter.take({ tokens: 1_000 }, 1_000);
    limiter.settle(1_000, { tokens: 1_000 }, 400, 1_000);
    expect(limiter.left(1_000)).toEqual({ tokensPerMinute: 600 });
    limiter.take(one, 1_000);
    limiter.settle(1_000, one, 300, 1_000);
    expect(limiter.left(1_000)).toEqual({ tokensPerMinute: 300 });
    limiter.take(one, 1_000);
    limiter.cancel(1_000, one, 1_000);
    expect(limiter.left(1_000)).toEqual({ tokensPerMinute: 300 });
  });

  test('believes a 429: what was sent before it gives nothing back', () => {
    const limiter = told({ requests: { limit: 60, remaining: 30 } });
    limiter.take(one, 1_500);
    limiter.refused('requests', 2_000);
    limiter.cancel(1_500, one, 2_000);
    expect(waitOf(limiter, 2_000)).toBeGreaterThan(999);
  });

  test('lets half as many leave at once when it is refused with plenty left: a shorter time is counted too', () => {
    const limiter = told({ requests: { limit: 60, remaining: 60 } });
    for (let now = 2_000; now < 62_000; now += 1_000) {
      limiter.take(one, now);
      limiter.answered(now);
    }
    limiter.seen({ requests: { limit: 60, remaining: 50 } }, 62_000, 62_000);
    limiter.refused('requests', 62_000);
    expect(atOnce(limiter, 162_000)).toBeGreaterThan(20);
    expect(atOnce(limiter, 262_000)).toBeLessThan(30);
  });

  test("does not lower a day's limit for a 429 of a minute's", () => {
    const limiter = told({ requests: { limit: 60, remaining: 50 }, requestsPerDay: { limit: 1_000, remaining: 100 } });
    limiter.refused('requests', 62_000);
    expect(limiter.left(62_000)).toEqual({ requestsPerMinute: 0, requestsPerDay: 100 });
  });

  test('reads headers once in a second, and always when a limit is near', () => {
    const limiter = new LearnedLimiter('seoul/gpt-4.1');
    expect([0, 500, 1_000].map((now) => limiter.wantsHeaders(now))).toEqual([true, false, true]);
    limiter.seen({ requests: { limit: 60, remaining: 29 } }, 1_000, 1_000);
    expect([1_100, 1_200].map((now) => limiter.wantsHeaders(now))).toEqual([true, true]);
  });

  test('ignores headers that say nothing sensible', () => {
    const nonsense = [Number.NaN, -1, Number.POSITIVE_INFINITY, 0];
    for (const limit of nonsense) expect(told({ requests: { limit } }).isKnown).toBe(false);
    for (const remaining of nonsense.slice(0, 3)) expect(told({ tokens: { remaining } }).isKnown).toBe(false);
  });
});

describe('a limiter without headers', () => {
  /** So many answers in each second up to `until`. */
  function answered(limiter: LearnedLimiter, perSecond: number, until: number): void {
    for (let now = until - 60_000; now < until; now += 1_000 / perSecond) {
      limiter.take(one, now);
      limiter.answered(now);
    }
  }

  test('keeps to a little less than what was answered in the minute before a 429', () => {
    const limiter = new LearnedLimiter('seoul/gpt-4.1');
    answered(limiter, 2, 100_000);
    limiter.refused(undefined, 100_000);
    expect(limiter.isKnown).toBe(true);
    expect(waitOf(limiter, 100_000)).toBeCloseTo(500 / 0.85, -2);
    expect(limiter.limits).toEqual({});
  });

  test('counts a burst of 429s once', () => {
    const limiter = new LearnedLimiter('seoul/gpt-4.1');
    answered(limiter, 2, 100_000);
    for (let count = 0; count < 20; count += 1) limiter.refused('requests', 100_000 + count * 100);
    expect(waitOf(limiter, 101_900)).toBeCloseTo(500 / 0.85, -2);
  });

  test('keeps to tokens when those were refused', () => {
    const limiter = new LearnedLimiter('seoul/gpt-4.1');
    answered(limiter, 2, 100_000);
    limiter.refused('tokens', 100_000);
    expect(limiter.wait(one, 100_000)?.dimension).toBe('tokensPerMinute');
    expect(waitOf(limiter, 100_000)).toBeCloseTo(500 / 0.85, -2);
  });

  test('knows nothing by a 429 when hardly anything was answered before: the cooldown is enough', () => {
    const limiter = new LearnedLimiter('seoul/gpt-4.1');
    limiter.take(one, 0);
    limiter.refused(undefined, 100);
    expect([limiter.isKnown, limiter.wait(one, 100)]).toEqual([false, undefined]);
  });

  // A server let fifteen requests a second in. Of the first second of a busy process a rate of a minute was made, which was a twentieth of
  // what it bore, and three calls in four failed while they waited for room.
  test('knows nothing by a 429 when answers have come for less than a third of a minute', () => {
    const limiter = new LearnedLimiter('seoul/gpt-4.1');
    for (let count = 0; count < 15; count += 1) limiter.answered(1_000);
    limiter.refused(undefined, 2_000);
    expect(limiter.isKnown).toBe(false);
    for (let second = 3; second < 25; second += 1)
      for (let count = 0; count < 15; count += 1) limiter.answered(second * 1_000);
    limiter.refused(undefined, 25_000);
    expect(limiter.isKnown).toBe(true);
    expect(limiter.wait(one, 30_000)).toBeUndefined();
  });

  test('tries more, slowly, while it holds requests back', () => {
    const limiter = new LearnedLimiter('seoul/gpt-4.1');
    answered(limiter, 2, 100_000);
    limiter.refused(undefined, 100_000);
    const sentIn = (from: number) => {
      let sent = 0;
      for (let now = from; now < from + 60_000; now += 50) {
        if (waitOf(limiter, now) > 0) continue;
        limiter.take(one, now);
        sent += 1;
      }
      return sent;
    };
    const minutes = [0, 1, 2, 3].map((minute) => sentIn(100_000 + minute * 60_000));
    expect(minutes[0]).toBeGreaterThan(100);
    expect(minutes[3]).toBeGreaterThan(120);
    expect(minutes[3]).toBeLessThan(135);
  });

  test('forgets it three minutes after the last 429, when nobody was held back of late', () => {
    const limiter = new LearnedLimiter('seoul/gpt-4.1');
    answered(limiter, 2, 100_000);
    limiter.refused(undefined, 100_000);
    expect(limiter.isKnown).toBe(true);
    limiter.wait(one, 280_000);
    limiter.answered(280_000);
    expect(limiter.isKnown).toBe(true);
    limiter.wait(one, 281_000);
    limiter.answered(281_000);
    expect(limiter.isKnown).toBe(false);
  });
});

test('whatever happens in whatever order, waits are neither negative nor endless, nor is what is left', () => {
  const number = fc.oneof(fc.constantFrom(0, 1, -1, Number.NaN, 60, 10_000), fc.double({ min: -10, max: 1e7 }));
  const limit = fc.record({ limit: number, remaining: number, resetMs: number }, { requiredKeys: [] });
  const step = fc.record({
    what: fc.constantFrom('take', 'settle', 'cancel', 'seen', 'refused', 'answered'),
    // Clocks may step back.
    passedMs: fc.integer({ min: -5_000, max: 90_000 }),
    agoMs: fc.integer({ min: 0, max: 120_000 }),
    tokens: fc.integer({ min: 0, max: 20_000 }),
    limits: fc.record({ requests: limit, tokens: limit, requestsPerDay: limit }, { requiredKeys: [] }),
    dimension: fc.constantFrom('requests' as const, 'tokens' as const, undefined),
  });
  fc.assert(
    fc.property(fc.array(step, { size: 'max', maxLength: 100 }), (steps) => {
      const limiter = new LearnedLimiter('any');
      let now = 1_000_000;
      for (const { what, passedMs, agoMs, tokens, limits, dimension } of steps) {
        now += passedMs;
        if (what === 'take') limiter.take({ tokens }, now);
        else if (what === 'settle') limiter.settle(now - agoMs, one, tokens, now);
        else if (what === 'cancel') limiter.cancel(now - agoMs, { tokens }, now);
        else if (what === 'seen') limiter.seen(limits, now - agoMs, now);
        else if (what === 'refused') limiter.refused(dimension, now);
        else limiter.answered(now);
        const wait = limiter.wait({ tokens }, now);
        if (wait) expect(wait.waitMs > 0 && wait.waitMs < Number.POSITIVE_INFINITY).toBe(true);
        for (const left of Object.values(limiter.left(now))) expect(left >= 0).toBe(true);
      }
    }),
  );
});
