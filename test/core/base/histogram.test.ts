import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Histogram } from '../../../packages/core/src/base/histogram.js';

const MINUTE = 60_000;
/** Half a bucket. */
const PRECISION = 0.025;

/** The plainest program that could do the work: a sorted list, and the half of time that each value belongs to. */
class Sorted {
  readonly #values: { ms: number; half: number }[] = [];
  #start: number | undefined;
  #half = 0;

  record(ms: number, now: number): void {
    if (this.#start === undefined) this.#start = now;
    this.#turn(now);
    this.#values.push({ ms, half: this.#half });
  }

  all(now: number): number[] {
    this.#turn(now);
    return this.#values
      .filter(({ half }) => half >= this.#half - 1)
      .map(({ ms }) => ms)
      .sort((a, b) => a - b);
  }

  quantile(share: number, now: number): number | undefined {
    const all = this.all(now);
    return all[Math.max(0, Math.ceil(all.length * share) - 1)];
  }

  /** A half begins where the last one ended, or with whatever comes first after both have ended. */
  #turn(now: number): void {
    if (this.#start === undefined || now - this.#start < MINUTE) return;
    const isLongAgo = now - this.#start >= 2 * MINUTE;
    this.#half += isLongAgo ? 2 : 1;
    this.#start = isLongAgo ? now : this.#start + MINUTE;
  }
}

test('nothing is told before the first time', () => {
  const histogram = new Histogram(MINUTE);
  expect([histogram.quantile(0.5, 0), histogram.quantile(0.99, 1e9), histogram.count(0)]).toEqual([
    undefined,
    undefined,
    0,
  ]);
});

test('the quantiles of one to a thousand milliseconds are off by a fortieth at most', () => {
  const histogram = new Histogram(MINUTE);
  for (let ms = 1; ms <= 1_000; ms += 1) histogram.record(ms, 0);
  for (const [share, ms] of [
    [0.5, 500],
    [0.95, 950],
    [0.99, 990],
    [1, 1_000],
  ] as const) {
    expect(Math.abs((histogram.quantile(share, 0) ?? 0) / ms - 1)).toBeLessThan(PRECISION);
  }
  expect(histogram.count(0)).toBe(1_000);
});

test('what was recorded is forgotten after one to two halves, though nothing new comes', () => {
  const histogram = new Histogram(MINUTE);
  histogram.record(100, 0);
  histogram.record(900, MINUTE - 1);
  expect(histogram.count(2 * MINUTE - 1)).toBe(2);
  expect(histogram.quantile(0.5, 2 * MINUTE)).toBeUndefined();
});

test('a slow minute is out of the way a minute after it ended', () => {
  const histogram = new Histogram(MINUTE);
  for (let second = 0; second < 180; second += 1) histogram.record(second < 60 ? 30_000 : 800, second * 1_000);
  expect(histogram.quantile(0.99, 180_000)).toBeLessThan(850);
});

test('it agrees with a sorted list, whatever the times and the pauses', () => {
  const ms = fc.oneof(fc.double({ min: 1, max: 2_000_000, noNaN: true }), fc.integer({ min: 1, max: 3_000 }));
  const pause = fc.oneof(fc.constantFrom(0, 1, 1_000, MINUTE - 1, MINUTE, 2 * MINUTE), fc.nat(150_000));
  const steps = fc.array(fc.record({ ms, pause }), { maxLength: 120, size: 'max' });
  fc.assert(
    fc.property(steps, fc.double({ min: 0, max: 1, noNaN: true }), (all, share) => {
      const [histogram, sorted] = [new Histogram(MINUTE), new Sorted()];
      let now = 5_000;
      for (const step of all) {
        now += step.pause;
        histogram.record(step.ms, now);
        sorted.record(step.ms, now);
        expect(histogram.count(now)).toBe(sorted.all(now).length);
        const [read, wanted = Number.NaN] = [histogram.quantile(share, now) ?? Number.NaN, sorted.quantile(share, now)];
        expect(Math.abs(read / wanted - 1)).toBeLessThan(PRECISION);
      }
    }),
  );
});

describe('what no answer takes', () => {
  test('zero, negative times and infinity count as the ends, NaN as nothing', () => {
    const histogram = new Histogram(MINUTE);
    histogram.record(Number.NaN, 0);
    expect(histogram.quantile(0.5, 0)).toBeUndefined();
    for (const ms of [0, -5, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]) histogram.record(ms, 0);
    expect(histogram.count(0)).toBe(4);
    expect(histogram.quantile(0.5, 0)).toBeCloseTo(1, 1);
    expect(histogram.quantile(1, 0)).toBeGreaterThan(2_000_000);
    expect(histogram.quantile(1, 0)).toBeLessThan(2_500_000);
  });

  test('shares beyond 0 and 1 are the ends, and one that is not a number is none', () => {
    const histogram = new Histogram(MINUTE);
    for (const ms of [10, 1_000]) histogram.record(ms, 0);
    const [none, all] = [histogram.quantile(0, 0), histogram.quantile(1, 0)];
    expect([histogram.quantile(-1, 0), histogram.quantile(7, 0)]).toEqual([none, all]);
    expect(histogram.quantile(Number.NaN, 0)).toBeUndefined();
  });

  test('a clock that steps back forgets nothing and breaks nothing', () => {
    const histogram = new Histogram(MINUTE);
    histogram.record(100, 10 * MINUTE);
    histogram.record(100, 0);
    expect([histogram.count(0), histogram.count(10 * MINUTE)]).toEqual([2, 2]);
    expect(histogram.quantile(0.5, Number.NaN)).toBeCloseTo(100, -1);
  });
});

test('more calls in a half than a bucket holds leave shares as they are', () => {
  const histogram = new Histogram(MINUTE);
  for (let i = 0; i < 300_000; i += 1) histogram.record(i % 10 === 0 ? 5_000 : 500, 0);
  expect(Math.abs((histogram.quantile(0.89, 0) ?? 0) / 500 - 1)).toBeLessThan(PRECISION);
  expect(Math.abs((histogram.quantile(0.92, 0) ?? 0) / 5_000 - 1)).toBeLessThan(PRECISION);
});
