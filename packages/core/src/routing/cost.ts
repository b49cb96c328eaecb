import type { Reading } from './strategy.js';

/** Nothing takes less: with a time of 0 neither load nor failures would make a difference. A microsecond, in milliseconds. */
const LEAST_MS = 0.001;
/** Nothing succeeds less often: what never succeeds is expensive, but not infinitely so. */
const LEAST_SUCCESS = 0.05;
/** A target that bears no call at all is none; this keeps the division whole. */
const LEAST_CAPACITY = 1;

/**
 * What asking costs: the time an answer is expected to take, longer when more than half of what the target bears is under way, over the
 * square of how often it succeeds. The square is what keeps fast failures from looking fast. Above 0, and never NaN.
 */
export function costOf({ expectedMs, inFlight, capacity, successRate }: Reading): number {
  const limit = Math.max(capacity, LEAST_CAPACITY);
  const crowd = inFlight - limit / 2;
  // While nothing speaks for a limit, the crowd is minus infinity, which is no crowd.
  const load = crowd > 0 ? 1 + crowd / limit : 1;
  return Math.max(expectedMs, LEAST_MS) * load * failing(successRate);
}

/** The same without what is under way: for who spreads calls by chance. */
export function idleCostOf({ expectedMs, successRate }: Reading): number {
  return Math.max(expectedMs, LEAST_MS) * failing(successRate);
}

/** The same made of plain averages: each call under way, and the one to come, is taken to cost as much as the average one. */
export function averageCostOf({ averageMs, inFlight, successRate }: Reading): number {
  return Math.max(averageMs, LEAST_MS) * (inFlight + 1) * failing(successRate);
}

function failing(successRate: number): number {
  const success = Math.max(successRate, LEAST_SUCCESS);
  return 1 / (success * success);
}
