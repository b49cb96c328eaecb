import type { Random } from '../base/random.js';
import type { Leg } from './step.js';

/**
 * The leg as it is for one call: while the first choice is eased in after an outage, it is asked first by a growing share of the calls,
 * and last by the others. A region that has just come up would be brought down again by all of them at once; without anybody else it
 * gets them all.
 */
export function easedIn(leg: Leg, now: number, random: Random): Leg {
  const [first, second] = leg;
  // Those that share a breaker came back together.
  const share = first && second && first.breaker !== second.breaker ? first.breaker.share(now) : 1;
  return first === undefined || share >= 1 || random() < share ? leg : [...leg.slice(1), first];
}
