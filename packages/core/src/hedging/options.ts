import { either, fraction, nonNegativeNumber, oneOf, positiveNumber, shape } from '../base/check.js';

/** Asking a second target while the first keeps a call waiting for unusually long; the answer that begins first is taken. */
export interface HedgingOptions {
  /** The share of a target's answers that must come sooner before a second is asked. @default 0.99 */
  percentile?: number;
  /** How long the first is given while too few of its answers are known for that, in milliseconds. @default 2000 */
  delayMs?: number;
  /** The least that the first is given, in milliseconds. @default 200 */
  minDelayMs?: number;
  /** How many calls may be hedged; every one of them is billed twice. */
  budget?: {
    /** Hedges that can be spent in a row. @default 20 */
    capacity?: number;
    /** Hedges earned by each request. @default 0.05 */
    perRequest?: number;
  };
}

/** Hedging options with every default filled in. */
export interface ResolvedHedging {
  readonly percentile: number;
  readonly delayMs: number;
  readonly minDelayMs: number;
  readonly budget: { readonly capacity: number; readonly perRequest: number };
}

/** The defaults of this room. */
export const DEFAULTS = Object.freeze({
  percentile: 0.99,
  delayMs: 2_000,
  minDelayMs: 200,
  capacity: 20,
  perRequest: 0.05,
});

/** Checks `router.hedging`. */
export const hedgingOptions = either(
  'false or { percentile, delayMs, minDelayMs, budget }',
  oneOf(false),
  shape({
    percentile: fraction,
    delayMs: positiveNumber,
    minDelayMs: nonNegativeNumber,
    budget: shape({ capacity: positiveNumber, perRequest: nonNegativeNumber }),
  }),
);

/** Fills in the defaults; undefined for no hedging. The options have been checked before. */
export function resolveHedging(given: HedgingOptions | false = false): ResolvedHedging | undefined {
  if (given === false) return undefined;
  const { percentile = DEFAULTS.percentile, delayMs = DEFAULTS.delayMs, minDelayMs = DEFAULTS.minDelayMs } = given;
  const { capacity = DEFAULTS.capacity, perRequest = DEFAULTS.perRequest } = given.budget ?? {};
  return Object.freeze({ percentile, delayMs, minDelayMs, budget: Object.freeze({ capacity, perRequest }) });
}
