import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LimitNumbers } from '../../../packages/core/src/limits/limit.js';
import { Limiter } from '../../../packages/core/src/limits/limiter.js';

const all: LimitNumbers = {
  requestsPerMinute: 3,
  tokensPerMinute: 1_000,
  requestsPerDay: 5,
  tokensPerDay: 4_000,
  concurrency: 4,
};
const of = (tokens: number) => ({ tokens });

describe('a limiter', () => {
  test('without numbers never makes anybody wait', () => {
    const limiter = new Limiter('the client', {});
    for (let i = 0; i < 1_000; i += 1) limiter.take(of(1e9), i);
    expect([limiter.wait(of(1e9), 1_000), limiter.left(1_000)]).toEqual([undefined, {}]);
  });

  test('names the limit that takes the longest', () => {
    const limiter = new Limiter('seoul', all);
    expect(limiter.wait(of(600), 0)).toBeUndefined();
    limiter.take(of(600), 0);
    expect(limiter.wait(of(600), 0)).toEqual({ waitMs: 61_000, dimension: 'tokensPerMinute' });
    for (let i = 0; i < 2; i += 1) limiter.take(of(0), 30_000);
    expect(limiter.wait(of(10), 30_000)).toEqual({ waitMs: 31_000, dimension: 'requestsPerMinute' });
    for (let i = 0; i < 2; i += 1) limiter.take(of(0), 200_000);
    expect(limiter.wait(of(10), 200_000)).toEqual({ waitMs: Number.MAX_SAFE_INTEGER, dimension: 'concurrency' });
    for (let i = 0; i < 4; i += 1) limiter.settle(200_000, of(0), 0, 200_000);
    expect(limiter.wait(of(10), 200_000)).toEqual({ waitMs: 61 * 1_440_000 - 200_000, dimension: 'requestsPerDay' });
  });

  test('takes and gives back in all dimensions', () => {
    const limiter = new Limiter('seoul', all);
    const fresh = limiter.left(0);
    expect(fresh).toEqual({ ...all });
    limiter.take(of(700), 100);
    expect(limiter.left(100)).toEqual({
      requestsPerMinute: 2,
      tokensPerMinute: 300,
      requestsPerDay: 4,
      tokensPerDay: 3_300,
      concurrency: 3,
    });
    limiter.cancel(100, of(700), 50_000);
    expect(limiter.left(50_000)).toEqual(fresh);
  });

  test('settles with what was used: the request and its place are counted, the rest of the tokens comes back', () => {
    const limiter = new Limiter('seoul', all);
    limiter.take(of(700), 100);
    limiter.settle(100, of(700), 150, 20_000);
    expect(limiter.left(20_000)).toEqual({
      requestsPerMinute: 2,
      tokensPerMinute: 850,
      requestsPerDay: 4,
      tokensPerDay: 3_850,
      concurrency: 4,
    });
  });

  test('charges what was used above the reservation', () => {
    const limiter = new Limiter('seoul', { tokensPerMinute: 1_000 });
    limiter.take(of(700), 0);
    limiter.settle(0, of(700), 2_500, 20_000);
    expect([limiter.left(20_000), limiter.wait(of(1), 20_000)?.waitMs]).toEqual([{ tokensPerMinute: 0 }, 102_000]);
    expect(limiter.left(122_000)).toEqual({ tokensPerMinute: 500 });
  });

  test.each([undefined, Number.NaN, -1, Number.POSITIVE_INFINITY])(
    'keeps what was reserved when told %s tokens',
    (actual) => {
      const limiter = new Limiter('seoul', all);
      limiter.take(of(700), 0);
      limiter.settle(0, of(700), actual, 0);
      expect(limiter.left(0).tokensPerMinute).toBe(300);
    },
  );

  test('counts whole tokens, and nonsense as none', () => {
    const limiter = new Limiter('seoul', { tokensPerMinute: 1_000 });
    for (const tokens of [0.2, 9.5, Number.NaN, -7]) limiter.take(of(tokens), 0);
    expect(limiter.left(0)).toEqual({ tokensPerMinute: 989 });
    limiter.take(of(Number.POSITIVE_INFINITY), 0);
    expect(limiter.wait(of(1), 0)?.waitMs).toBeLessThan(Number.POSITIVE_INFINITY);
  });

  test('lets a burst leave at once and then steadily, where one is given', () => {
    const limiter = new Limiter('seoul', {
      requestsPerMinute: 60,
      tokensPerMinute: 600,
      burst: { requestsPerMinute: 2 },
    });
    limiter.take(of(1), 0);
    limiter.take(of(1), 0);
    expect(limiter.wait(of(1), 0)).toEqual({ waitMs: 1_000, dimension: 'requestsPerMinute' });
    expect(limiter.left(500)).toEqual({ requestsPerMinute: 0, tokensPerMinute: 598 });
  });

  test('tells the end of requests beyond those under way apart from room', () => {
    const limiter = new Limiter('seoul', { concurrency: 1 });
    limiter.settle(0, of(0), undefined, 0);
    limiter.take(of(0), 0);
    expect([limiter.left(0), limiter.wait(of(0), 0)?.dimension]).toEqual([{ concurrency: 0 }, 'concurrency']);
  });

  test('L2: at the end of the wait there is room in all dimensions, a moment before there is not', () => {
    const step = fc.record({ gapMs: fc.nat(20_000), tokens: fc.nat(1_500), isEnded: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { size: 'max', maxLength: 60 }), (steps) => {
        const limiter = new Limiter('seoul', { ...all, burst: { tokensPerMinute: 300 } });
        let now = 0;
        for (const { gapMs, tokens, isEnded } of steps) {
          now += gapMs;
          const waitMs = limiter.wait(of(tokens), now)?.waitMs ?? 0;
          if (waitMs < Number.MAX_SAFE_INTEGER) {
            if (waitMs > 0.01) expect(limiter.wait(of(tokens), now + waitMs - 0.01)).toBeDefined();
            now += waitMs;
            expect(limiter.wait(of(tokens), now)).toBeUndefined();
            limiter.take(of(tokens), now);
          }
          if (isEnded) limiter.settle(now, of(tokens), undefined, now);
        }
      }),
    );
  });
});
