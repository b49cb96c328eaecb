import type { WindowStats } from './windows.js';

/** What a breaker is doing: letting calls through, refusing them, or trying a few. */
export type BreakerState = 'closed' | 'open' | 'half-open';

/**
 * What a finished call says about its target. There are three answers, because a call that the caller took back, or that was
 * refused for the caller's own fault, says nothing: counting it as a success would close a breaker on a dead target.
 */
export type Mark = 'success' | 'failure' | 'ignored';

/** Leave for one call. Every permit is settled, whatever becomes of the call. */
export interface Permit {
  /** Whether the call decides about a half-open breaker. */
  readonly probe: boolean;
  /**
   * Tells how the call went; what changed comes back. Only the first time counts, and only while the breaker is still in the state
   * that gave the permit: a result from before an opening says nothing about the time after it.
   */
  settle(mark: Mark, now: number): Transition | undefined;
  /**
   * Gives a probe's place back before its result is known, and keeps its say: a stream that has begun to answer keeps nobody waiting
   * for a minute. Does nothing for other permits.
   */
  release(): void;
}

/** What {@link Breaker.tryAcquire} gives: the permit, and what giving it has changed. */
export interface Acquired {
  readonly permit: Permit;
  readonly transition?: Transition;
}

/** A change of state, for whoever announces it. */
export interface Transition {
  readonly from: BreakerState;
  readonly to: BreakerState;
  /** A few words, such as `5 failures in a row`. */
  readonly reason: string;
  /** How long the breaker stays open; only when it opens. */
  readonly openForMs?: number;
  /** How often in a row the wait has grown. */
  readonly level: number;
  /** The calls that led here: those of the window, or of the probes. */
  readonly stats: WindowStats;
}

/** How a breaker stands, in durations instead of instants, so that it can be written as JSON and read elsewhere. */
export interface BreakerSnapshot {
  /** An open breaker whose wait is over reads as `half-open`, since that is how it treats the next caller. */
  readonly state: BreakerState;
  readonly level: number;
  /** Milliseconds left of the wait; 0 unless open. */
  readonly openForMs: number;
  /** Closed: the window. Open: the calls that opened it. Half-open: the settled probes. */
  readonly stats: WindowStats;
  /** Probes that are under way and not yet given up. */
  readonly probesOut: number;
}

/** Keeps calls away from a target that fails. Holds no timer: whatever is due is found out when somebody asks. */
export interface Breaker {
  /** What {@link tryAcquire} would answer. Reserves nothing and changes nothing. */
  peek(now: number): 'ok' | 'probe' | 'rejected';
  /** A permit, or undefined when the call must not be made. When the wait is over, asking is what makes the breaker half-open. */
  tryAcquire(now: number): Acquired | undefined;
  /**
   * Milliseconds until asking again can help; 0 when it can help now. While a probe is out nobody knows: then it is what is left of its
   * lease, but `openMs` at the most.
   */
  retryAfterMs(now: number): number;
  snapshot(now: number): BreakerSnapshot;
  /**
   * Opens for exactly `ms`, or replaces the wait when already open (then nothing is returned). `Infinity` lasts until
   * {@link reset}; 0, a negative number or `NaN` changes nothing.
   */
  openFor(ms: number, now: number, reason: string): Transition | undefined;
  /** Closes and forgets everything, the level too; calls still under way no longer count. */
  reset(now: number): Transition | undefined;
}
