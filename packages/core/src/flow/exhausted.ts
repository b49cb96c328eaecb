import type { Target } from '../targets/target.js';
import type { Step, WhenExhausted } from './step.js';

/** Who only waits looks again after so long at the latest, in milliseconds: others may bring a target back sooner. */
const LOOK_AGAIN_MS = 1_000;
/** … and after so long at the earliest, also when it seems that nothing is in the way: many look at the same time. */
const LEAST_MS = 100;

/** A target that could serve the call, if it were not resting. Times are in milliseconds. */
export interface Resting {
  readonly target: Target;
  readonly isUntried: boolean;
  /** Whether its key or its model was refused. */
  readonly isRefused: boolean;
  /** How long this call pauses before it asks it again, because it failed just now. */
  readonly pauseMs: number;
  /** How long its provider wants it to be left alone, or it cools down: nobody's wait but theirs. */
  readonly restMs: number;
  /** The same without what dice have added. */
  readonly countedMs: number;
}

/** How long a call waits when all are resting, in milliseconds. */
export interface WaitLimits {
  readonly maxWaitMs: number;
  /** For a rest that was asked for. */
  readonly maxRestMs: number;
  /** When it began to. */
  readonly since: number;
}

/** The last choice of one call: whom to wait for, or to ask all the same, when all are resting. */
export class LastChoice {
  readonly #how: Exclude<WhenExhausted, 'fail'>;
  readonly #limits: WaitLimits;

  constructor(how: Exclude<WhenExhausted, 'fail'>, limits: WaitLimits) {
    this.#how = how;
    this.#limits = limits;
  }

  /** Whom to ask after what wait; undefined when that is nobody. */
  among(
    resting: readonly Resting[],
    { isRefusedEverywhere, now }: { isRefusedEverywhere: boolean; now: number },
  ): Step | undefined {
    const refused = this.#how === 'panic' && isRefusedEverywhere ? refusedOf(resting, now) : undefined;
    if (refused) return { target: refused.target, delayMs: 0, last: this.#how };
    let best: Step | undefined;
    for (const one of resting) {
      const step = this.#how === 'wait' ? waiting(one, now) : this.#panic(one, now);
      if (step && (!best || isBetter(step, best, now))) best = step;
    }
    return best;
  }

  /**
   * Whoever panics does not wait for long, unless a probe has shown that the target is coming back; and never for long for a rest. Where
   * a target answers every now and then everybody may go past its breaker: refusing them would only lose the calls that it answers.
   */
  #panic({ target, isRefused, pauseMs, restMs, countedMs }: Resting, now: number): Step | undefined {
    const { maxWaitMs, maxRestMs, since } = this.#limits;
    const spentMs = now - since;
    if (isRefused || countedMs > Math.max(0, maxRestMs - spentMs)) return undefined;
    if (target.mayBePassed(now)) return { target, delayMs: Math.max(restMs, pauseMs), last: 'panic' };
    const carefulMs = target.carefulInMs(now);
    const isWorthIt = carefulMs <= maxWaitMs - spentMs || target.isComingBack(now);
    if (carefulMs === Number.MAX_SAFE_INTEGER || !isWorthIt) return undefined;
    return { target, delayMs: Math.max(restMs, carefulMs), last: 'panic', isCareful: true };
  }
}

/** Looks again now and then, and asks when nothing is in the way any more. */
function waiting({ target, isRefused, restMs }: Resting, now: number): Step | undefined {
  const breakerMs = target.refusesForMs(now);
  if (isRefused || breakerMs === Number.MAX_SAFE_INTEGER) return undefined;
  const delayMs = Math.max(LEAST_MS, Math.min(LOOK_AGAIN_MS, Math.max(restMs, breakerMs)));
  return { target, delayMs, last: 'wait' };
}

/** With nothing left but keys and models that were refused, the provider's own error says more than ours, and may be over by now. */
function refusedOf(resting: readonly Resting[], now: number): Resting | undefined {
  return resting.find(({ target, restMs, isUntried, isRefused }) => {
    return isRefused && isUntried && restMs === 0 && target.refusesForMs(now) === 0;
  });
}

/** The sooner; of two that may be asked at the same time the one that answers more often. */
function isBetter({ target, delayMs }: Step, than: Step, now: number): boolean {
  if (delayMs !== than.delayMs) return delayMs < than.delayMs;
  return target.meter.successRate(now) > than.target.meter.successRate(now);
}
