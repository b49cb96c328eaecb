import { either, nonNegativeNumber, oneOf, positiveInteger, positiveNumber, shape } from '../base/check.js';

/** How often, how long and how much is tried again; `maxRetries` of the official options is the number of repeats on one target. */
export interface RetryOptions {
  /** Attempts of one call in all, over all targets. @default 8 */
  maxAttempts?: number;
  /** The longest wait, in milliseconds, for the model that was asked for before a different model is taken. @default 3000 */
  maxWaitMs?: number;
  /** How many retries may be spent; `false` for as many as come. */
  budget?: RetryBudgetOptions | false;
}

/** The retry budget: see `RetryBudget`. */
export interface RetryBudgetOptions {
  /** Retries that can be spent in a row. @default 20 */
  capacity?: number;
  /** Retries earned by each request. @default 0.2 */
  perRequest?: number;
}

/** Retry options with every default filled in. */
export interface ResolvedRetryOptions {
  readonly maxAttempts: number;
  readonly maxWaitMs: number;
  readonly budget: { readonly capacity: number; readonly perRequest: number } | false;
}

/** The defaults of this room. */
export const DEFAULTS = Object.freeze({ maxAttempts: 8, maxWaitMs: 3000, capacity: 20, perRequest: 0.2 });

/** Checks `router.retries`. */
export const retryOptions = shape({
  maxAttempts: positiveInteger,
  maxWaitMs: nonNegativeNumber,
  budget: either(
    'false or { capacity, perRequest }',
    oneOf(false),
    shape({ capacity: positiveNumber, perRequest: nonNegativeNumber }),
  ),
});

/** Fills in the defaults; the options have been checked before. */
export function resolveRetryOptions(given: RetryOptions = {}): ResolvedRetryOptions {
  const { maxAttempts = DEFAULTS.maxAttempts, maxWaitMs = DEFAULTS.maxWaitMs, budget = {} } = given;
  if (budget === false) return Object.freeze({ maxAttempts, maxWaitMs, budget });
  const { capacity = DEFAULTS.capacity, perRequest = DEFAULTS.perRequest } = budget;
  return Object.freeze({ maxAttempts, maxWaitMs, budget: Object.freeze({ capacity, perRequest }) });
}
