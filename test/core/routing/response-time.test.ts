import { expect, test } from 'vitest';
import { responseTime } from '../../../packages/core/src/routing/response-time.js';
import { picks, tally, town } from './town.js';

test('who answers in half the time gets twice the calls, who weighs twice as much too, who fails half the time a quarter', () => {
  const candidates = town({
    usual: { expectedMs: 800 },
    fast: { expectedMs: 400 },
    heavy: { expectedMs: 800, weight: 2 },
    failing: { expectedMs: 800, successRate: 0.5 },
  });
  const { usual = 0, fast = 0, heavy = 0, failing = 0 } = tally(picks(responseTime(), candidates, 50_000));
  expect(fast / usual).toBeCloseTo(2, 0.7);
  expect(heavy / usual).toBeCloseTo(2, 0.7);
  expect(failing / usual).toBeCloseTo(0.25, 1);
});

test('a target that is not expected to answer at all is not asked', () => {
  const candidates = town({ never: { expectedMs: Number.POSITIVE_INFINITY }, slow: { expectedMs: 60_000 } });
  expect(tally(picks(responseTime(), candidates, 100))).toEqual({ slow: 100 });
});
