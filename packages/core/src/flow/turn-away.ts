import type { Target } from '../targets/target.js';
import type { Plan } from './plan.js';

/**
 * A call cannot wait for room at a target any longer, or does not want to: it goes on to whoever else there is, unless it is not to be sent
 * elsewhere for want of room. What is said of those that were passed over before a wait is found out anew.
 */
export function turnAway(plan: Plan, target: Target, now: number): void {
  plan.turnedAway = target;
  for (const one of new Set([target, ...plan.skipped.map((skip) => skip.target)])) {
    const hindrance = plan.hindrance(one, now);
    if (hindrance) plan.skipAnew({ target: one, ...hindrance });
  }
  if (plan.source.limits.onLimit !== 'reroute') plan.course.change([]);
}
