import type { Target } from '../targets/target.js';
import type { Step, WhenExhausted } from './step.js';
import type { Tried } from './tried.js';

/** Who only waits looks again after so long at the latest, in milliseconds: others may bring a target back sooner. */
const LOOK_AGAIN_MS = 1_000;
/** … and after so long at the earliest, also when it seems that nothing is in the way: many look at the same time. */
const LEAST_MS = 100;

/** A target that could serve the call, if it were not resting. */
export interface Resting {
  readonly target: Target;
  /** Whether its key or its model was refused. */
  readonly isRefused: boolean;
  /** How long its provider wants it to be left alone, or it cools down, in milliseconds: nobody's wait but theirs. */
  readonly restMs: number;
  readonly tried: Tried | undefined;
}

/** The last choice of one call: whom to wait for, or to ask all the same, when all are resting. */
export class LastChoice {
  readonly #how: Exclude<WhenExhausted, 'fail'>;
  readonly #maxWaitMs: number;
  readonly #since: number;

  constructor(how: Exclude<WhenExhausted, 'fail'>, maxWaitMs: number, now: number) {
    this.#how = how;
    this.#maxWaitMs = maxWaitMs;
    this.#since = now;
  }

  /** Whom to ask after what wait; undefined when that is nobody. */
  among(resting: readonly Resting[], now: number): Step | undefined {
    const refused = this.#how === 'panic' ? refusedOf(resting, now) : undefined;
    if (refused) return { target: refused.target, delayMs: 0, last: this.#how };
    let best: Step | undefined;
    for (const one of resting) {
      const delayMs = this.#how === 'wait' ? waitMs(one, now) : this.#panicMs(one, now);
      if (delayMs !== undefined && delayMs < (best?.delayMs ?? Number.POSITIVE_INFINITY))
        best = { target: one.target, delayMs, last: this.#how };
    }
    return best;
  }

  /** Whoever panics does not wait for long, unless a probe has shown that the target is coming back; and never for long for a rest. */
  #panicMs({ target, isRefused, restMs }: Resting, now: number): number | undefined {
    const leftMs = this.#since + this.#maxWaitMs - now;
    const carefulMs = target.carefulInMs(now);
    if (isRefused || carefulMs === Number.MAX_SAFE_INTEGER || restMs > Math.max(0, leftMs)) return undefined;
    return carefulMs <= leftMs || target.isComingBack(now) ? Math.max(restMs, carefulMs) : undefined;
  }
}

/** Looks again now and then, and asks when nothing is in the way any more. */
function waitMs({ target, isRefused, restMs }: Resting, now: number): number | undefined {
  const breakerMs = target.refusesForMs(now);
  if (isRefused || breakerMs === Number.MAX_SAFE_INTEGER) return undefined;
  return Math.max(LEAST_MS, Math.min(LOOK_AGAIN_MS, Math.max(restMs, breakerMs)));
}

/** With nothing left but keys and models that were refused, the provider's own error says more than ours, and may be over by now. */
function refusedOf(resting: readonly Resting[], now: number): Resting | undefined {
  if (!resting.every(({ isRefused }) => isRefused)) return undefined;
  return resting.find(({ target, restMs, tried }) => restMs === 0 && !tried && target.refusesForMs(now) === 0);
}
