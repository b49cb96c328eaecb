import { byShare } from './chances.js';
import { idleCostOf } from './cost.js';
import { Draw } from './draw.js';
import type { Strategy } from './strategy.js';

/** By chance: the sooner a target is expected to answer, the rarer it fails and the heavier it is, the likelier. */
export function responseTime(): Strategy {
  const draw = new Draw();
  return {
    name: 'response-time',
    cost: (candidate, { streamed, now }) => idleCostOf(candidate.reading(streamed, now)) / candidate.weight,
    chances(candidates, { streamed, now }) {
      return byShare(candidates.map((one) => one.weight / idleCostOf(one.reading(streamed, now))));
    },
    pick(candidates, { streamed, now, random }) {
      draw.begin(candidates.length);
      for (let i = 0; i < candidates.length; i += 1) {
        const candidate = candidates[i] as (typeof candidates)[number];
        draw.put(i, candidate.weight / idleCostOf(candidate.reading(streamed, now)));
      }
      return draw.byShare(candidates, random);
    },
  };
}
