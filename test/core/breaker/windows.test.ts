import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TimeWindow } from '../../../packages/core/src/breaker/windows.js';

describe('the time window', () => {
  test('counts calls and failures', () => {
    const window = new TimeWindow(60_000);
    window.record(false, 0);
    window.record(true, 1_000);
    window.record(true, 30_000);
    expect(window.read(30_000)).toEqual({ total: 3, failures: 2 });
  });

  test('keeps a call for eleven twelfths of its length and forgets it when it is over', () => {
    const window = new TimeWindow(60_000);
    window.record(true, 4_999);
    expect(window.read(59_999).total).toBe(1);
    expect(window.read(60_000).total).toBe(0);
  });

  test('forgets an idle hour when it is read, with no call in between', () => {
    const window = new TimeWindow(60_000);
    for (let i = 0; i < 4; i++) window.record(true, i);
    expect(window.read(3_600_000)).toEqual({ total: 0, failures: 0 });
  });

  test('puts a call into the newest bucket when the clock steps back', () => {
    const window = new TimeWindow(60_000);
    window.record(true, 100_000);
    window.record(true, 10_000);
    expect(window.read(10_000)).toEqual({ total: 2, failures: 2 });
    expect(window.read(154_999)).toEqual({ total: 2, failures: 2 });
    expect(window.read(160_000)).toEqual({ total: 0, failures: 0 });
  });

  test('W1: agrees with a list of all calls, over gaps of any length', () => {
    const step = fc.record({
      gap: fc.oneof(
        fc.nat(3),
        fc.nat(1_000),
        fc.nat(30_000),
        fc.constantFrom(4_999, 5_000, 5_001, 55_000, 60_000, 86_400_000),
      ),
      call: fc.option(fc.boolean()),
    });
    fc.assert(
      fc.property(fc.nat(100_000), fc.array(step, { size: 'max', maxLength: 400 }), (start, steps) => {
        const window = new TimeWindow(60_000);
        const calls: { bucket: number; failed: boolean }[] = [];
        let now = start;
        for (const { gap, call } of steps) {
          now += gap;
          const bucket = Math.floor(now / 5_000);
          if (call !== null) {
            window.record(call, now);
            calls.push({ bucket, failed: call });
          }
          const kept = calls.filter((one) => one.bucket > bucket - 12);
          expect(window.read(now)).toEqual({ total: kept.length, failures: kept.filter((one) => one.failed).length });
        }
      }),
      { numRuns: 150 },
    );
  });

  test('W2: never goes below zero nor beyond what was recorded, wherever the clock goes', () => {
    const instant = fc.oneof(
      fc.double({ min: -1e7, max: 1e7, noNaN: true }),
      fc.integer({ min: -100_000, max: 100_000 }),
      fc.constant(Number.NaN),
    );
    const lengths = fc.constantFrom(1, 7, 100, 60_000, 86_400_000);
    fc.assert(
      fc.property(
        lengths,
        fc.array(fc.tuple(instant, fc.boolean()), { size: 'max', maxLength: 300 }),
        (length, calls) => {
          const window = new TimeWindow(length);
          let recorded = 0;
          for (const [now, failed] of calls) {
            window.record(failed, now);
            recorded += 1;
            const { total, failures } = window.read(now);
            expect(failures).toBeGreaterThanOrEqual(0);
            expect(total).toBeGreaterThanOrEqual(failures);
            expect(total).toBeLessThanOrEqual(recorded);
            expect(total).toBeGreaterThanOrEqual(1);
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  test('forgets everything after its length, also when the length is not a multiple of twelve', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), fc.double({ min: 0, max: 1e9, noNaN: true }), (length, now) => {
        const window = new TimeWindow(length);
        window.record(true, now);
        expect(window.read(now + length * 0.9).total).toBe(1);
        expect(window.read(now + length * 1.001).total).toBe(0);
      }),
    );
  });
});
