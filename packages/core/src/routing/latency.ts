import { certainly } from './chances.js';
import { averageCostOf } from './cost.js';
import type { Reading, Strategy } from './strategy.js';

/** A call under way to a target that nobody knows yet is one experiment too many: the others come first, however slow they are. */
const UNKNOWN_AND_BUSY = 1e12;

/**
 * The lowest measured average, times the calls under way and the one to come, over the square of how often it succeeds. A target that
 * has never answered is tried first, by one call at a time, unless it has failed before. Weights do not count.
 */
export function latency(): Strategy {
  return {
    name: 'latency',
    cost: (candidate, { streamed, now }) => latencyCostOf(candidate.reading(streamed, now)),
    chances(candidates, { streamed, now }) {
      const costs = candidates.map((one) => latencyCostOf(one.reading(streamed, now)));
      return certainly(costs.indexOf(Math.min(...costs)), costs.length);
    },
    pick(candidates, { streamed, now }) {
      let best = 0;
      let lowest = Number.POSITIVE_INFINITY;
      for (let i = 0; i < candidates.length; i += 1) {
        const candidate = candidates[i] as (typeof candidates)[number];
        const cost = latencyCostOf(candidate.reading(streamed, now));
        if (cost >= lowest) continue;
        lowest = cost;
        best = i;
      }
      return candidates[best] as (typeof candidates)[number];
    },
  };
}

function latencyCostOf(reading: Reading): number {
  if (reading.samples > 0) return averageCostOf(reading);
  if (reading.inFlight > 0) return averageCostOf(reading) * UNKNOWN_AND_BUSY;
  // One that failed instead of answering is no news, but as good as its failures let it be.
  return reading.successRate < 1 ? averageCostOf(reading) : 0;
}
