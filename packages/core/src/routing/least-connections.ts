import { amongLowest } from './chances.js';
import { Draw } from './draw.js';
import type { Strategy } from './strategy.js';

/** The fewest calls under way for its weight; by chance among equals, so that an idle client asks all of them alike. */
export function leastConnections(): Strategy {
  const draw = new Draw();
  return {
    name: 'least-connections',
    cost: (candidate, { streamed, now }) => candidate.reading(streamed, now).inFlight / candidate.weight,
    chances(candidates, { streamed, now }) {
      return amongLowest(
        candidates.map((one) => one.reading(streamed, now).inFlight / one.weight),
        1,
      );
    },
    pick(candidates, { streamed, now, random }) {
      draw.begin(candidates.length);
      for (let i = 0; i < candidates.length; i += 1) {
        const candidate = candidates[i] as (typeof candidates)[number];
        draw.put(i, candidate.reading(streamed, now).inFlight / candidate.weight);
      }
      return draw.lowest(candidates, 1, random);
    },
  };
}
