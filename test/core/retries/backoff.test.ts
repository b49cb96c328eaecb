import { expect, test } from 'vitest';
import { seededRandom } from '../../../packages/core/src/base/random.js';
import { backoffMs, loneBackoffMs } from '../../../packages/core/src/retries/backoff.js';

test('a wait is drawn below a bound that doubles from 250 ms to 8 s', () => {
  const bounds = [0, 1, 2, 3, 4, 5, 6, 1_000, Number.MAX_SAFE_INTEGER].map((repeat) => backoffMs(repeat, () => 1));
  expect(bounds).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000, 8_000]);
});

test('the whole range down to nothing is used, evenly', () => {
  expect(backoffMs(3, () => 0)).toBe(0);
  const random = seededRandom(1);
  const tenths = new Array<number>(10).fill(0);
  for (let i = 0; i < 10_000; i += 1) {
    const tenth = Math.floor(backoffMs(2, random) / 100);
    tenths[tenth] = (tenths[tenth] ?? 0) + 1;
  }
  expect(Math.min(...tenths)).toBeGreaterThan(850);
  expect(Math.max(...tenths)).toBeLessThan(1_150);
});

test('with nowhere else to go a wait is the official one: it doubles from 500 ms to 8 s, and up to a quarter is taken off', () => {
  const repeats = [0, 1, 2, 3, 4, 5, 1_000];
  const longest = [500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000];
  expect(repeats.map((repeat) => loneBackoffMs(repeat, () => 0))).toEqual(longest);
  expect(repeats.map((repeat) => loneBackoffMs(repeat, () => 1))).toEqual(longest.map((ms) => ms * 0.75));
});
