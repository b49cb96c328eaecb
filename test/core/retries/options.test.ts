import { expect, test } from 'vitest';
import { type RetryOptions, resolveRetryOptions, retryOptions } from '../../../packages/core/src/retries/options.js';

const faultsOf = (given: unknown) => {
  const faults: string[] = [];
  retryOptions(given, 'router.retries', faults);
  return faults;
};

test('the defaults are eight attempts, three seconds (a minute at the only target), and a budget of twenty and a fifth', () => {
  const defaults = {
    maxAttempts: 8,
    maxWaitMs: 3_000,
    maxLoneWaitMs: 60_000,
    budget: { capacity: 20, perRequest: 0.2 },
  };
  expect(resolveRetryOptions()).toEqual(defaults);
  expect(resolveRetryOptions({ budget: {} })).toEqual(defaults);
});

test('zero and false are values, not absences', () => {
  const given: RetryOptions = { maxWaitMs: 0, budget: { perRequest: 0 } };
  expect(faultsOf(given)).toEqual([]);
  expect(resolveRetryOptions(given)).toMatchObject({ maxWaitMs: 0, budget: { capacity: 20, perRequest: 0 } });
  expect(resolveRetryOptions({ budget: false }).budget).toBe(false);
});

test('what is resolved is frozen, the budget too', () => {
  const resolved = resolveRetryOptions();
  expect([Object.isFrozen(resolved), Object.isFrozen(resolved.budget)]).toEqual([true, true]);
});

test('every fault is told at once', () => {
  const faults = faultsOf({ maxAttempts: 0, maxWaitMs: -1, budget: { capacity: 0, perReqest: 1 } });
  expect(faults).toHaveLength(4);
  expect(faults.join('\n')).toContain('did you mean router.retries.budget.perRequest?');
});
