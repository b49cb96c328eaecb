import { expect, test } from 'vitest';
import { p2c } from '../../../packages/core/src/routing/p2c.js';
import { occasion, picks, tally, town } from './town.js';

test('of two the better one is always taken', () => {
  const candidates = town({ slow: { averageMs: 900 }, fast: { averageMs: 800 } });
  expect(tally(picks(p2c(), candidates, 200))).toEqual({ fast: 200 });
});

test('of two that are equal each is taken', () => {
  const { a = 0, b = 0 } = tally(picks(p2c(), town({ a: {}, b: {} }), 10_000));
  expect(Math.abs(a - b)).toBeLessThan(400);
});

test('the two are never the same: the worst of many is never taken, the best in two cases of five', () => {
  const candidates = town({
    a: { averageMs: 1 },
    b: { averageMs: 2 },
    c: { averageMs: 3 },
    d: { averageMs: 4 },
    e: { averageMs: 5 },
  });
  const { a = 0, e = 0 } = tally(picks(p2c(), candidates, 10_000));
  expect(e).toBe(0);
  expect(a).toBeGreaterThan(3_800);
  expect(a).toBeLessThan(4_200);
});

test('calls under way and failures count', () => {
  const pick = (all: Parameters<typeof town>[0]) => p2c().pick(town(all), occasion()).id;
  expect(pick({ a: { averageMs: 800, inFlight: 1 }, b: { averageMs: 900 } })).toBe('b');
  expect(pick({ a: { averageMs: 100, successRate: 0.2 }, b: { averageMs: 900 } })).toBe('b');
});

test('one candidate is no draw out of range', () => {
  for (const dice of [0, 0.5, 1])
    expect(
      p2c().pick(
        town({ only: {} }),
        occasion(() => dice),
      ).id,
    ).toBe('only');
});
