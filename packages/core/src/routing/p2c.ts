import { betterOfTwo } from './chances.js';
import { averageCostOf } from './cost.js';
import { drawBelow } from './draw.js';
import type { Strategy } from './strategy.js';

/**
 * The better of two drawn by chance, which spreads many clients that know the same. With few targets the best of all is often not among
 * the two: of five in three cases of five.
 *
 * Source: Michael Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing".
 */
export function p2c(): Strategy {
  return {
    name: 'p2c',
    cost: (candidate, { streamed, now }) => averageCostOf(candidate.reading(streamed, now)),
    chances(candidates, { streamed, now }) {
      return betterOfTwo(candidates.map((one) => averageCostOf(one.reading(streamed, now))));
    },
    pick(candidates, { streamed, now, random }) {
      const count = candidates.length;
      const first = drawBelow(count, random);
      if (count < 2) return candidates[first] as (typeof candidates)[number];
      const others = count === 2 ? 0 : drawBelow(count - 1, random);
      const one = candidates[first] as (typeof candidates)[number];
      const other = candidates[(first + 1 + others) % count] as typeof one;
      const cost = averageCostOf(one.reading(streamed, now));
      return averageCostOf(other.reading(streamed, now)) < cost ? other : one;
    },
  };
}
