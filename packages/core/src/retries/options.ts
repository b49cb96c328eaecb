import { either, nonNegativeNumber, oneOf, positiveInteger, positiveNumber, shape } from '../base/check.js';

/** How often, how long and how much is tried again; `maxRetries` of the official options is the number of repeats on one target. */
export interface RetryOptions {
  /** Attempts of one call in all, over all targets. @default 8 */
  maxAttempts?: number;
  /**
   * The longest single wait, in milliseconds, for targets that rest, before a different model is taken or the call fails. @default 3000;
   * 60000, as the official client has it, for a rest that a provider asked for where there is only one target
   */
  maxWaitMs?: number;
  /**
   * How many retries may be spent after work that may have been done: `{ capacity, perRequest }`, or `false` for as many as come.
   * @default 20 in a row, and 0.2 more with each request
   */
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
  /** The longest wait for a rest that a provider asked for, where there is only one target. */
  readonly maxLoneWaitMs: number;
  readonly budget: { readonly capacity: number; readonly perRequest: number } | false;
}

/** The defaults of this room. */
export const DEFAULTS = Object.freeze({
  maxAttempts: 8,
  maxWaitMs: 3000,
  maxLoneWaitMs: 60_000,
  capacity: 20,
  perRequest: 0.2,
});

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
  const common = { maxAttempts, maxWaitMs, maxLoneWaitMs: given.maxWaitMs ?? DEFAULTS.maxLoneWaitMs };
  if (budget === false) return Object.freeze({ ...common, budget });
  const { capacity = DEFAULTS.capacity, perRequest = DEFAULTS.perRequest } = budget;
  return Object.freeze({ ...common, budget: Object.freeze({ capacity, perRequest }) });
}
