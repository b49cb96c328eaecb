import type { SeenLimit } from '../outcome/seen-limits.js';
import type { LimitDimension } from './limit.js';
import { Share } from './share.js';
import type { TakenLately } from './taken-lately.js';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** The 429s of so long are one burst: they are answers to what was sent before the first of them was heard of. */
const BURST_MS = 5_000;
/** A level that is lower than expected by this part of the limit speaks of others. */
const OTHERS = 0.02;

/** Without headers so much may leave at once, … */
const BLIND_BURST_MS = 10_000;
/** … and all is forgotten so long after the last 429, unless it held somebody back within the last minute. */
const FORGOTTEN_MS = 180_000;

/** A reset that is off by more than this part of the period from the time until a bucket is full is the end of a window. */
const WINDOW = 0.1;
/** Some tell of a day's requests under the name of a minute's. Their resets are true to this. */
const DAY_ERROR_MS = 1_100;

/** What was answered in the last minute, or in a part of it if answers have come for no longer than that. */
interface Lately {
  readonly answered: number;
  readonly minutes: number;
}

/**
 * What is known of one limit: a bucket that fills steadily, of which this process has a share. Headers tell how much is left in it, so
 * that little is sent that would be refused; without them it is a rate that went well until a 429.
 */
export class LearnedDimension {
  readonly #name: LimitDimension;
  readonly #taken: TakenLately;
  readonly #share = new Share();
  #periodMs: number;
  /** Of all processes together; 0 while nothing is known. */
  #limit = 0;
  /** Whether headers said so; otherwise it is a rate that went well before a 429. */
  #isTold = false;
  /** Whether headers told only what is left: the most that was ever left is taken for the limit. */
  #isGuessed = false;
  /** What is left of this process's share, below 0 when more was taken. */
  #level = 0;
  #at = 0;
  #windowAt = Number.NEGATIVE_INFINITY;
  #windowEnd = Number.NEGATIVE_INFINITY;
  #burstAt = Number.NEGATIVE_INFINITY;
  #refusedAt = Number.NEGATIVE_INFINITY;
  #heldAt = Number.NEGATIVE_INFINITY;

  /** One that knows nothing; `taken` is what is taken in this dimension, which the owner records. */
  constructor(name: LimitDimension, taken: TakenLately) {
    this.#name = name;
    this.#taken = taken;
    this.#periodMs = name.endsWith('Day') ? DAY_MS : MINUTE_MS;
  }

  /** Which limit this is. */
  get name(): LimitDimension {
    return this.#periodMs === DAY_MS && this.#name === 'requestsPerMinute' ? 'requestsPerDay' : this.#name;
  }

  /** Whether anything is known that could hold a request back. */
  get isKnown(): boolean {
    return this.#limit > 0 || this.#windowEnd > Number.NEGATIVE_INFINITY;
  }

  /** The most that leaves in a period, of all processes together; infinite when nothing is known, and as good as that when only the end of a window is. */
  get most(): number {
    if (this.#limit > 0) return this.#limit;
    return this.isKnown ? Number.MAX_SAFE_INTEGER : Number.POSITIVE_INFINITY;
  }

  /** The limit as headers tell it; undefined when they do not. */
  get limit(): number | undefined {
    return this.#isTold && !this.#isGuessed ? this.#limit : undefined;
  }

  /** Milliseconds until `cost` fits, as far as is known; 0 when it does now. What is more than all waits until all is there. */
  waitMs(cost: number, now: number): number {
    this.#refill(now);
    const missing = this.#limit > 0 ? Math.min(cost, this.#most()) - this.#level : 1;
    // Sums of fractions lack a little to whole numbers.
    if (missing <= 1e-6) return 0;
    if (this.#windowEnd > now) return this.#windowEnd - now;
    if (this.#limit === 0) return 0;
    this.#heldAt = now;
    return missing / this.#rate();
  }

  /** Takes it, whether or not it fits. */
  take(cost: number, now: number): void {
    this.#refill(now);
    if (this.#limit > 0) this.#level -= cost;
  }

  /** What was taken at `takenAt` turned out to be so much more, or less. */
  adjust(takenAt: number, delta: number, now: number): void {
    this.#refill(now);
    // What was left at a 429 is known to be nothing: what was sent before it has no part in that any more.
    if (this.#limit === 0 || (delta < 0 && takenAt <= this.#refusedAt)) return;
    this.#level = Math.min(this.#level - delta, this.#most());
  }

  /**
   * Headers of an answer to a request sent at `sentAt`; tells whether a limit became known or changed. They make the level lower, never
   * higher: an answer that was long under way tells of a time that is over.
   */
  seen(seen: SeenLimit, sentAt: number, now: number): boolean {
    this.#refill(now);
    const { limit = 0, remaining = Number.NaN } = seen;
    const isNew = limit >= 1 && limit < Number.POSITIVE_INFINITY && this.#learn(limit, now);
    if (!(remaining >= 0 && remaining < Number.POSITIVE_INFINITY)) return isNew;
    if (!this.limit) this.#guess(remaining, now);
    if (seen.resetMs !== undefined && seen.resetMs > 0) this.#readReset(seen.resetMs, remaining, now);
    if (this.#limit === 0) return isNew;
    // Since it was sent it has filled up, unless it is a window, and this process has taken more.
    const filled = this.#windowEnd > now ? 0 : (this.#limit / this.#periodMs) * Math.max(0, now - sentAt);
    const left = (remaining + filled) * this.#share.value - this.#taken.after(sentAt, now);
    const isSharing = this.#level - left > OTHERS * this.#limit;
    this.#level = Math.min(this.#level, Math.max(0, left));
    if (this.#windowEnd <= now) this.#share.seen(remaining / this.#limit, isSharing, now);
    return isNew;
  }

  /** The provider refused for this limit; `lately` is what it has answered. */
  refused(lately: Lately, now: number): void {
    this.#refill(now);
    if (now - this.#burstAt >= BURST_MS) {
      this.#burstAt = now;
      this.#cut(lately, now);
    }
    this.#refusedAt = now;
    this.#level = 0;
  }

  /** What is left of the share, not below 0. */
  left(now: number): number {
    this.#refill(now);
    return Math.max(0, this.#level);
  }

  /** Which part of the share is left, from 0 to 1. */
  fullness(now: number): number {
    return this.#limit > 0 ? this.left(now) / this.#most() : 1;
  }

  /** A limit told for the first time is full, and whatever was refused until then has nothing to do with its share. */
  #learn(limit: number, now: number): boolean {
    if (limit === this.limit) return false;
    if (this.limit === undefined) {
      this.#share.begin(now);
      this.#level = limit - this.#taken.total(now);
      this.#burstAt = now;
    } else this.#level += (limit - this.#limit) * this.#share.value;
    this.#limit = limit;
    this.#isTold = true;
    this.#isGuessed = false;
    return true;
  }

  /** Where only that is told which is left, the most that was ever left is taken for the limit. */
  #guess(remaining: number, now: number): void {
    if (remaining < 1 || (this.#isGuessed && remaining <= this.#limit)) return;
    if (this.#isGuessed) {
      this.#level += (remaining - this.#limit) * this.#share.value;
      this.#limit = remaining;
      return;
    }
    this.#learn(remaining, now);
    this.#level = remaining;
    this.#isGuessed = true;
  }

  /** The provider's own words tell a bucket from a window, and a day from a minute. */
  #readReset(resetMs: number, remaining: number, now: number): void {
    const used = this.#limit > 0 ? Math.max(0, 1 - remaining / this.#limit) : 1;
    if (this.#name === 'requestsPerMinute' && this.#limit > 0)
      this.#periodMs = Math.abs(resetMs - used * DAY_MS) <= DAY_ERROR_MS && used > 0 ? DAY_MS : MINUTE_MS;
    const isEnd = Math.abs(resetMs - used * this.#periodMs) > WINDOW * this.#periodMs || this.#limit === 0;
    if (isEnd) this.#windowAt = now;
    const isWindow = now - this.#windowAt <= 2 * this.#periodMs;
    // Of a limit that is unknown only that is believed that nothing is left.
    if (isWindow && (this.#limit > 0 || remaining === 0)) this.#windowEnd = now + resetMs;
  }

  /** A share, or a rate, that is known to have been too much: what was answered of late was not. */
  #cut({ answered, minutes }: Lately, now: number): void {
    if (this.#isTold) {
      const own = (answered * this.#periodMs) / (this.#limit * MINUTE_MS);
      // Of tokens there may have been plenty, and still fewer than that request took.
      if (this.#share.hasPlenty && this.#name.startsWith('requests')) this.#share.refusedWithPlenty(own / minutes, now);
      else this.#share.refused(own);
    } else if (answered > 0) {
      this.#limit = answered / minutes;
      this.#share.beginBlind();
    }
  }

  /** In a millisecond. */
  #rate(): number {
    return (this.#limit * this.#share.value) / this.#periodMs;
  }

  /** What may leave at once. */
  #most(): number {
    const share = this.#limit * this.#share.value;
    return Math.max(1, this.#isTold ? share * this.#share.burst : (share * BLIND_BURST_MS) / MINUTE_MS);
  }

  #refill(now: number): void {
    // A clock that steps back fills nothing, and goes on from there.
    const passedMs = Math.max(0, now - this.#at);
    this.#at = now;
    if (passedMs === 0) return;
    if (this.#windowEnd > Number.NEGATIVE_INFINITY) {
      if (now < this.#windowEnd) return;
      this.#windowEnd = Number.NEGATIVE_INFINITY;
      this.#share.turn();
      this.#level = this.#most();
    }
    if (this.#limit === 0) return;
    if (!this.#isTold) this.#probe(passedMs, now);
    this.#level = Math.min(this.#most(), this.#level + this.#rate() * passedMs);
  }

  /** Without headers: the rate goes up while it holds somebody back, and is forgotten when it has not for a while. */
  #probe(passedMs: number, now: number): void {
    const isHolding = now - this.#heldAt <= MINUTE_MS;
    if (isHolding) this.#share.probe(passedMs);
    else if (now - this.#burstAt > FORGOTTEN_MS) this.#limit = 0;
  }
}
