import type { Random } from '../base/random.js';
import { loneBackoffMs } from './backoff.js';

/** With several targets the pauses grow to about a second: all of them together take as long as a call may be kept waiting. */
const MOST_DOUBLINGS_OF_MANY = 1;

/**
 * The pauses of one call that has nobody untried left: the official client's, whichever target is asked next. Each target with a pause of
 * its own, all would be asked again within the same half second, and a hiccup of that length would outlast the call.
 */
export class Pace {
  #pauses = 0;
  #until: number | undefined;

  /** Milliseconds left of the pause that begins when it is first thought of; `isAlone` where there is only one target. */
  leftMs(now: number, { isAlone, random }: { isAlone: boolean; random: Random }): number {
    const doublings = isAlone ? this.#pauses : Math.min(this.#pauses, MOST_DOUBLINGS_OF_MANY);
    this.#until ??= now + loneBackoffMs(doublings, random);
    return Math.max(0, this.#until - now);
  }

  /** An attempt failed; if there was a pause before it the next one is longer. */
  failed(): void {
    if (this.#until === undefined) return;
    this.#pauses += 1;
    this.#until = undefined;
  }
}
