import { type WaitEnd, wait } from '../base/signal.js';
import type { Target } from '../targets/target.js';
import type { Run } from './run.js';
import type { Step } from './step.js';
import { latestInMs } from './time-left.js';

/** What a wait came to: the step is taken, in its time or in its turn before that, the call looks around again, or it is not wanted any more. */
export type AfterWait = 'take' | 'take turn' | 'look again' | 'left';

/** The wait before a step, with a place among those who wait for the end of the same rest. */
export function inTurn<Reply>(run: Run<Reply>, step: Step): Step {
  const now = run.now();
  const cooldown = run.plan.obstacles.cooldownAt(step.target, now);
  // Who only looks around meanwhile has not come for good, and a pause of the call's own is nobody else's business.
  if (!isResting(run, step, now) || step.delayMs < cooldown.leftMs(now)) return step;
  const latestMs = Math.max(step.delayMs, latestInMs(run.startedAt + run.call.timeoutMs - now, run.call.timeoutMs));
  return { ...step, delayMs: Math.min(step.delayMs + cooldown.queueMs(now), latestMs) };
}

/**
 * Waits as long as a step says. Whoever has not asked yet may be let go before the end of a rest, when the target has answered somebody:
 * the plain client would have asked at once. Who was told to wait waits.
 */
export async function awaitStep<Reply>(run: Run<Reply>, step: Step): Promise<AfterWait> {
  const { plan, call, engine } = run;
  const { target, delayMs } = step;
  const isFree = engine.whenExhausted === 'panic' && plan.triedOf(target) === undefined && !run.hasPassedTurn;
  const line =
    isFree && isResting(run, step, run.now()) ? plan.obstacles.cooldownAt(target, run.now()).line : undefined;
  run.timePasses();
  const boundMs = Math.min(delayMs, Math.max(0, run.leftMs()));
  const end: WaitEnd = await wait(boundMs, { clock: engine.clock, signal: call.signal, line });
  if (end === 'aborted') return 'left';
  const now = run.now();
  // Another call may have been told meanwhile to stay away for longer; whose turn it is need not heed that.
  if (end === 'over') return plan.isHindered(target, now) ? 'look again' : 'take';
  const reason = plan.hindrance(target, now)?.reason ?? 'cooldown';
  if (reason === 'cooldown' && !call.signal?.aborted) return 'take turn';
  // What its breaker keeps away it keeps everybody away.
  if (reason !== 'breaker') passTurnOn(run, target);
  return call.signal?.aborted ? 'left' : 'look again';
}

/** The room that a target has made is not lost because the first in line cannot use it. */
export function passTurnOn<Reply>(run: Run<Reply>, target: Target): void {
  run.hasPassedTurn = true;
  run.plan.obstacles.cooldownAt(target, run.now()).line.next();
}

const isResting = <Reply>({ plan }: Run<Reply>, { target }: Step, now: number): boolean =>
  plan.hindrance(target, now)?.reason === 'cooldown';
