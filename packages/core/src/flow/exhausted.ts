import type { Hindrance, Target } from '../targets/target.js';
import type { Step, WhenExhausted } from './step.js';
import type { Tried } from './tried.js';

/** Who only waits looks again after so long at the latest, in milliseconds: others may bring a target back sooner. */
const LOOK_AGAIN_MS = 1_000;

/** A target that could serve the call, if it were not resting. */
export interface Resting {
  readonly target: Target;
  /** What keeps calls away; undefined where dice said no. */
  readonly hindrance: Hindrance | undefined;
  /** How long the provider wants it to be left alone, in milliseconds. */
  readonly askedMs: number;
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
    const refused = this.#how === 'panic' ? refusedOf(resting) : undefined;
    if (refused) return { target: refused.target, delayMs: 0, last: this.#how };
    let best: Step | undefined;
    for (const one of resting) {
      const delayMs = this.#delayMs(one, now);
      if (delayMs !== undefined && delayMs < (best?.delayMs ?? Number.POSITIVE_INFINITY))
        best = { target: one.target, delayMs, last: this.#how };
    }
    return best && this.#isWorthIt(best, now) ? best : undefined;
  }

  #delayMs({ target, hindrance, askedMs }: Resting, now: number): number | undefined {
    const leftMs = hindrance ? hindrance.leftMs : target.refusesForMs(now);
    if (hindrance?.reason === 'quarantine' || leftMs === Number.MAX_SAFE_INTEGER) return undefined;
    if (this.#how === 'wait') return Math.min(leftMs, LOOK_AGAIN_MS);
    // A rest is a provider's wish; only the wait of a breaker is our own.
    return Math.max(askedMs, target.cooldown.leftMs(now), target.carefulInMs(now));
  }

  /** Whoever panics does not wait for long, unless a probe has shown that the target is coming back. */
  #isWorthIt({ target, delayMs }: Step, now: number): boolean {
    return this.#how === 'wait' || now + delayMs - this.#since <= this.#maxWaitMs || target.isComingBack(now);
  }
}

/** With nothing left but keys and models that were refused, the provider's own error says more than ours, and may be over by now. */
function refusedOf(resting: readonly Resting[]): Resting | undefined {
  if (resting.some(({ hindrance }) => hindrance?.reason !== 'quarantine')) return undefined;
  return resting.find(({ askedMs, tried }) => askedMs === 0 && !tried);
}
