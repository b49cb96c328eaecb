import type { Hindrance, Target } from '../targets/target.js';
import type { Plan } from './plan.js';

/** A call on its way. */
interface OnItsWay {
  readonly plan: Plan;
  /** Who is asked at the same time, if anybody, is nobody to go on to. */
  readonly underWay: { readonly target: Target } | undefined;
}

/** Whether a call could go on to an untried target if `target` were asked now and given up at the time `then`. */
export function hasMoreThan({ plan, underWay }: OnItsWay, target: Target, then: number): boolean {
  if (plan.isAlone || plan.endsWithNext(then)) return false;
  for (const leg of plan.course.left) {
    for (const other of leg) {
      if (other === underWay?.target || !plan.isOther(other, target) || other.sickness(then)) continue;
      const hindrance = plan.obstacles.later(other, then);
      if (!hindrance || isOnlyShared(hindrance, { target, other, now: then })) return true;
    }
  }
  return false;
}

/** The other targets of its model that are well in every way, and still to be asked. */
export function wellBeside(plan: Plan, target: Target, now: number): Target[] {
  const isWell = (one: Target) => one.isWell(now) && !plan.isHindered(one, now) && !one.sickness(now);
  return plan.course.leg.filter((other) => plan.isOther(other, target) && isWell(other));
}

/** Who could be asked beside a target that keeps a call waiting. */
export function beside(plan: Plan, target: Target, now: number): Target | undefined {
  const well = wellBeside(plan, target, now);
  return well.length > 1 && !plan.isOrdered ? plan.source.choose(plan.call, well, now) : well[0];
}

/** Whether the model that was asked at a target is still to be asked elsewhere. */
export function hasModelElsewhere(plan: Plan, target: Target, now: number): boolean {
  if (plan.endsWithNext(now)) return false;
  return plan.course.leg.some((other) => plan.isOther(other, target) && mayBeAskedBeside(plan, { target, other, now }));
}

interface Pair {
  readonly target: Target;
  readonly other: Target;
  readonly now: number;
}

/** Whether nothing is in another one's way but want of room, or the breaker that it shares with this one. */
function mayBeAskedBeside(plan: Plan, { target, other, now }: Pair): boolean {
  const hindrance = plan.hindrance(other, now);
  if (hindrance === undefined || hindrance.reason === 'limit') return true;
  return isOnlyShared(hindrance, { target, other, now });
}

/** Whether what is in another one's way is nothing but the breaker that it shares with this one, whose probe may go on there. */
function isOnlyShared({ reason }: Hindrance, { target, other, now }: Pair): boolean {
  const isAtRest = other.transport.peek(now) === 'rejected' || other.cooldown.leftMs(now) > 0;
  return reason === 'breaker' && other.breaker === target.breaker && !isAtRest;
}
