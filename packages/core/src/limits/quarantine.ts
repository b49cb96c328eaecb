/** A credential rests five minutes after its first refusal, twice as long after each further one, an hour at most. */
const CREDENTIAL_MS = 5 * 60_000;
const LONGEST_MS = 60 * 60_000;
/** A model that an endpoint does not know is asked for again after ten minutes: it may have been deployed by then. */
const UNKNOWN_MODEL_MS = 10 * 60_000;
/** A provider that asks for more than a day is asked again the next day all the same. */
const LONGEST_ASKED_MS = 24 * 60 * 60_000;

/** A credential, or a model at an endpoint, that is unusable until something changes (401, quota, 404). */
export class Quarantine {
  #since = Number.NEGATIVE_INFINITY;
  #until = Number.NEGATIVE_INFINITY;
  #askedUntil = Number.NEGATIVE_INFINITY;
  #streak = 0;
  #reason = '';

  /** Milliseconds left; 0 when it may be used. */
  leftMs(now: number): number {
    return Math.max(0, this.#until - now);
  }

  /** Milliseconds left of what the provider itself asked for; 0 when it named no time, or the time is over. */
  askedLeftMs(now: number): number {
    return Math.max(0, this.#askedUntil - now);
  }

  /** The failure that led to it, in one word of the outcome table. */
  get reason(): string {
    return this.#reason;
  }

  /**
   * Starts it, and answers for how many milliseconds; 0 when it was under way already. It lasts at least `retryAfterMs`, what the
   * provider asked for, a day at the most; that makes one that is under way longer, never shorter.
   */
  start(reason: 'auth' | 'quota' | 'not_found', now: number, retryAfterMs = 0): number {
    const askedMs = Math.min(retryAfterMs, LONGEST_ASKED_MS);
    const isUnderWay = this.leftMs(now) > 0;
    // Requests that were in flight together report the same dead key: one refusal, not twenty.
    const restMs = Math.max(askedMs, isUnderWay ? 0 : this.#next(reason, now));
    this.#askedUntil = Math.max(this.#askedUntil, now + askedMs);
    this.#until = Math.max(this.#until, now + restMs);
    return isUnderWay ? 0 : restMs;
  }

  /**
   * An attempt that began at `startedAt` was answered; tells whether that ended it. An answer to what was asked before the refusal
   * proves nothing, and none is a reason to come back before the time that the provider named.
   */
  forgive(startedAt: number, now: number): boolean {
    if (this.#reason === '' || startedAt < this.#since || this.askedLeftMs(now) > 0) return false;
    this.end();
    return true;
  }

  /** It worked after all, or the user says so. */
  end(): void {
    this.#since = Number.NEGATIVE_INFINITY;
    this.#until = Number.NEGATIVE_INFINITY;
    this.#askedUntil = Number.NEGATIVE_INFINITY;
    this.#streak = 0;
    this.#reason = '';
  }

  /** Counts one more, and answers with the rest that follows on so many. */
  #next(reason: 'auth' | 'quota' | 'not_found', now: number): number {
    const first = reason === 'not_found' ? UNKNOWN_MODEL_MS : CREDENTIAL_MS;
    const restMs = Math.min(first * 2 ** Math.min(this.#streak, 10), LONGEST_MS);
    this.#streak += 1;
    this.#reason = reason;
    this.#since = now;
    return restMs;
  }
}
