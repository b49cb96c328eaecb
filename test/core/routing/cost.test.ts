import { expect, test } from 'vitest';
import { averageCostOf, costOf, idleCostOf } from '../../../packages/core/src/routing/cost.js';
import { known } from './town.js';

const cost = (told: Parameters<typeof known>[1]) => costOf(known('a', told).known);

test('a target that always answers costs the time it is expected to take, however much is under way, while no limit is seen', () => {
  expect(cost({ expectedMs: 800 })).toBe(800);
  expect(cost({ expectedMs: 800, inFlight: 5_000 })).toBe(800);
});

test('more than half of what it bears makes it dearer: by half when it is full', () => {
  const at = (inFlight: number) => cost({ expectedMs: 800, capacity: 40, inFlight });
  expect([at(0), at(20), at(30), at(40), at(80)]).toEqual([800, 800, 1_000, 1_200, 2_000]);
});

test('half the answers make it four times as dear, so that fast failures attract nobody', () => {
  expect(cost({ expectedMs: 800, successRate: 0.5 })).toBe(3_200);
  expect(cost({ expectedMs: 1, successRate: 0.05 })).toBeCloseTo(400);
});

test('the cost of a plain average counts what is under way, and the idle cost does not', () => {
  const { known: reading } = known('a', { expectedMs: 700, averageMs: 900, inFlight: 3, successRate: 0.5 });
  expect([averageCostOf(reading), idleCostOf(reading)]).toEqual([14_400, 2_800]);
});

test('zeros cost something, so that load and failures still make a difference', () => {
  const zero = { expectedMs: 0, rttMs: 0, averageMs: 0, inFlight: 0, capacity: 0, successRate: 0, samples: 0 };
  for (const of of [costOf, averageCostOf, idleCostOf]) {
    expect(of(zero)).toBeGreaterThan(0);
    expect(of(zero)).toBeLessThan(Number.POSITIVE_INFINITY);
    expect(of({ ...zero, successRate: 1 })).toBeLessThan(of(zero));
  }
});
