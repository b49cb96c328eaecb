import { amongLowest } from './chances.js';
import { costOf } from './cost.js';
import { Draw } from './draw.js';
import type { Candidate, Strategy } from './strategy.js';

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
    cost: (candidate, { streamed, now }) => weighed(candidate, streamed, now),
    chances: (candidates, { streamed, now }) =>
      amongLowest(
        candidates.map((one) => weighed(one, streamed, now)),
        BAND,
      ),
    pick(candidates, { streamed, now, random }) {
      draw.begin(candidates.length);
      for (let i = 0; i < candidates.length; i += 1) {
        draw.put(i, weighed(candidates[i] as Candidate, streamed, now));
      }
      return draw.lowest(candidates, BAND, random);
    },
  };
}

/** The time is handed in as it is: taken out of the occasion for each candidate anew it is boxed each time, 16 bytes a candidate. */
function weighed(candidate: Candidate, streamed: boolean, now: number): number {
  return costOf(candidate.reading(streamed, now)) / candidate.weight;
}
