import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Breaker, createBreaker } from '../../../packages/core/src/breaker/breaker.js';
import { resolveBreakerOptions } from '../../../packages/core/src/breaker/options.js';
import { type BackoffOptions, type Recovery, recovery } from '../../../packages/core/src/breaker/recovery.js';

const never = () => {
  throw new Error('nobody asked for dice');
};
const waitOf = (own: Recovery, level = 0, random: () => number = never) =>
  own.openForMs({ level, reason: 'x' }, random);

/** A breaker that its first failure opens. */
function breakerOf(own: Recovery, random: () => number = () => 0): Breaker {
  return createBreaker(resolveBreakerOptions({ failureStreak: 1, recovery: own }), random);
}

/** Opens a breaker again and again as soon as it lets somebody in; the waits it takes. */
function reopen(breaker: Breaker, times: number): number[] {
  let now = 0;
  return Array.from({ length: times }, () => {
    now += breaker.retryAfterMs(now);
    return breaker.tryAcquire(now)?.settle('failure', now)?.openForMs ?? Number.NaN;
  });
}

describe('a cooldown', () => {
  test('is the same each time, without dice', () => {
    const own = recovery.cooldown({ ms: 700 });
    expect([0, 1, 50].map((level) => waitOf(own, level))).toEqual([700, 700, 700]);
    expect(own.next(3)).toBe(3);
  });

  test('may be longer than the limit of growing waits', () => {
    expect(waitOf(recovery.cooldown({ ms: 90_000 }))).toBe(90_000);
  });

  test('adds up to its jitter', () => {
    const own = recovery.cooldown({ ms: 1_000, jitter: 0.5 });
    expect([0, 0.5, 0.999_999].map((dice) => waitOf(own, 0, () => dice))).toEqual([1_000, 1_250, 1_499]);
  });
});

describe('a backoff', () => {
  test('doubles up to thirty seconds unless told otherwise', () => {
    const own = recovery.backoff({ initialMs: 5_000 });
    expect([0, 1, 2, 3, 4, 5_000].map((level) => waitOf(own, level, () => 0))).toEqual([
      5_000, 10_000, 20_000, 30_000, 30_000, 30_000,
    ]);
  });

  test('does not shorten a first wait that is longer than that', () => {
    expect(waitOf(recovery.backoff({ initialMs: 90_000, jitter: 0 }))).toBe(90_000);
  });

  test('stops its level where the wait stops growing', () => {
    const own = recovery.backoff({ initialMs: 5_000 });
    expect([0, 1, 2, 3, 900].map(own.next)).toEqual([1, 2, 3, 3, 900]);
  });

  const numbers = fc.record({
    initialMs: fc.integer({ min: 1, max: 100_000 }),
    multiplier: fc.oneof(fc.constantFrom(1, 2, Number.MAX_VALUE), fc.double({ min: 1, max: 10, noNaN: true })),
    jitter: fc.double({ min: 0, max: 1, noNaN: true }),
    extraMs: fc.nat(1e7),
  });

  test('B8: a wait lies between its base and that with all of the jitter, whatever the dice', () => {
    const dice = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(numbers, fc.nat(3_000), dice, ({ extraMs, ...given }, level, drawn) => {
        const maxMs = given.initialMs + extraMs;
        const base = Math.round(Math.min(given.initialMs * given.multiplier ** level, maxMs));
        const wait = waitOf(recovery.backoff({ ...given, maxMs }), level, () => drawn);
        expect(Number.isSafeInteger(wait) && wait >= base && wait <= base * (1 + given.jitter)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('B9: the waits of 2000 openings in a row are monotone, capped and finite', () => {
    fc.assert(
      fc.property(numbers, ({ extraMs, ...given }) => {
        const maxMs = given.initialMs + extraMs;
        const waits = reopen(breakerOf(recovery.backoff({ ...given, maxMs, jitter: 0 })), 2_000);
        expect(waits.every((wait, at) => wait >= (waits[at - 1] ?? given.initialMs) && wait <= maxMs)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  test('B8: the dice are thrown once per opening, whatever is asked in between', () => {
    let draws = 0;
    const breaker = breakerOf(recovery.backoff({ initialMs: 1_000, jitter: 1 }), () => {
      draws += 1;
      return 0.5;
    });
    const ends: number[] = [];
    let now = 0;
    for (let opening = 1; opening <= 5; opening++) {
      breaker.tryAcquire(now)?.settle('failure', now);
      const end = now + breaker.retryAfterMs(now);
      for (; now < end; now += 77) {
        expect([breaker.peek(now), breaker.tryAcquire(now), breaker.snapshot(now).state]).toEqual([
          'rejected',
          undefined,
          'open',
        ]);
        expect(breaker.retryAfterMs(now)).toBe(end - now);
      }
      now = end;
      ends.push(end);
      expect(draws).toBe(opening);
    }
    expect(ends).toEqual([1_500, 4_500, 10_500, 22_500, 46_500]);
  });
});

describe('always and never', () => {
  test('always lets the next call probe', () => {
    const breaker = breakerOf(recovery.always());
    breaker.tryAcquire(5)?.settle('failure', 5);
    expect(breaker.snapshot(5).state).toBe('half-open');
    expect(breaker.tryAcquire(5)?.probe).toBe(true);
  });

  test('never stays open until somebody resets it, and can be written as JSON', () => {
    const breaker = breakerOf(recovery.never());
    breaker.tryAcquire(0)?.settle('failure', 0);
    expect([breaker.peek(1e12), JSON.parse(JSON.stringify(breaker.snapshot(0))).openForMs]).toEqual([
      'rejected',
      Number.MAX_SAFE_INTEGER,
    ]);
    breaker.reset(1e12);
    expect(breaker.peek(1e12)).toBe('ok');
  });

  test.each([
    ['always', recovery.always(), 0],
    ['never', recovery.never(), Number.MAX_SAFE_INTEGER],
  ])('%s opens after a failed probe as it did before, at the same level', (_, own, openForMs) => {
    const breaker = breakerOf(own);
    breaker.openFor(100, 0, 'by hand');
    expect(breaker.tryAcquire(100)?.settle('failure', 100)).toMatchObject({ to: 'open', level: 0, openForMs });
  });
});

describe('a recovery of your own', () => {
  test('is told the level, the reason and what the provider asked for', () => {
    const seen: unknown[] = [];
    const breaker = breakerOf(
      recovery.custom((opening) => {
        seen.push(opening);
        return 100 * (opening.level + 1);
      }),
    );
    breaker.tryAcquire(0)?.settle('failure', 0, { retryAfterMs: 50 });
    breaker.tryAcquire(100)?.settle('failure', 100);
    expect(seen).toEqual([
      { level: 0, reason: '1 failure in a row', retryAfterMs: 50 },
      { level: 1, reason: 'a probe failed', retryAfterMs: undefined },
    ]);
    expect(breaker.retryAfterMs(100)).toBe(200);
  });

  test('cannot make the wait shorter than the provider asked for', () => {
    const breaker = breakerOf(recovery.custom(() => 10));
    breaker.tryAcquire(0)?.settle('failure', 0, { retryAfterMs: 3_000 });
    expect(breaker.retryAfterMs(0)).toBe(3_000);
  });

  test.each([
    ['throws', () => never()],
    ['gives NaN', () => Number.NaN],
    ['gives less than nothing', () => -1],
    ['gives nothing', () => undefined as unknown as number],
    ['gives words', () => '5 minutes' as unknown as number],
    ['gives digits', () => '700' as unknown as number],
  ])('is replaced by five seconds when it %s', (_, own) => {
    expect(waitOf(recovery.custom(own))).toBe(5_000);
  });

  // After a night's outage the level stood in the thousands, and so many minutes it would have taken to forget it.
  test('is told no level above 30, however long the outage', () => {
    const levels: number[] = [];
    const breaker = breakerOf(
      recovery.custom(({ level }) => {
        levels.push(level);
        return 10;
      }),
    );
    reopen(breaker, 100);
    expect([levels.length, Math.max(...levels), breaker.snapshot(1e4).level]).toEqual([100, 30, 30]);
  });

  test('may say that it does not wait, or waits without end', () => {
    expect([0, Number.POSITIVE_INFINITY].map((ms) => waitOf(recovery.custom(() => ms)))).toEqual([
      0,
      Number.POSITIVE_INFINITY,
    ]);
  });
});

describe('numbers that are no wait', () => {
  // A cooldown of NaN opened once and was never over.
  test.each<[string, () => unknown, string]>([
    [
      'a cooldown of NaN',
      () => recovery.cooldown({ ms: Number.NaN }),
      'recovery.cooldown.ms must be a number above 0, but is NaN',
    ],
    ['a cooldown of nothing', () => recovery.cooldown({} as { ms: number }), 'recovery.cooldown.ms is required'],
    [
      'a jitter above 1',
      () => recovery.cooldown({ ms: 5, jitter: 2 }),
      'recovery.cooldown.jitter must be a number from 0 to 1, but is 2',
    ],
    [
      'a backoff from nothing',
      () => recovery.backoff({ maxMs: 5 } as BackoffOptions),
      'recovery.backoff.initialMs is required',
    ],
    [
      'a first wait of 0',
      () => recovery.backoff({ initialMs: 0 }),
      'recovery.backoff.initialMs must be a number above 0, but is 0',
    ],
    [
      'a wait that shrinks',
      () => recovery.backoff({ initialMs: 5, multiplier: 0.5 }),
      'recovery.backoff.multiplier must be a number of 1 or more, but is 0.5',
    ],
    // It waited a second and said nothing.
    [
      'a longest wait below the first',
      () => recovery.backoff({ initialMs: 5_000, maxMs: 1_000 }),
      'recovery.backoff.maxMs must be at least initialMs (5000), but is 1000',
    ],
    [
      'a longest wait of less than nothing',
      () => recovery.backoff({ initialMs: 5, maxMs: -1 }),
      'recovery.backoff.maxMs must be a number above 0, but is -1',
    ],
    [
      'a number in place of a function',
      () => recovery.custom(500 as unknown as () => number),
      'recovery.custom must be a function (opening) => ms, but is 500',
    ],
  ])('%s is refused by name', (_, make, fault) => {
    expect(make).toThrow(new TypeError(fault));
  });

  test('are told all at once, one to a line', () => {
    expect(() => recovery.cooldown({ ms: 0, jitter: 2 })).toThrow(
      new TypeError(
        'recovery.cooldown.ms must be a number above 0, but is 0\n' +
          'recovery.cooldown.jitter must be a number from 0 to 1, but is 2',
      ),
    );
  });
});
