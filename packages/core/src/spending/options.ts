import { type Check, faultsOf, nonNegativeNumber, oneOf, recordOf, shape } from '../base/check.js';
import type { ModelPrice } from './prices.js';

/** What happens to calls once a budget is spent. */
export type OnExceeded = 'reject' | 'cheapest' | 'event';

/** How much may be spent, in days and months of UTC. */
export interface BudgetOptions {
  /** US dollars a day. @default no limit */
  perDayUSD?: number;
  /** US dollars a calendar month. @default no limit */
  perMonthUSD?: number;
  /**
   * `reject`: calls fail with a `LimitExceededError`, and nothing is sent. `cheapest`: only the cheapest is asked among the targets of the
   * model and of its fallbacks. `event`: nothing but the event `budget.exceeded`. @default 'reject'
   */
  onExceeded?: OnExceeded;
}

/** Budget options with every default filled in. */
export interface ResolvedBudget {
  readonly perDayUSD: number | undefined;
  readonly perMonthUSD: number | undefined;
  readonly onExceeded: OnExceeded;
}

/** The defaults of this room. */
export const DEFAULTS = Object.freeze({ onExceeded: 'reject' as const });

const price = shape(
  {
    inputPerMillionUSD: nonNegativeNumber,
    cachedInputPerMillionUSD: nonNegativeNumber,
    outputPerMillionUSD: nonNegativeNumber,
  } as const satisfies Readonly<Record<keyof ModelPrice, Check>>,
  { required: ['inputPerMillionUSD', 'outputPerMillionUSD'] },
);

/** Checks a table of prices. */
export const priceTable = recordOf(price);

const budget = shape({
  perDayUSD: nonNegativeNumber,
  perMonthUSD: nonNegativeNumber,
  onExceeded: oneOf('reject', 'cheapest', 'event'),
} as const satisfies Readonly<Record<keyof BudgetOptions, Check>>);

/** Checks `router.budget`. */
export const budgetOptions: Check = (value, path, faults) => {
  const found = faultsOf(budget, value, path);
  faults.push(...found);
  if (found.length > 0) return;
  const { perDayUSD, perMonthUSD } = value as BudgetOptions;
  if (perDayUSD === undefined && perMonthUSD === undefined)
    faults.push(`${path} must have perDayUSD or perMonthUSD, but has neither`);
};

/** Fills in the defaults; undefined for no budget. The options have been checked before. */
export function resolveBudget(given: BudgetOptions | undefined): ResolvedBudget | undefined {
  if (!given) return undefined;
  const { perDayUSD, perMonthUSD, onExceeded = DEFAULTS.onExceeded } = given;
  return Object.freeze({ perDayUSD, perMonthUSD, onExceeded });
}
