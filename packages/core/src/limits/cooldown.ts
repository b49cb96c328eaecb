import type { Random } from '../base/random.js';
import type { FailureKind } from '../outcome/outcome.js';
import { RestLine } from './rest-line.js';

/** No cooldown lasts longer than this unless the provider asked for more. */
const LONGEST_MS = 60_000;
/** A provider that asks for more than a day is asked again the next day all the same. */
const LONGEST_ASKED_MS = 24 * 60 * 60_000;
/** Up to a fifth is added, so that many clients told to wait do not come back together; of a long rest the fifth of a minute. */
const JITTER = 0.2;

/** Calls that wait for the end of one rest are let go one after the other, at first so far apart … */
const APART_MS = 25;
/** … and all of them within so long. */
const ALL_WITHIN_MS = 2_000;

/** Whoever names no more than this tells a habit rather than a time, in milliseconds. */
const BRIEF_MS = 2_000;

/** Why a target is asked to rest, and for how long at least. */
export interface CooldownCause {
  /** What it answered with. */
  readonly kind?: FailureKind | undefined;
  /** What the provider asked for, in milliseconds; a day of it is kept to at the most. */
  readonly retryAfterMs: number | undefined;
  /** The first rest when the provider asked for nothing; it doubles with every further one in a row. */
  readonly floorMs: number;
  /** Whether it will surely be over after that: a rate limit is, an overload may not be. */
  readonly isCertain: boolean;
}

/** A rest that a target asked for by itself (429, Retry-After). Over by itself: it is found out when asked. */
export class Cooldown {
  #until = Number.NEGATIVE_INFINITY;
  #askedUntil = Number.NEGATIVE_INFINITY;
  #namedUntil = Number.NEGATIVE_INFINITY;
  #streak = 0;
  #since = Number.NEGATIVE_INFINITY;
  #sinceBefore = Number.NEGATIVE_INFINITY;
  #worthWaiting = false;
  #queue = 0;
  #restMs = 0;
  #kind: FailureKind | undefined;
  /** Who waits for its end. */
  readonly line = new RestLine();

  /** Whether a call should rather wait for the end of a short rest than be answered by a different model. */
  get worthWaiting(): boolean {
    return this.#worthWaiting;
  }

  /** The failure that led to it, the newest of several; undefined when that is not known. */
  get kind(): FailureKind | undefined {
    return this.#kind;
  }

  /** Milliseconds left to rest; 0 when there are none. */
  leftMs(now: number): number {
    return Math.max(0, this.#until - now);
  }

  /** Milliseconds left without the jitter that was added: whether a rest is short enough to wait for is not decided by dice. */
  askedLeftMs(now: number): number {
    return Math.max(0, this.#askedUntil - now);
  }

  /** Milliseconds left of what the provider itself named; 0 when it named nothing, and the rest is of our own making. */
  namedLeftMs(now: number): number {
    return Math.max(0, this.#namedUntil - now);
  }

  /** Starts or lengthens the rest and answers how long it now is. A later, shorter one never shortens it. */
  start(cause: CooldownCause, now: number, random: Random): number {
    // Requests that were in flight together report the same overload: the rest grows once for it, not twenty times.
    const isNew = this.leftMs(now) === 0;
    this.#kind = cause.kind;
    this.#worthWaiting = cause.isCertain || cause.retryAfterMs !== undefined;
    // A first refusal that says when to come back is believed; those who say so again and again are given more time than they ask for.
    const doublings = cause.retryAfterMs === undefined ? this.#streak : this.#streak - 1;
    const backoffMs = isNew && doublings >= 0 ? Math.min(cause.floorMs * 2 ** Math.min(doublings, 30), LONGEST_MS) : 0;
    if (isNew) {
      this.#streak += 1;
      this.#sinceBefore = this.#since;
      this.#since = now;
      this.#queue = 0;
    }
    const askedMs = Math.max(Math.min(cause.retryAfterMs ?? 0, LONGEST_ASKED_MS), backoffMs);
    this.#askedUntil = Math.max(this.#askedUntil, now + askedMs);
    // How long it was meant to be, not what is left of it: a long rest is no brief one near its end.
    this.#restMs = isNew ? askedMs : Math.max(this.#restMs, askedMs);
    this.#namedUntil = Math.max(this.#namedUntil, now + Math.min(cause.retryAfterMs ?? 0, LONGEST_ASKED_MS));
    // A rest that lasts until then anyway is not made longer: dice thrown for every refusal would do that, up to the most of them.
    if (now + askedMs > this.#until) this.#until = now + askedMs + Math.min(askedMs, LONGEST_MS) * JITTER * random();
    return this.#until - now;
  }

  /**
   * Takes a place among those that wait for the end of the rest, and answers how many milliseconds after it this place comes: let go all at
   * once they would be refused all at once, and the next rest would be worse.
   */
  queueMs(now: number): number {
    if (this.leftMs(now) === 0) return 0;
    const place = this.#queue;
    this.#queue += 1;
    return ALL_WITHIN_MS * (1 - Math.exp((-place * APART_MS) / ALL_WITHIN_MS));
  }

  /**
   * The target answered an attempt that began at `startedAt`: the next rest starts from its floor again, unless the attempt is older than this
   * one, of which it says nothing; of those before it, it says that they were over. What it has finished has made room for one more all the same, so that one of those who wait is let go before
   * the time, if that is brief: a server that bears so many calls at a time says no to the next and names a second,
   * though it has room again in a tenth of it. Source: the self-clocking of TCP (Jacobson, 1988).
   */
  forgive(startedAt: number): void {
    if (startedAt >= this.#since) this.#streak = 0;
    else if (startedAt >= this.#sinceBefore) this.#streak = Math.min(this.#streak, 1);
    if (this.#restMs <= BRIEF_MS) this.line.next();
  }

  /** Ends the rest at once, for a user who knows better. */
  end(): void {
    this.#until = Number.NEGATIVE_INFINITY;
    this.#askedUntil = Number.NEGATIVE_INFINITY;
    this.#namedUntil = Number.NEGATIVE_INFINITY;
    this.#streak = 0;
  }
}
