import { Decaying } from '../base/decaying.js';
import type { Random } from '../base/random.js';

const WINDOW_MS = 30_000;
/** A rate of fewer requests is an accident. */
const ENOUGH = 50;
/** So many requests are sent for each that is accepted: half of what is sent may be refused before anything is held back. */
const SENT_FOR_EACH = 2;
/** One in four is sent whatever happens: somebody has to find out that it is over. */
const MOST_HELD_BACK = 0.75;

/**
 * Holds requests of one model back while far more of them are refused than served, wherever they go: the more, the more are refused. It helps
 * only when everything is overloaded; what is refused takes its server time as well.
 *
 * Source: "Handling Overload" (Site Reliability Engineering, O'Reilly 2016): p = (requests − K · accepts) ÷ (requests + 1), with K = 2.
 */
export class Throttle {
  readonly #requests = new Decaying(WINDOW_MS);
  readonly #accepts = new Decaying(WINDOW_MS);

  /** Whether the dice hold this request back; one that is held back counts among those that were not accepted. */
  holdsBack(now: number, random: Random): boolean {
    const chance = this.chance(now);
    if (chance <= 0 || random() >= chance) return false;
    this.#requests.add(1, now);
    return true;
  }

  /** A request was sent, and served or not. */
  sent(isAccepted: boolean, now: number): void {
    this.#requests.add(1, now);
    if (isAccepted) this.#accepts.add(1, now);
  }

  /** How likely a request is held back, 0 to 0.75. */
  chance(now: number): number {
    const requests = this.#requests.weight(now);
    if (requests < ENOUGH) return 0;
    const excess = requests - SENT_FOR_EACH * this.#accepts.weight(now);
    return Math.min(MOST_HELD_BACK, Math.max(0, excess / (requests + 1)));
  }
}
