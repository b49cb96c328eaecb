import type { Random } from '../base/random.js';
import type { Target } from '../targets/target.js';
import type { Leg } from './step.js';

/**
 * The leg as it is for one call: a target that is eased in after an outage is asked in its turn by a growing share of the calls, and last
 * by the others. A region that has just come up would be brought down again by all of them at once; without anybody else it gets them
 * all.
 */
export function easedIn(leg: Leg, now: number, random: Random): Leg {
  const those = awake(leg, now, random);
  return those === leg ? leg : [...those, ...leg.filter((target) => !those.includes(target))];
}

/**
 * The same where targets are chosen by what is known of them: one that is eased in takes part in a growing share of the choices, unless
 * there are only such.
 */
export function awake(open: readonly Target[], now: number, random: Random): readonly Target[] {
  // Hardly ever is anybody eased in; and those that share a breaker came back together.
  let eased = 0;
  for (const { breaker } of open) if (breaker.share(now) < 1) eased += 1;
  if (eased === 0 || eased === open.length) return open;
  return open.filter(({ breaker }) => {
    const share = breaker.share(now);
    return share >= 1 || random() < share;
  });
}
