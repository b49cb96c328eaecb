const MINUTE_MS = 60_000;

/** After a 429 the share, or the rate of late, is cut to this: less costs throughput, more leaves a fleet above the limit for longer. */
const CUT = 0.85;
/** One that was idle is not thrown back further than this by one burst of 429s: its rate of late says little of its share. */
const DEEPEST_CUT = 0.35;
/** With more than this part of the limit left there is room for larger shares, with less than the second one they have to become smaller. */
const COMFORTABLE = 0.2;
const SCARCE = 0.1;
/** Of the whole limit, in a minute in which all of it is left: a share that was too small is forgotten within a minute or two. */
const GROWTH = 1;
/** The part of the share that is given up in a minute in which nothing is left, … */
const RETREAT = 2;
/** … and the most that one answer takes away. */
const LONGEST_STEP = 0.5;
/** With windows, what is left tells nothing of what is enough: the share grows by so much with each. */
const WINDOW_GROWTH = 0.05;
/** Without headers the rate grows by so much of itself in a minute: the limit is probed slowly. */
const BLIND_GROWTH = 0.06;
/** A refusal with plenty left is of a limit that no header tells: of a second, or of something else. Growth is slow for so long after it … */
const UNEXPLAINED_MS = 180_000;
/** … and what may leave at once is halved by it, down to a second's worth of a minute, and grows by so much of all in a minute. */
const LEAST_BURST = 1 / 60;
const BURST_GROWTH = 0.06;
/** Fifty processes can share a limit; more of them find their turns by 429s. */
const LEAST = 0.02;

/**
 * The part of a limit that this process may take, so that processes that share it without knowing of each other settle.
 * Source: additive increase, multiplicative decrease (Chiu and Jain, 1989), with what is left as the early notice (RFC 3168).
 */
export class Share {
  #value = 1;
  #burst = 1;
  #left = 0;
  #seenAt = Number.POSITIVE_INFINITY;
  #unexplainedAt = Number.NEGATIVE_INFINITY;

  /** From 0.02 to 1; without headers above 1 too, while a higher rate is being tried. */
  get value(): number {
    return this.#value;
  }

  /** The part of the share that may leave at once. */
  get burst(): number {
    return this.#burst;
  }

  /** A limit became known, and all of it may be taken. */
  begin(now: number): void {
    this.#value = 1;
    this.#seenAt = now;
  }

  /** A rate was measured that goes well; a little less than that is taken. */
  beginBlind(): void {
    this.#value = CUT;
  }

  /**
   * An answer told which part of the limit is left. Only who shares it has to make room: what a process alone leaves is there for nobody.
   */
  seen(left: number, isSharing: boolean, now: number): void {
    const minutes = Math.min(1, Math.max(0, now - this.#seenAt) / MINUTE_MS);
    this.#seenAt = now;
    this.#left = left;
    const growth = now - this.#unexplainedAt > UNEXPLAINED_MS ? GROWTH : BLIND_GROWTH;
    this.#burst = Math.min(1, this.#burst + BURST_GROWTH * minutes);
    if (left > COMFORTABLE) this.#set(this.#value + growth * (left - COMFORTABLE) * minutes);
    else if (left < SCARCE && isSharing)
      this.#set(this.#value * (1 - Math.min(LONGEST_STEP, RETREAT * (1 - left / SCARCE) * minutes)));
  }

  /** Whether much was left when that was last told: then a refusal is of a limit that no header tells. */
  get hasPlenty(): boolean {
    return this.#left > COMFORTABLE;
  }

  /** A burst of 429s has begun; `own` is the part of the limit that was answered in the last minute. */
  refused(own: number): void {
    this.#set(Math.max(this.#value * DEEPEST_CUT, Math.min(this.#value, own) * CUT));
  }

  /** The same of a limit that no header tells. */
  refusedWithPlenty(own: number, now: number): void {
    this.#unexplainedAt = now;
    this.#burst = Math.max(LEAST_BURST, this.#burst / 2);
    this.refused(own);
  }

  /** A new window has begun. */
  turn(): void {
    this.#set(this.#value + WINDOW_GROWTH);
  }

  /** Time goes by in which a rate without headers holds somebody back. */
  probe(passedMs: number): void {
    this.#value += (BLIND_GROWTH * Math.min(passedMs, MINUTE_MS)) / MINUTE_MS;
  }

  #set(value: number): void {
    this.#value = Math.min(1, Math.max(LEAST, value));
  }
}
