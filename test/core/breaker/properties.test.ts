import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../packages/core/src/base/random.js';
import { createBreaker, type Mark, type Result } from '../../../packages/core/src/breaker/breaker.js';
import { resolveBreakerOptions } from '../../../packages/core/src/breaker/options.js';
import { type ObservedOptions, Observer } from './observer.js';

type Step =
  | { do: 'acquire' }
  | { do: 'settle'; which: number; mark: Mark; result: Result | undefined }
  | { do: 'release'; which: number }
  | { do: 'tick'; ms: number }
  | { do: 'wait' };

const marks = fc.constantFrom<Mark>('success', 'failure', 'failure', 'ignored');
const result: fc.Arbitrary<Result | undefined> = fc.option(
  fc.record({ durationMs: fc.nat(2_000), retryAfterMs: fc.constantFrom(undefined, undefined, 0, 700, 20_000) }),
  { nil: undefined },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.constant<Step>({ do: 'acquire' }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('settle' as const), which: fc.nat(), mark: marks, result }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('release' as const), which: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('tick' as const), ms: fc.oneof(fc.nat(50), fc.nat(200_000)) }) },
  { weight: 2, arbitrary: fc.constant<Step>({ do: 'wait' }) },
);
/** The default size makes scripts of about ten steps, in which a permit that leaks is never missed. */
const steps = fc.array(step, { size: 'max', maxLength: 250 });

const options: fc.Arbitrary<ObservedOptions> = fc
  .record(
    {
      failureStreak: fc.constantFrom<(number | false)[]>(1, 2, 5, false),
      minRequests: fc.integer({ min: 1, max: 8 }),
      failureRate: fc.constantFrom<(number | false)[]>(0.25, 0.5, 1, false),
      slowRate: fc.constantFrom(0.3, 0.5, 1),
      windowMs: fc.constantFrom(12, 1_200, 60_000),
      openMs: fc.integer({ min: 1, max: 5_000 }),
      openMultiplier: fc.constantFrom(1, 1.5, 2),
      jitter: fc.constantFrom(0, 0.2, 1),
      probes: fc.integer({ min: 1, max: 3 }),
      closeAfter: fc.integer({ min: 1, max: 4 }),
      leaseMs: fc.constantFrom(1, 500, 60_000),
      levelDecayMs: fc.constantFrom(10, 60_000),
      slowMs: fc.constantFrom(1, 1_000),
      halfOpenRate: fc.constantFrom(0.3, 0.5, 1),
      dice: fc.record({ share: fc.constantFrom(0, 0.1, 0.5, 1), most: fc.integer({ min: 1, max: 3 }) }),
    },
    {
      requiredKeys: [
        'failureStreak',
        'minRequests',
        'failureRate',
        'slowRate',
        'windowMs',
        'openMs',
        'openMultiplier',
        'jitter',
        'probes',
        'closeAfter',
        'leaseMs',
        'levelDecayMs',
      ],
    },
  )
  .map((one) => (one.failureRate === false ? { ...one, failureStreak: one.failureStreak || 2 } : one));

/** Nothing but the numbers, for breakers that are made without an observer. */
function numbersOf({ halfOpenRate, dice, ...numbers }: ObservedOptions) {
  return numbers;
}

function run(observer: Observer, script: readonly Step[]): Observer {
  for (const one of script) {
    if (one.do === 'acquire') observer.acquire();
    else if (one.do === 'tick') observer.tick(one.ms);
    else if (one.do === 'wait') observer.tick(Math.min(observer.breaker.retryAfterMs(observer.now), 1e9));
    else if (observer.calls.length > 0) {
      // Mostly the calls of late, sometimes one of long ago, settled already or not.
      const from = one.which % 4 === 0 ? observer.calls : observer.calls.slice(-4);
      const call = from[one.which % from.length];
      if (call && one.do === 'settle') observer.settle(call, one.mark, one.result);
      else if (call) observer.release(call);
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
      { numRuns: 400, ...BOUNDED },
    );
    expect(transitions).toBeGreaterThan(1_000);
  });

  test('B3: from wherever it has got to, a healthy target closes it, though nothing under way ever comes back', () => {
    fc.assert(
      fc.property(options, steps, fc.nat(), (input, script, seed) => {
        run(new Observer(input, seededRandom(seed)), script).recover();
      }),
      { numRuns: 300, ...BOUNDED },
    );
  });

  test('B5: forced open, by mode or without end, it issues no permit and does not leave by itself', () => {
    const means = fc.constantFrom('mode', 'openFor');
    fc.assert(
      fc.property(options, steps, fc.array(fc.nat(1e9), { maxLength: 20 }), means, (input, script, gaps, by) => {
        const { breaker, calls, now: start } = run(new Observer(input), script);
        if (by === 'mode') breaker.setMode('forced-open', start);
        else breaker.openFor(Number.POSITIVE_INFINITY, start, 'by hand');
        let now = start;
        for (const gap of gaps) {
          now += gap;
          for (const call of calls.splice(0, 3)) expect(call.permit.settle('success', now)).toBeUndefined();
          if (by === 'mode') breaker.nudge(now);
          expect([breaker.peek(now), breaker.tryAcquire(now), breaker.snapshot(now).state]).toEqual([
            'rejected',
            undefined,
            'open',
          ]);
        }
      }),
      { numRuns: 100, ...BOUNDED },
    );
  });

  test('B6: ignored calls alone neither open it nor are recorded', () => {
    fc.assert(
      fc.property(options, fc.array(fc.nat(10_000), { size: 'max', maxLength: 300 }), (input, gaps) => {
        const observer = new Observer(input);
        for (const gap of gaps) {
          observer.tick(gap);
          const call = observer.acquire();
          if (call) observer.settle(call, 'ignored', { durationMs: 90_000, retryAfterMs: 5_000 });
        }
        expect(observer.breaker.snapshot(observer.now)).toMatchObject({
          state: 'closed',
          stats: { total: 0, failures: 0, durationMs: 0 },
        });
      }),
      { numRuns: 100, ...BOUNDED },
    );
  });

  test('B7: an ignored probe returns its place at once', () => {
    fc.assert(
      fc.property(options, fc.integer({ min: 1, max: 500 }), (input, times) => {
        const observer = new Observer({ ...input, failureStreak: 1 }, () => 0);
        const call = observer.acquire();
        if (call) observer.settle(call, 'failure');
        observer.tick(observer.breaker.retryAfterMs(0));
        // Without a second in between, so that it is not the lease's end nor the rule against starving that makes room.
        const share = input.dice?.share ?? 1;
        for (let i = 0; i < (share === 0 ? 1 : times); i++) {
          const probe = observer.acquire();
          expect(probe?.permit.probe).toBe(true);
          if (probe) observer.settle(probe, 'ignored');
        }
        expect(observer.breaker.snapshot(observer.now)).toMatchObject({ probesOut: 0, stats: { total: 0 } });
      }),
      { numRuns: 100, ...BOUNDED },
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
      { numRuns: 200, ...BOUNDED },
    );
  });

  test('B9: the waits of 2000 openings in a row never shrink, stay under their limit and stay finite', () => {
    fc.assert(
      fc.property(options, fc.constantFrom(1, 1.0001, 2, 1e6, Number.MAX_VALUE), (input, openMultiplier) => {
        const numbers = { ...numbersOf(input), failureStreak: 1, jitter: 0, openMultiplier };
        const breaker = createBreaker(resolveBreakerOptions(numbers), () => 0);
        let now = 0;
        let last = 0;
        for (let i = 0; i < 2_000; i++) {
          now += breaker.retryAfterMs(now);
          const transition = breaker.tryAcquire(now)?.settle('failure', now);
          const wait = transition?.openForMs ?? Number.NaN;
          if (!(wait >= last && wait <= 30_000 && Number.isSafeInteger(transition?.level)))
            expect.fail(`wait ${wait} after ${last}`);
          last = wait;
        }
      }),
      { numRuns: 30, ...BOUNDED },
    );
  });

  test('its counts and its level survive a clock that steps back', () => {
    const instant = fc.integer({ min: -1e6, max: 1e6 });
    fc.assert(
      fc.property(options, fc.array(fc.tuple(instant, marks), { size: 'max', maxLength: 100 }), (input, script) => {
        const { breaker } = new Observer(input, () => 0.5);
        for (const [now, mark] of script) {
          breaker.tryAcquire(now)?.settle(mark, now);
          const { stats, level, sinceMs, openForMs } = breaker.snapshot(now);
          expect(stats.failures).toBeLessThanOrEqual(stats.total);
          expect(Math.min(stats.failures, stats.total, stats.durationMs, level, sinceMs, openForMs)).toBe(
            Math.max(0, Math.min(stats.failures, stats.total, stats.durationMs, level, sinceMs, openForMs)),
          );
        }
      }),
      { numRuns: 100, ...BOUNDED },
    );
  });
});
