/** What a window remembers, or what the probes of a half-open breaker have shown so far. */
export interface WindowStats {
  /** Calls that succeeded or failed; ignored ones are in no window. */
  readonly total: number;
  readonly failures: number;
}

/** Calls of the last minute are counted in this many slices, which is how exactly old calls are forgotten. */
const BUCKETS = 12;

/**
 * Counts the calls of the last `windowMs` in a ring of 12 buckets; the oldest bucket is taken off the sums as it falls out, so
 * recording and reading cost the same however many calls there were. A call is forgotten between 11/12 of the window and the
 * whole of it after it happened, also when nothing happened in between. When the clock steps back, calls go into the newest bucket.
 */
export class TimeWindow {
  readonly #bucketMs: number;
  readonly #totals = new Uint32Array(BUCKETS);
  readonly #failed = new Uint32Array(BUCKETS);
  #head = 0;
  /** When the newest bucket ends. Before the first call that is long ago, so the first look at the clock sets it. */
  #headEnds = Number.NEGATIVE_INFINITY;
  #total = 0;
  #failures = 0;

  constructor(windowMs: number) {
    this.#bucketMs = windowMs / BUCKETS;
  }

  /** Calls in the window, as of the last `record` or `forget`. */
  get total(): number {
    return this.#total;
  }

  /** Failed calls in the window, as of the last `record` or `forget`. */
  get failures(): number {
    return this.#failures;
  }

  /** Counts one call and forgets those that have become too old. */
  record(failed: boolean, now: number): void {
    this.forget(now);
    const head = this.#head;
    this.#totals[head] = (this.#totals[head] ?? 0) + 1;
    this.#total += 1;
    if (!failed) return;
    this.#failed[head] = (this.#failed[head] ?? 0) + 1;
    this.#failures += 1;
  }

  /** What the window holds at `now`; reading forgets too, or an idle hour would still count as the last minute. */
  read(now: number): WindowStats {
    this.forget(now);
    return { total: this.#total, failures: this.#failures };
  }

  /** Turns the ring to `now`. A jump over the whole window empties it in one round. */
  forget(now: number): void {
    if (!(now >= this.#headEnds)) return;
    const ends = (Math.floor(now / this.#bucketMs) + 1) * this.#bucketMs;
    // Rounding may leave the end of the bucket at `now` itself; a bucket that never ends would be a standstill.
    const newEnds = ends > now ? ends : ends + this.#bucketMs;
    const steps = Math.min(BUCKETS, Math.max(1, Math.round((newEnds - this.#headEnds) / this.#bucketMs)));
    for (let step = 0; step < steps; step++) {
      this.#head = (this.#head + 1) % BUCKETS;
      this.#total -= this.#totals[this.#head] ?? 0;
      this.#failures -= this.#failed[this.#head] ?? 0;
      this.#totals[this.#head] = 0;
      this.#failed[this.#head] = 0;
    }
    this.#headEnds = newEnds;
  }
}
