import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../packages/core/src/base/random.js';
import { Throttle } from '../../../packages/core/src/limits/throttle.js';

/** A throttle after so many requests at one instant, of which so many were served. */
function seen(requests: number, accepts: number) {
  const throttle = new Throttle();
  for (let request = 0; request < requests; request += 1) throttle.sent(request < accepts, 0);
  return throttle;
}

describe('how many requests are held back', () => {
  test('are none while at least half of them are served, or too few are known', () => {
    expect([seen(100, 50).chance(0), seen(49, 0).chance(0)]).toEqual([0, 0]);
  });

  test('are the more, the more are refused, and three in four at the most', () => {
    expect(seen(100, 30).chance(0)).toBeCloseTo(40 / 101);
    expect(seen(100, 0).chance(0)).toBe(0.75);
  });

  test('are counted among those that were not served, so that it does not let up by itself', () => {
    const throttle = seen(100, 40);
    const before = throttle.chance(0);
    const random = seededRandom(1);
    for (let request = 0; request < 200; request += 1) throttle.holdsBack(0, random);
    expect(throttle.chance(0)).toBeGreaterThan(before);
  });

  test('are forgotten with time', () => {
    expect(seen(100, 0).chance(30_000)).toBe(0);
  });

  test('are drawn by the dice that are handed in', () => {
    const throttle = seen(100, 0);
    expect([throttle.holdsBack(0, () => 0.74), throttle.holdsBack(0, () => 0.76)]).toEqual([true, false]);
  });
});
