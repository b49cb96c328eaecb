import { expect, test } from 'vitest';
import { faultsOf } from '../../../packages/core/src/base/check.js';
import { budgetOptions, priceTable, resolveBudget } from '../../../packages/core/src/spending/options.js';

test('a budget is for a day, for a month, or for both, and rejects by default', () => {
  expect(faultsOf(budgetOptions, { perDayUSD: 0 }, 'router.budget')).toEqual([]);
  expect(resolveBudget({ perMonthUSD: 10 })).toEqual({ perDayUSD: undefined, perMonthUSD: 10, onExceeded: 'reject' });
  expect(resolveBudget(undefined)).toBeUndefined();
});

test('what is wrong with a budget is told by name', () => {
  expect(faultsOf(budgetOptions, { perDayUSD: -1, perDay: 3, onExceeded: 'stop' }, 'router.budget')).toEqual([
    'router.budget.perDayUSD must be a number of 0 or more, but is -1',
    'router.budget.onExceeded must be "reject", "cheapest" or "event", but is "stop"',
    expect.stringContaining('router.budget.perDay is not an option'),
  ]);
  expect(faultsOf(budgetOptions, {}, 'router.budget')).toEqual([
    'router.budget must have perDayUSD or perMonthUSD, but has neither',
  ]);
});

test('a price has its two numbers at least', () => {
  const price = { inputPerMillionUSD: 1, cachedInputPerMillionUSD: 0, outputPerMillionUSD: 2 };
  expect(faultsOf(priceTable, { a: price }, 'router.prices')).toEqual([]);
  expect(faultsOf(priceTable, { a: { inputPerMillionUSD: '1' } }, 'router.prices')).toEqual([
    'router.prices.a.inputPerMillionUSD must be a number of 0 or more, but is "1"',
    'router.prices.a.outputPerMillionUSD is required',
  ]);
});
