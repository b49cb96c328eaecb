import { type Gate, until } from './gate.js';

/** A period is counted in so many parts … */
const PARTS = 60;
/** … and one more is kept, because the oldest counts whole until the last of it has passed. */
const BUCKETS = PARTS + 1;

/**
 * At most `limit` in any period, however it is laid, and a whole period's worth at once after a pause. It counts in buckets of a sixtieth
 * of the period, and each counts whole until all of it is a period old: never more than the limit, and 60/61 of it (98.3 %) for good.
 *
 * A cost above the limit is let through when nothing is counted. What is above the limit is owed: it takes the room that becomes free before
 * anybody else does, so that three times the limit blocks for three periods. What turns out to be more than was taken is counted where that
 * was, or from now on if that has left: a long stream must not be cheaper for being long.
 *
 * Source: the sliding window counter, a log of events rounded to sub-buckets; without the usual interpolation between the oldest and the
 * newest (Cloudflare, "How we built rate limiting capable of scaling to millions of domains", 2017), which lets more through than the limit.
 */
export class SlidingWindow implements Gate {
  readonly #limit: number;
  readonly #widthMs: number;
  /** A ring; what is owed is not in it. */
  readonly #counts = new Float64Array(BUCKETS);
  /** The number of the newest bucket, counted from the clock's zero, and where it is in the ring. It never goes back, even if the clock does. */
  #newest = Number.NEGATIVE_INFINITY;
  #slot = 0;
  /** The sum of the ring: the limit at the most, and the limit exactly while something is owed. */
  #counted = 0;
  #owed = 0;

  /** A limit for any `periodMs` milliseconds; both are above 0. */
  constructor(limit: number, periodMs: number) {
    this.#limit = limit;
    this.#widthMs = periodMs / PARTS;
  }

  waitMs(cost: number, now: number): number {
    if (!(cost > 0)) return 0;
    this.#advance(now);
    const excess = this.#counted + this.#owed + Math.min(cost, this.#limit) - this.#limit;
    return excess > 0 ? Math.max(0, until(this.#gone(excess), now)) : 0;
  }

  take(cost: number, now: number): void {
    if (!(cost > 0)) return;
    const bucket = this.#advance(now);
    this.#count(cost, Math.min(this.#newest - bucket, PARTS));
  }

  adjust(takenAt: number, delta: number, now: number): void {
    this.#advance(now);
    const age = Math.max(0, this.#newest - this.#bucketOf(takenAt));
    if (delta > 0) this.#count(delta, age > PARTS ? 0 : age);
    else if (delta < 0) this.#giveBack(-delta, age);
  }

  left(now: number): number {
    this.#advance(now);
    return Math.max(0, this.#limit - this.#counted);
  }

  #count(cost: number, age: number): void {
    const fitting = Math.min(cost, this.#limit - this.#counted);
    const slot = this.#slotOf(age);
    this.#counts[slot] = (this.#counts[slot] ?? 0) + fitting;
    this.#counted += fitting;
    this.#owed += cost - fitting;
  }

  /** What is owed first; then from where it was counted, if that has not left. */
  #giveBack(cost: number, age: number): void {
    const repaid = Math.min(cost, this.#owed);
    this.#owed -= repaid;
    if (age > PARTS) return;
    const slot = this.#slotOf(age);
    const counted = this.#counts[slot] ?? 0;
    const own = Math.min(cost - repaid, counted);
    this.#counts[slot] = counted - own;
    this.#counted = Math.max(0, this.#counted - own);
  }

  /** Moves on to the bucket of `now`, and answers with its number, which is lower than that of the newest when the clock went back. */
  #advance(now: number): number {
    const bucket = this.#bucketOf(now);
    if (bucket > this.#newest) {
      if (this.#counted > 0) this.#pass(bucket - this.#newest);
      this.#newest = bucket;
    }
    return bucket;
  }

  /** Lets so many buckets leave; what is owed goes to where they were. */
  #pass(buckets: number): void {
    // Turns of the ring that are filled with what is owed leave it as it was.
    const turns = Math.min(Math.floor(buckets / BUCKETS), Math.floor(this.#owed / this.#limit));
    this.#owed -= turns * this.#limit;
    // One more turn takes the rest of what is owed, another empties the ring: a pause of a year is no more work than that.
    const steps = Math.min(buckets - turns * BUCKETS, 2 * BUCKETS);
    for (let step = 0; step < steps && this.#counted > 0; step += 1) {
      this.#slot = this.#slot === PARTS ? 0 : this.#slot + 1;
      const leaving = this.#counts[this.#slot] ?? 0;
      const repaid = Math.min(this.#owed, leaving);
      this.#counts[this.#slot] = repaid;
      this.#counted = Math.max(0, this.#counted - leaving + repaid);
      this.#owed -= repaid;
    }
  }

  /**
   * When so much of what is counted and owed has left, in milliseconds of the clock. What is owed fills the ring again just as it was, from its
   * oldest bucket on, so that whole turns can be skipped and the rest be looked for in the ring as it is now.
   */
  #gone(excess: number): number {
    const turns = Math.ceil(excess / this.#counted) - 1;
    let rest = excess - turns * this.#counted;
    let age = PARTS;
    for (; age > 0; age -= 1) {
      rest -= this.#counts[this.#slotOf(age)] ?? 0;
      if (rest <= 0) break;
    }
    return (this.#newest - age + BUCKETS * (turns + 1)) * this.#widthMs;
  }

  #slotOf(age: number): number {
    const slot = this.#slot - age;
    return slot < 0 ? slot + BUCKETS : slot;
  }

  /** The last whose beginning is not after it; a quotient alone is a bit too low or high for some widths. */
  #bucketOf(at: number): number {
    const bucket = Math.floor(at / this.#widthMs);
    if ((bucket + 1) * this.#widthMs <= at) return bucket + 1;
    return bucket * this.#widthMs > at ? bucket - 1 : bucket;
  }
}
