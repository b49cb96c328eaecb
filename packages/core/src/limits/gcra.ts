import { type Gate, until } from './gate.js';

/**
 * `burst` at once, and then steadily `limit` in a period: in any time of `d` milliseconds at most `burst + limit * d / periodMs`. One number
 * is kept, the time at which all that was taken will have come back.
 *
 * That holds for what was taken. A refund gives back at once, and what was used stays within burst and rate counted from any moment at which
 * nothing was missing; in shorter times that begin between a request and its refund, up to the refund may leave on top.
 *
 * A cost above the burst is let through when all has come back; the rest of it is owed, and nothing fits before that has come back too.
 *
 * Source: "generic cell rate algorithm", the virtual scheduling of ITU-T I.371 (TAT: theoretical arrival time).
 */
export class Gcra implements Gate {
  readonly #burst: number;
  readonly #msPerUnit: number;
  /** Before it, something is missing; the theoretical arrival time. */
  #fullAt = Number.NEGATIVE_INFINITY;
  /** When something was last taken while nothing was missing. */
  #fullUntil = Number.NEGATIVE_INFINITY;

  /** A rate of `limit` for each `periodMs` milliseconds, of which `burst` may leave at once; all are above 0. */
  constructor(limit: number, periodMs: number, burst: number) {
    this.#burst = burst;
    this.#msPerUnit = periodMs / limit;
  }

  waitMs(cost: number, now: number): number {
    if (!(cost > 0)) return 0;
    const fitsAt = this.#fullAt - (this.#burst - Math.min(cost, this.#burst)) * this.#msPerUnit;
    return fitsAt > now ? until(fitsAt, now) : 0;
  }

  take(cost: number, now: number): void {
    if (!(cost > 0)) return;
    if (this.#fullAt <= now) {
      this.#fullAt = now;
      this.#fullUntil = now;
    }
    this.#fullAt += cost * this.#msPerUnit;
  }

  adjust(takenAt: number, delta: number, _now: number): void {
    // What was taken before all was last there has come back by itself; it is not given twice.
    if (delta < 0 && takenAt < this.#fullUntil) return;
    this.#fullAt = Math.max(this.#fullUntil, this.#fullAt + delta * this.#msPerUnit);
  }

  left(now: number): number {
    return Math.max(0, this.#burst - Math.max(0, this.#fullAt - now) / this.#msPerUnit);
  }
}
