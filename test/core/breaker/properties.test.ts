import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../packages/core/src/base/random.js';
import { createBreaker, type Mark } from '../../../packages/core/src/breaker/breaker.js';
import { type BreakerOptions, resolveBreakerOptions } from '../../../packages/core/src/breaker/options.js';
import { Observer } from './observer.js';

type Step =
  | { do: 'acquire' }
  | { do: 'settle'; which: number; mark: Mark }
  | { do: 'tick'; ms: number }
  | { do: 'wait' };

const marks = fc.constantFrom<Mark>('success', 'failure', 'failure', 'ignored');
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Step>({ do: 'acquire' }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('settle' as const), which: fc.nat(), mark: marks }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('tick' as const), ms: fc.oneof(fc.nat(50), fc.nat(200_000)) }) },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'wait' }) },
);
const steps = fc.array(step, { size: 'max', maxLength: 250 });

const options: fc.Arbitrary<BreakerOptions> = fc
  .record({
    failureStreak: fc.constantFrom<(number | false)[]>(1, 2, 5, false),
    minRequests: fc.integer({ min: 1, max: 8 }),
    failureRate: fc.constantFrom<(number | false)[]>(0.25, 0.5, 1, false),
    windowMs: fc.constantFrom(12, 1_200, 60_000),
    openMs: fc.integer({ min: 1, max: 5_000 }),
    openMultiplier: fc.constantFrom(1, 1.5, 2),
    jitter: fc.constantFrom(0, 0.2, 1),
    probes: fc.integer({ min: 1, max: 3 }),
    closeAfter: fc.integer({ min: 1, max: 4 }),
    leaseMs: fc.constantFrom(1, 500, 60_000),
    levelDecayMs: fc.constantFrom(10, 60_000),
  })
  .map((one) => (one.failureRate === false ? { ...one, failureStreak: one.failureStreak || 2 } : one));

function run(observer: Observer, script: readonly Step[]): Observer {
  for (const one of script) {
    if (one.do === 'acquire') observer.acquire();
    else if (one.do === 'tick') observer.tick(one.ms);
    else if (one.do === 'wait') observer.tick(observer.breaker.retryAfterMs(observer.now));
    else if (observer.calls.length > 0) {
      // Mostly the calls of late, sometimes one of long ago, settled already or not.
      const from = one.which % 4 === 0 ? observer.calls : observer.calls.slice(-4);
      const call = from[one.which % from.length];
      if (call) observer.settle(call, one.mark);
    }
  }
  return observer;
}

/** Making a failing script of hundreds of steps small can take minutes; the smallest found by then has to do. */
const BOUNDED = { interruptAfterTimeLimit: 8_000 } as const;

describe('whatever happens to a breaker', () => {
  test('B1, B2, B4, B7, B8: probes bounded, late results inert, four transitions, waits within bounds', () => {
    let transitions = 0;
    fc.assert(
      fc.property(options, steps, fc.nat(), (input, script, seed) => {
        transitions += run(new Observer(input, seededRandom(seed)), script).transitions;
      }),
      { numRuns: 200, ...BOUNDED },
    );
    expect(transitions).toBeGreaterThan(200);
  });

  test('B3: from wherever it has got to, a healthy target closes it, though nothing under way ever comes back', () => {
    fc.assert(
      fc.property(options, steps, fc.nat(), (input, script, seed) => {
        run(new Observer(input, seededRandom(seed)), script).recover();
      }),
      { numRuns: 200, ...BOUNDED },
    );
  });

  test('B5: an opening by hand without end issues no permit and does not end by itself', () => {
    fc.assert(
      fc.property(options, steps, fc.array(fc.nat(1e9), { maxLength: 20 }), (input, script, gaps) => {
        const observer = run(new Observer(input), script);
        observer.breaker.openFor(Number.POSITIVE_INFINITY, observer.now, 'by hand');
        let now = observer.now;
        for (const gap of gaps) {
          now += gap;
          for (const call of observer.calls.splice(0, 3)) expect(call.permit.settle('success', now)).toBeUndefined();
          expect([observer.breaker.peek(now), observer.breaker.tryAcquire(now)]).toEqual(['rejected', undefined]);
        }
      }),
      { numRuns: 60, ...BOUNDED },
    );
  });

  test('B6: ignored calls alone neither open it nor are recorded', () => {
    fc.assert(
      fc.property(options, fc.array(fc.nat(10_000), { size: 'max', maxLength: 300 }), (input, gaps) => {
        const observer = new Observer(input);
        for (const gap of gaps) {
          observer.tick(gap);
          const call = observer.acquire();
          if (call) observer.settle(call, 'ignored');
        }
        expect(observer.breaker.snapshot(observer.now)).toMatchObject({
          state: 'closed',
          stats: { total: 0, failures: 0 },
        });
      }),
      { numRuns: 60, ...BOUNDED },
    );
  });

  test('B8: how often it is asked does not move the end of its wait', () => {
    fc.assert(
      fc.property(options, fc.nat(), fc.array(fc.nat(2_000), { maxLength: 50 }), (input, seed, looks) => {
        const opened = () => {
          const observer = new Observer({ ...input, failureStreak: 1 }, seededRandom(seed));
          const call = observer.acquire();
          if (call) observer.settle(call, 'failure');
          return observer.breaker;
        };
        const [asked, alone] = [opened(), opened()];
        const end = alone.retryAfterMs(0);
        for (const now of looks.filter((look) => look < end))
          [asked.peek(now), asked.tryAcquire(now), asked.snapshot(now)];
        expect([asked.peek(end - 1), asked.peek(end)]).toEqual(['rejected', 'probe']);
      }),
    );
  });

  test('B9: the waits of 2000 openings in a row never shrink, stay under their limit and stay finite', () => {
    fc.assert(
      fc.property(options, fc.constantFrom(1, 1.0001, 2, 1e6, Number.MAX_VALUE), (input, openMultiplier) => {
        const resolved = resolveBreakerOptions({ ...input, failureStreak: 1, jitter: 0, openMultiplier });
        const breaker = createBreaker(resolved, () => 0);
        let now = 0;
        let last = 0;
        for (let i = 0; i < 2_000; i++) {
          now += breaker.retryAfterMs(now);
          const transition = breaker.tryAcquire(now)?.permit.settle('failure', now);
          const wait = transition?.openForMs ?? Number.NaN;
          if (!(wait >= last && wait <= 30_000 && Number.isSafeInteger(transition?.level)))
            expect.fail(`wait ${wait} after ${last}`);
          last = wait;
        }
      }),
      { numRuns: 20, ...BOUNDED },
    );
  });

  test('its counts and its level survive a clock that steps back', () => {
    const instant = fc.integer({ min: -1e6, max: 1e6 });
    fc.assert(
      fc.property(options, fc.array(fc.tuple(instant, marks), { size: 'max', maxLength: 100 }), (input, script) => {
        const breaker = createBreaker(resolveBreakerOptions(input), () => 0.5);
        for (const [now, mark] of script) {
          breaker.tryAcquire(now)?.permit.settle(mark, now);
          const { stats, level } = breaker.snapshot(now);
          expect(stats.failures).toBeLessThanOrEqual(stats.total);
          expect(Math.min(stats.failures, stats.total)).toBeGreaterThanOrEqual(0);
          expect(level).toBeGreaterThanOrEqual(0);
        }
      }),
      { numRuns: 60, ...BOUNDED },
    );
  });
});
