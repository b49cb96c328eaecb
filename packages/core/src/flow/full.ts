import type { Target } from '../targets/target.js';
import type { Plan } from './plan.js';
import type { Full } from './step.js';

/** The targets that only want of room keeps a call from, this one first, each with what it lacks there. */
export function fullFor(plan: Plan, first: Target, now: number): readonly Full[] {
  const others = plan.source.limits.onLimit === 'reroute' ? plan.course.legs.flat() : [];
  const all = [first, ...others.filter((one) => one !== first && !plan.isDead(one))];
  return all.flatMap((target) => {
    const isFull = plan.hindrance(target, now)?.reason === 'limit';
    const mayBeAsked = plan.triedOf(target)?.mayRepeat('nothing else', plan.call.maxRetries) !== false;
    return isFull && mayBeAsked ? plan.obstacles.fullAt(target, now) : [];
  });
}
