import { expect, test } from 'vitest';
import { faultsOf } from '../../../packages/core/src/base/check.js';
import { hedgingOptions, resolveHedging } from '../../../packages/core/src/hedging/options.js';

const faults = (given: unknown) => faultsOf(hedgingOptions, given, 'router.hedging');

test('nobody hedges who does not ask for it', () => {
  expect(resolveHedging()).toBeUndefined();
  expect(resolveHedging(false)).toBeUndefined();
});

test('the defaults are the slowest hundredth, two seconds while little is known, and one call in twenty', () => {
  const defaults = { percentile: 0.99, delayMs: 2_000, minDelayMs: 200, budget: { capacity: 20, perRequest: 0.05 } };
  expect(resolveHedging({})).toEqual(defaults);
  expect(resolveHedging({ budget: {} })).toEqual(defaults);
  expect(resolveHedging({ minDelayMs: 0, budget: { perRequest: 0 } })?.minDelayMs).toBe(0);
});

test('what is wrong is told, all of it', () => {
  expect(faults(false)).toEqual([]);
  expect(faults({ percentile: 0.95, delayMs: 500, budget: { capacity: 5 } })).toEqual([]);
  expect(faults(true)).toHaveLength(1);
  expect(faults({ percentile: 95, delayMs: 0, minDelayMs: -1, budget: { perRequest: -1 }, percent: 1 })).toHaveLength(
    5,
  );
});
