/** What a bucket counts, and how long it takes to fill; a quota never does. */
export interface BucketKind {
  readonly dimension: 'requests' | 'tokens';
  readonly period: 'minute' | 'day' | 'ever';
}

const PERIOD_MS = { minute: 60_000, day: 86_400_000, ever: Number.POSITIVE_INFINITY };

/** One limit as providers enforce it: a bucket, full at first, that fills up steadily. */
export class Bucket implements BucketKind {
  readonly dimension: BucketKind['dimension'];
  readonly period: BucketKind['period'];
  readonly limit: number;
  #level: number;
  #filledAt: number;

  constructor({ dimension, period }: BucketKind, limit: number, now: number) {
    this.dimension = dimension;
    this.period = period;
    this.limit = limit;
    this.#level = limit;
    this.#filledAt = now;
  }

  /** What is left. */
  level(now: number): number {
    this.#level = Math.min(this.limit, this.#level + (now - this.#filledAt) / this.msFor(1));
    this.#filledAt = now;
    return this.#level;
  }

  /** What is taken out of it, or put back when it is negative; it never holds more than its limit. */
  take(amount: number, now: number): void {
    this.#level = Math.min(this.limit, this.level(now) - amount);
  }

  /** Milliseconds until so much more is there. */
  msFor(amount: number): number {
    return amount === 0 ? 0 : (amount * PERIOD_MS[this.period]) / this.limit;
  }

  /** Milliseconds until it is full. */
  msToFull(now: number): number {
    return this.msFor(this.limit - this.level(now));
  }
}
