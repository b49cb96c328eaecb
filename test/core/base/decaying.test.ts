import { describe, expect, test } from 'vitest';
import { Decaying } from '../../../packages/core/src/base/decaying.js';

describe('a mean in which the past fades', () => {
  test('is the plain mean while no time passes', () => {
    const mean = new Decaying(1_000);
    for (const value of [1, 2, 6]) mean.add(value, 0);
    expect([mean.mean, mean.weight(0)]).toEqual([3, 3]);
  });

  test('weighs what is one time constant old by 1/e', () => {
    const mean = new Decaying(1_000);
    mean.add(10, 0);
    mean.add(0, 1_000);
    expect(mean.mean).toBeCloseTo((10 * Math.exp(-1)) / (1 + Math.exp(-1)), 10);
    expect(mean.weight(2_000)).toBeCloseTo(Math.exp(-1) * (1 + Math.exp(-1)), 10);
  });

  test('reads nothing as nothing, and keeps its mean however long it is idle', () => {
    const mean = new Decaying(1_000);
    expect([mean.mean, mean.weight(5)]).toEqual([0, 0]);
    mean.add(7, 5);
    expect(mean.weight(1e9)).toBeCloseTo(0, 10);
    expect(mean.mean).toBe(7);
    mean.add(3, 1e9);
    expect(mean.mean).toBeCloseTo(3, 6);
  });

  // A reading just after another one is not computed anew; a thousand such readings must not keep the past from fading.
  test('fades as much when it is read all the time as when it is read once', () => {
    const [often, once] = [new Decaying(1_000), new Decaying(1_000)];
    often.add(1, 0);
    once.add(1, 0);
    for (let now = 0; now <= 1_000; now += 1) often.weight(now);
    expect(Math.abs(often.weight(1_000) - once.weight(1_000))).toBeLessThan(0.005);
  });

  test('with a most weight a new sample never counts for less than its share', () => {
    const mean = new Decaying(1_000, 20);
    for (let count = 0; count < 1_000; count += 1) mean.add(0, 0);
    mean.add(1, 0);
    expect(mean.mean).toBeCloseTo(0.05, 10);
  });

  test('a clock that steps back neither loses samples nor makes the past weigh more', () => {
    const mean = new Decaying(1_000);
    mean.add(4, 10_000);
    mean.add(8, 2_000);
    expect([mean.mean, mean.weight(2_000)]).toEqual([6, 2]);
  });
});
