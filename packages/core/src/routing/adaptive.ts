import { amongLowest } from './chances.js';
import { costOf } from './cost.js';
import { Draw } from './draw.js';
import type { Candidate, Occasion, Strategy } from './strategy.js';

/** Costs within three in a hundred of the lowest are the same: which of them is lower is noise, and one target would get every call. */
const BAND = 1.03;

/**
 * The default: the target where an answer is expected soonest, by how long its answers take, what is awaited there, how much it bears
 * and how often it fails; by chance among equals. A weight says how many times as dear another target may be before it is preferred.
 */
export function adaptive(): Strategy {
  const draw = new Draw();
  return {
    name: 'adaptive',
    cost: weighed,
    chances: (candidates, occasion) =>
      amongLowest(
        candidates.map((one) => weighed(one, occasion)),
        BAND,
      ),
    pick(candidates, occasion) {
      draw.begin(candidates.length);
      for (let i = 0; i < candidates.length; i += 1) {
        draw.put(i, weighed(candidates[i] as Candidate, occasion));
      }
      return draw.lowest(candidates, BAND, occasion.random);
    },
  };
}

function weighed(candidate: Candidate, { streamed, now }: Occasion): number {
  return costOf(candidate.reading(streamed, now)) / candidate.weight;
}
