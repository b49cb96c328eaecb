import type { Random } from '../base/random.js';

/** No cooldown lasts longer than this unless the provider asked for more. */
const LONGEST_MS = 60_000;
/** Up to a fifth is added, so that many clients told to wait do not come back together. */
const JITTER = 0.2;

/** Why a target is asked to rest, and for how long at least. */
export interface CooldownCause {
  /** What the provider asked for, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** The first rest when the provider asked for nothing; it doubles with every further one in a row. */
  readonly floorMs: number;
}

/** A rest that a target asked for by itself (429, Retry-After). Over by itself: it is found out when asked. */
export class Cooldown {
  #until = Number.NEGATIVE_INFINITY;
  #streak = 0;

  /** Milliseconds left to rest; 0 when there are none. */
  leftMs(now: number): number {
    return Math.max(0, this.#until - now);
  }

  /** Starts or lengthens the rest and answers how long it now is. A later, shorter one never shortens it. */
  start(cause: CooldownCause, now: number, random: Random): number {
    const backoffMs = Math.min(cause.floorMs * 2 ** Math.min(this.#streak, 30), LONGEST_MS);
    this.#streak += 1;
    const restMs = Math.max(cause.retryAfterMs ?? 0, backoffMs) * (1 + JITTER * random());
    this.#until = Math.max(this.#until, now + restMs);
    return this.#until - now;
  }

  /** The target answered: the next rest starts from its floor again. */
  forgive(): void {
    this.#streak = 0;
  }

  /** Ends the rest at once, for a user who knows better. */
  end(): void {
    this.#until = Number.NEGATIVE_INFINITY;
    this.#streak = 0;
  }
}
