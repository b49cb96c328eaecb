/** A credential rests five minutes after its first refusal, twice as long after each further one, an hour at most. */
const CREDENTIAL_MS = 5 * 60_000;
const LONGEST_MS = 60 * 60_000;
/** A model that an endpoint does not know is asked for again after ten minutes: it may have been deployed by then. */
const UNKNOWN_MODEL_MS = 10 * 60_000;

/** A credential, or a model at an endpoint, that is unusable until something changes (401, quota, 404). */
export class Quarantine {
  #until = Number.NEGATIVE_INFINITY;
  #streak = 0;
  #reason = '';

  /** Milliseconds left; 0 when it may be used. */
  leftMs(now: number): number {
    return Math.max(0, this.#until - now);
  }

  /** The failure that led to it, in one word of the outcome table. */
  get reason(): string {
    return this.#reason;
  }

  /** Starts it, and answers for how many milliseconds; 0 when it was under way already. */
  start(reason: 'auth' | 'quota' | 'not_found', now: number): number {
    // Requests that were in flight together report the same dead key: one refusal, not twenty.
    if (this.leftMs(now) > 0) return 0;
    const first = reason === 'not_found' ? UNKNOWN_MODEL_MS : CREDENTIAL_MS;
    const restMs = Math.min(first * 2 ** Math.min(this.#streak, 10), LONGEST_MS);
    this.#streak += 1;
    this.#reason = reason;
    this.#until = now + restMs;
    return restMs;
  }

  /** It worked after all, or the user says so. */
  end(): void {
    this.#until = Number.NEGATIVE_INFINITY;
    this.#streak = 0;
    this.#reason = '';
  }
}
