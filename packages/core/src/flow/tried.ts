import type { Random } from '../base/random.js';
import type { Failure } from '../outcome/outcome.js';
import { VERDICTS, type Verdict } from '../outcome/verdict.js';
import { backoffMs } from '../retries/backoff.js';

/** When a target is asked again: its model is nowhere else, its model failed elsewhere too, nothing untried is left, or all are resting. */
export type Occasion = 'lone' | 'others failed too' | 'nothing else' | 'all rest';

/** What a plan remembers of a target that failed: whether, and when, it may be asked once more. */
export class Tried {
  /** Until when it asked to be left alone, though not every such target cools for others too; undefined when it did not say. */
  readonly askedUntil: number | undefined;
  readonly #repeats: number;
  readonly #verdict: Verdict;
  readonly #repeatable: boolean | undefined;
  /** When its backoff is over, from the first time that a repeat was thought of. */
  #backoffUntil: number | undefined;

  /** After a failure just now; `before` is what was known of it until then. */
  constructor({ kind, repeatable, retryAfterMs = 0 }: Failure<unknown>, now: number, before: Tried | undefined) {
    this.askedUntil = retryAfterMs > 0 ? now + retryAfterMs : undefined;
    this.#repeats = before ? before.#repeats + 1 : 0;
    this.#verdict = VERDICTS[kind];
    this.#repeatable = repeatable;
  }

  mayRepeat(occasion: Occasion, maxRetries: number): boolean {
    const verdict = this.#verdict;
    // What was only found closed has not been tried.
    if (occasion === 'all rest' && verdict === VERDICTS.no_target) return true;
    // Written so that NaN repeats nothing.
    if (!(this.#repeats < maxRetries) || this.#repeatable === false) return false;
    // Who said when to come back is believed; who is merely overloaded is asked again only when nobody else is left.
    const isExpected = verdict.rest === 'target' && this.askedUntil !== undefined;
    if (this.#repeatable === true || verdict.repeat === 'rested' || isExpected) return true;
    if (verdict.repeat === 'once' && occasion === 'lone') return this.#repeats < 1;
    return verdict.repeat !== 'never' && (occasion === 'nothing else' || occasion === 'all rest');
  }

  /** The backoff is an instant too: who looks again after half of it waits for the other half. */
  backoffLeftMs(now: number, random: Random): number {
    this.#backoffUntil ??= now + backoffMs(this.#repeats, random);
    return Math.max(0, this.#backoffUntil - now);
  }
}
