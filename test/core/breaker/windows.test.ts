import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type CallWindow,
  countWindow,
  Sums,
  statsOf,
  type Tally,
  timeWindow,
  toTicks,
} from '../../../packages/core/src/breaker/windows.js';

const THRESHOLDS = [100, 2_500, 30_000];
const MINUTE = 60_000;

/** A call as the plainest program keeps it. */
interface Call {
  readonly failed: boolean;
  readonly durationMs: number;
  readonly bucket: number;
}

/** What a list of calls comes to, counted anew each time; durations to the tenth of a millisecond, of at most thirty hours. */
function countOf(calls: readonly Call[]) {
  const ticks = calls.map(({ durationMs }) =>
    durationMs > 0 ? Math.min(Math.round(durationMs * 10), 2 ** 30 - 2) : 0,
  );
  return {
    total: calls.length,
    failures: calls.filter(({ failed }) => failed).length,
    durationMs: ticks.reduce((sum, one) => sum + one, 0) / 10,
    slow: THRESHOLDS.map((threshold) => ticks.filter((one) => one >= threshold * 10).length),
  };
}

function read(window: Tally) {
  const { total, failures, durationMs } = window;
  return { total, failures, durationMs, slow: THRESHOLDS.map((threshold) => window.slow(threshold)) };
}

function readAt(window: CallWindow, now: number) {
  window.forget(now);
  return read(window);
}

/** The same as `expect(read).toEqual(model)`, which takes most of the time of a property when it is asked a hundred thousand times. */
function agree(read: ReturnType<typeof countOf>, model: ReturnType<typeof countOf>): void {
  if (JSON.stringify(read) !== JSON.stringify(model)) expect(read).toEqual(model);
}

const NOTHING = { total: 0, failures: 0, durationMs: 0, slow: [0, 0, 0] };

const duration = fc.oneof(
  { weight: 4, arbitrary: fc.nat(60_000) },
  { weight: 2, arbitrary: fc.double({ min: 0, max: 100_000, noNaN: true }) },
  { weight: 2, arbitrary: fc.constantFrom(99.999, 100, 2_499.9994, 2_500, 29_999.9996) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      Number.NaN,
      -1,
      -0,
      Number.NEGATIVE_INFINITY,
      Number.POSITIVE_INFINITY,
      Number.MAX_VALUE,
    ),
  },
);
const call = fc.record({ failed: fc.boolean(), durationMs: duration });

describe('the count window', () => {
  test('counts the last calls and lets go of the oldest', () => {
    const window = countWindow(3).create(THRESHOLDS);
    for (const ms of [50, 100, 3_000, 40_000]) window.record(ms > 1_000, toTicks(ms), 0);
    expect(read(window)).toEqual({ total: 3, failures: 2, durationMs: 43_100, slow: [3, 2, 1] });
  });

  test('keeps its calls however long nothing happens', () => {
    const window = countWindow(3).create();
    window.record(true, toTicks(1), 0);
    window.forget(1e12);
    expect([window.total, window.failures]).toEqual([1, 1]);
  });

  test('holds a hundred calls unless told otherwise', () => {
    const window = countWindow().create();
    for (let i = 0; i < 250; i++) window.record(i < 200, toTicks(1), 0);
    expect([window.total, window.failures]).toEqual([100, 50]);
  });

  test('W3: agrees with a list of the last calls, resets included', () => {
    const step = fc.oneof({ weight: 40, arbitrary: call }, { weight: 1, arbitrary: fc.constant('reset' as const) });
    const instants = fc.oneof(fc.nat(1e6), fc.constant(Number.NaN));
    fc.assert(
      fc.property(
        fc.constantFrom(1, 2, 7, 100),
        fc.array(fc.tuple(step, instants), { size: 'max', maxLength: 400 }),
        (size, steps) => {
          const window = countWindow(size).create(THRESHOLDS);
          let calls: Call[] = [];
          for (const [one, now] of steps) {
            if (one === 'reset') {
              window.reset();
              calls = [];
            } else {
              window.record(one.failed, toTicks(one.durationMs), now);
              calls.push({ ...one, bucket: 0 });
            }
            agree(readAt(window, now), countOf(calls.slice(-size)));
          }
        },
      ),
      { numRuns: 120 },
    );
  });

  test('may be as long as a million calls', () => {
    expect(() => countWindow(1_000_000)).not.toThrow();
  });

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 1_000_001])('refuses %s as its size', (size) => {
    expect(() => countWindow(size)).toThrow(
      new TypeError(`countWindow must be a whole number from 1 to 1000000, but is ${size}`),
    );
  });
});

describe('the time window', () => {
  test('counts calls, failures, durations and slow calls by several thresholds', () => {
    const window = timeWindow().create(THRESHOLDS);
    window.record(false, toTicks(99), 0);
    window.record(true, toTicks(2_500), 1_000);
    window.record(true, toTicks(30_000.5), 30_000);
    expect(readAt(window, 30_000)).toEqual({ total: 3, failures: 2, durationMs: 32_599.5, slow: [2, 2, 1] });
  });

  test('keeps a call for eleven twelfths of its length and forgets it when it is over', () => {
    const window = timeWindow().create(THRESHOLDS);
    window.record(true, toTicks(5), 4_999);
    expect(readAt(window, 59_999).total).toBe(1);
    expect(readAt(window, MINUTE)).toEqual(NOTHING);
  });

  test('forgets an idle hour when it is read, with no call in between', () => {
    const window = timeWindow().create(THRESHOLDS);
    for (let i = 0; i < 4; i++) window.record(true, toTicks(70_000), i);
    expect(readAt(window, 3_600_000)).toEqual(NOTHING);
  });

  test('forgets an idle hour when the next call is recorded', () => {
    const window = timeWindow().create(THRESHOLDS);
    for (let i = 0; i < 4; i++) window.record(true, toTicks(70_000), i);
    window.record(false, toTicks(150), 3_600_000);
    expect(read(window)).toEqual({ total: 1, failures: 0, durationMs: 150, slow: [1, 0, 0] });
  });

  test('forgets exactly what has aged when the gap is shorter than the window', () => {
    const window = timeWindow({ seconds: 12, buckets: 12 }).create(THRESHOLDS);
    for (let second = 0; second < 12; second++) window.record(true, toTicks(1_000), second * 1_000);
    expect([11_999, 12_000, 15_000, 22_999, 23_000].map((now) => readAt(window, now).total)).toEqual([12, 11, 8, 1, 0]);
  });

  test('puts a call into the newest bucket when the clock steps back', () => {
    const window = timeWindow().create(THRESHOLDS);
    window.record(true, toTicks(0), 100_000);
    window.record(true, toTicks(0), 10_000);
    expect(readAt(window, 10_000).total).toBe(2);
    expect(readAt(window, 154_999).total).toBe(2);
    expect(readAt(window, 160_000)).toEqual(NOTHING);
  });

  const gap = fc.oneof(
    { weight: 6, arbitrary: fc.nat(1_000) },
    { weight: 3, arbitrary: fc.nat(30_000) },
    { weight: 2, arbitrary: fc.constantFrom(4_999, 5_000, 5_001, 55_000, MINUTE, 86_400_000) },
    // The clock steps back: a little, by an hour.
    { weight: 1, arbitrary: fc.constantFrom(-1, -4_000, -3_600_000) },
  );
  const moment = fc.record({ gap, call: fc.option(call), mode: fc.integer({ min: 0, max: 60 }) });
  const shape = fc.constantFrom(
    ...[
      [60, 12],
      [60, 1],
      [7, 7],
      [1, 4],
      [3_600, 100],
    ].map(([seconds = 0, buckets = 0]) => ({ seconds, buckets })),
  );

  test('W1, W2: agrees with a list of all calls, over gaps of any length and clocks that step back', () => {
    fc.assert(
      fc.property(
        shape,
        fc.nat(100_000),
        fc.array(moment, { size: 'max', maxLength: 400 }),
        ({ seconds, buckets }, start, steps) => {
          const window = timeWindow({ seconds, buckets }).create(THRESHOLDS);
          const bucketMs = (seconds * 1_000) / buckets;
          let calls: Call[] = [];
          let now = start;
          let newest = Number.NEGATIVE_INFINITY;
          for (const { gap, call, mode } of steps) {
            now += gap;
            // A call of a clock that stepped back belongs to the newest bucket there is.
            newest = Math.max(newest, Math.floor(now / bucketMs));
            if (mode === 0) {
              window.reset();
              calls = [];
              newest = Math.floor(now / bucketMs);
            }
            if (call) {
              window.record(call.failed, toTicks(call.durationMs), now);
              calls.push({ ...call, bucket: newest });
            }
            const kept = calls.filter(({ bucket }) => bucket > newest - buckets);
            agree(readAt(window, now), countOf(kept));
          }
          expect(readAt(window, Math.max(now, (newest + 1) * bucketMs) + seconds * 1_000)).toEqual(NOTHING);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('W2: no sum goes below zero nor beyond what was recorded, wherever the clock goes', () => {
    const instant = fc.oneof(
      fc.double({ min: -1e7, max: 1e7, noNaN: true }),
      fc.integer({ min: -100_000, max: 100_000 }),
      fc.constant(Number.NaN),
    );
    const seconds = fc.constantFrom(0.001, 0.007, 0.1, 60, 86_400);
    fc.assert(
      fc.property(seconds, fc.array(fc.tuple(instant, call), { size: 'max', maxLength: 300 }), (length, calls) => {
        const window = timeWindow({ seconds: length }).create(THRESHOLDS);
        const recorded: Call[] = [];
        for (const [now, { failed, durationMs }] of calls) {
          window.record(failed, toTicks(durationMs), now);
          recorded.push({ failed, durationMs, bucket: 0 });
          const { total, failures, durationMs: sum, slow } = readAt(window, now);
          const all = countOf(recorded);
          const isWithin = total >= 1 && total <= all.total && failures <= all.failures && sum <= all.durationMs;
          const isSound = sum >= 0 && [failures, ...slow].every((one) => one >= 0 && one <= total);
          if (!isWithin || !isSound) expect.fail(`${JSON.stringify(read(window))} of ${JSON.stringify(all)}`);
        }
        expect(readAt(window, 2e7 + length * 2_000)).toEqual(NOTHING);
      }),
      { numRuns: 150 },
    );
  });

  test('forgets everything after its length, also when the length is not a multiple of its buckets', () => {
    const length = fc.integer({ min: 1, max: 100_000 });
    fc.assert(
      fc.property(length, fc.double({ min: 0, max: 1e9, noNaN: true }), (ms, now) => {
        const window = timeWindow({ seconds: ms / 1_000 }).create(THRESHOLDS);
        window.record(true, toTicks(12.345), now);
        expect(readAt(window, now + ms * 0.9).total).toBe(1);
        expect(readAt(window, now + ms * 1.001)).toEqual(NOTHING);
      }),
    );
  });

  // The end of the bucket is rounded to the instant itself: a bucket that ends where it begins would be left with every call.
  test('keeps the calls of an instant in which a bucket ends by rounding', () => {
    const now = 123 * (MINUTE / 7);
    expect((Math.floor(now / (MINUTE / 7)) + 1) * (MINUTE / 7)).toBe(now);
    const window = timeWindow({ seconds: 60, buckets: 7 }).create(THRESHOLDS);
    for (let i = 0; i < 20; i++) window.record(true, 0, now);
    expect([now, now + 40_000, now + MINUTE + 1].map((at) => readAt(window, at).total)).toEqual([20, 20, 0]);
  });

  // Infinity added once and taken off once leaves NaN, and an average that no threshold ever meets again.
  test('comes back to zero after durations that are no durations', () => {
    const window = timeWindow().create(THRESHOLDS);
    for (let i = 0; i < 20_000; i++) window.record(false, toTicks(i % 2 === 0 ? Number.POSITIVE_INFINITY : 0.1), i);
    expect(window.durationMs).toBe((10_000 * (2 ** 30 - 2) + 10_000) / 10);
    expect(readAt(window, 200_000)).toEqual(NOTHING);
  });

  test.each([
    [{ seconds: 0 }, 'seconds must be a number above 0, but is 0'],
    [{ seconds: -1 }, 'seconds must be a number above 0, but is -1'],
    [{ seconds: Number.NaN }, 'seconds must be a number above 0, but is NaN'],
    [{ seconds: Number.POSITIVE_INFINITY }, 'seconds must be a number above 0, but is Infinity'],
    [{ buckets: 0 }, 'buckets must be a whole number from 1 to 1000000, but is 0'],
    [{ buckets: 1.5 }, 'buckets must be a whole number from 1 to 1000000, but is 1.5'],
    [{ buckets: 1_000_001 }, 'buckets must be a whole number from 1 to 1000000, but is 1000001'],
  ])('refuses %j', (options, fault) => {
    expect(() => timeWindow(options)).toThrow(new TypeError(`timeWindow.${fault}`));
  });

  // Both were sixty seconds, and nobody was told.
  test.each([
    [30, 'timeWindow must be an object, but is 30'],
    [null, 'timeWindow must be an object, but is null'],
    [{ second: 30 }, 'timeWindow.second is not an option; did you mean timeWindow.seconds?'],
  ])('refuses what it cannot read: %j', (options, fault) => {
    expect(() => timeWindow(options as object)).toThrow(new TypeError(fault));
  });
});

describe('what is done per call', () => {
  /** Nanoseconds for recording and reading once. */
  const nanosOf = (window: CallWindow, calls: number): number => {
    const began = process.hrtime.bigint();
    for (let i = 0; i < calls; i++) {
      window.record(i % 3 === 0, toTicks(i % 40_000), i);
      window.forget(i);
    }
    return Number(process.hrtime.bigint() - began) / calls;
  };

  test.each([
    ['count', (size: number) => countWindow(size)],
    ['time', (size: number) => timeWindow({ seconds: 60, buckets: size })],
  ])('does not grow with the size of the %s window', (_, kind) => {
    const [small, large] = [10, 10_000].map((size) => {
      const costs = Array.from({ length: 5 }, () => nanosOf(kind(size).create(THRESHOLDS), 20_000));
      return Math.min(...costs);
    }) as [number, number];
    // A window that looked through its calls would need a thousand times as long.
    expect(large).toBeLessThan(20 * small);
  });

  test('a jump of a year turns the ring once round and not a year long', () => {
    const window = timeWindow({ seconds: 1, buckets: 1_000 }).create(THRESHOLDS);
    window.record(true, toTicks(5), 0);
    expect(readAt(window, 31_536_000_000)).toEqual(NOTHING);
  });
});

describe('as plain data', () => {
  test('averages and shares are undefined while there is nothing to take them of', () => {
    const empty = { total: 0, failures: 0, durationMs: 0, slow: { '100': 0, '2500': 0, '30000': 0 } };
    const expected = { ...empty, failureRate: undefined, averageMs: undefined, slowRates: undefined };
    for (const kind of [countWindow(), timeWindow()])
      expect(statsOf(kind.create(THRESHOLDS) as CallWindow & Sums)).toEqual(expected);
  });

  test('holds the counts, the sum, the average and the shares', () => {
    const sums = new Sums([100, 1_000]);
    for (const ms of [50, 150, 1_000, 3_000]) sums.record(ms > 100, toTicks(ms));
    expect(statsOf(sums)).toEqual({
      total: 4,
      failures: 3,
      failureRate: 0.75,
      durationMs: 4_200,
      averageMs: 1_050,
      slow: { '100': 3, '1000': 2 },
      slowRates: { '100': 0.75, '1000': 0.5 },
    });
  });

  // It read the sum of all durations, in microseconds, as the number of slow calls.
  test('a threshold that nobody counts has no slow calls', () => {
    const sums = new Sums([100]);
    sums.record(false, toTicks(5_000));
    expect([sums.slow(100), sums.slow(99), new Sums().slow(100)]).toEqual([1, 0, 0]);
  });
});
