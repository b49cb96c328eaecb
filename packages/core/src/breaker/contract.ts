import type { WindowStats } from './windows.js';

/** What a breaker is doing: letting calls through, refusing them, or trying a few. */
export type BreakerState = 'closed' | 'open' | 'half-open';

/**
 * Who decides. `auto`: the breaker. `observe-only`: it counts and tells when it would have opened, but lets every call through.
 * `disabled`: it lets every call through and counts nothing. `forced-open`: it refuses every call until told otherwise.
 */
export type BreakerMode = 'auto' | 'observe-only' | 'disabled' | 'forced-open';

/**
 * What a finished call says about its target. There are three answers, because a call that the caller took back, or that was
 * refused for the caller's own fault, says nothing: counting it as a success would close a breaker on a dead target.
 */
export type Mark = 'success' | 'failure' | 'ignored';

/** What else is known of a finished call. */
export interface Result {
  /** How long it took, in milliseconds; of a stream until its first content. @default the time since the permit was given */
  readonly durationMs?: number | undefined;
  /** How long the provider asked to be left alone, in milliseconds: an opening lasts at least as long. */
  readonly retryAfterMs?: number | undefined;
}

/** Leave for one call. Every permit is settled, whatever becomes of the call. */
export interface Permit {
  /** Whether the call decides about a half-open breaker. */
  readonly probe: boolean;
  /** What giving it has changed, for whoever announces it. */
  readonly transition: Transition | undefined;
  /**
   * Tells how the call went; what changed comes back. Only the first time counts, and only while the breaker is still in the state
   * that gave the permit: a result from before an opening says nothing about the time after it.
   */
  settle(mark: Mark, now: number, result?: Result): Transition | undefined;
  /**
   * Gives a probe's place back before its result is known, and keeps its say: a stream that has begun to answer keeps nobody waiting
   * for a minute. Does nothing for other permits.
   */
  release(): void;
}

/** A change, for whoever announces it. */
export interface Transition {
  /** `would-open` is what an observing breaker says in place of opening: nothing has changed but that. */
  readonly what: 'state' | 'would-open' | 'mode';
  readonly from: BreakerState;
  readonly to: BreakerState;
  /** The mode from now on. */
  readonly mode: BreakerMode;
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
  readonly mode: BreakerMode;
  readonly level: number;
  /** Milliseconds left of the wait; 0 unless open. */
  readonly openForMs: number;
  /** Milliseconds since the state began. */
  readonly sinceMs: number;
  /** Why it is open, in a few words, such as `5 failures in a row` or `opened by hand`; undefined unless open. */
  readonly reason: string | undefined;
  /** Closed: the window. Open: the calls that opened it. Half-open: the settled probes. */
  readonly stats: WindowStats;
  /** Probes that are under way and not yet given up. */
  readonly probesOut: number;
}

/** How long a breaker has been in each state, in milliseconds; a disabled one is closed, one that is open by hand is open. */
export interface TimeInStates {
  readonly closed: number;
  readonly open: number;
  readonly halfOpen: number;
}

/** The part of a snapshot that a breaker can be put back into. */
export type BreakerMemory = Pick<BreakerSnapshot, 'state' | 'mode' | 'level' | 'openForMs'>;

/** What a person may tell a breaker. Each answers with what it changed, or undefined when it changed nothing. */
export interface BreakerControls {
  /**
   * Opens for exactly `ms`, or replaces the wait when already open (from `open` to `open`); `Infinity` is until somebody closes it. 0, a
   * negative number or `NaN` changes nothing, and neither does any wait in a mode but `auto`.
   */
  openFor(ms: number, now: number, reason: string): Transition | undefined;
  /** Closes and forgets everything, the level too; calls still under way no longer count. */
  reset(now: number, reason?: string): Transition | undefined;
  /** Begins another mode, with a clean slate. */
  setMode(mode: BreakerMode, now: number): Transition | undefined;
  /**
   * Ends the wait of an open breaker: somebody has reason to try it at once. It may only shorten a wait, and not one that a person, the
   * options (`recovery.never()`) or the provider (`Retry-After`) asked for. Of a half-open one it gives the places of probes back that
   * have been under way for ten seconds.
   */
  nudge(now: number): void;
  /**
   * Goes on where another breaker of the same options was, as far as one could have come: a memory may hold anything. Whose wish its wait was is
   * not remembered, so nothing but somebody's hand ends it.
   */
  restore(memory: BreakerMemory, now: number): void;
}

/** Keeps calls away from a target that fails. Holds no timer: whatever is due is found out when somebody asks. */
export interface Breaker extends BreakerControls {
  /** The mode that its options name, in which it is unless somebody set another by hand. */
  readonly usualMode: BreakerMode;
  /** What {@link tryAcquire} would answer, dice aside. Reserves nothing and changes nothing. */
  peek(now: number): 'ok' | 'probe' | 'rejected';
  /** A permit, or undefined when the call must not be made. When the wait is over, asking is what makes the breaker half-open. */
  tryAcquire(now: number): Permit | undefined;
  /**
   * Milliseconds until asking again can help; 0 when it can help now, the largest safe integer when that is up to somebody's hand. After
   * a refusal by dice, until somebody is let through whatever they say.
   */
  retryAfterMs(now: number): number;
  /**
   * Milliseconds until a call that has nowhere else to go may {@link nudge} and ask, though the wait is not over: a second after the
   * opening, and a moment at a time while a probe is under way. The largest safe integer when that is up to somebody's hand.
   */
  carefulInMs(now: number): number;
  /**
   * Whether its refusal is only its own doing: nobody's hand, no option (`recovery.never()`) and no provider asked for it. Then a call that
   * has nowhere else to go may be let past it.
   */
  mayBePassed(now: number): boolean;
  /**
   * The share of its calls, up to 1, that a target should get while it is eased in after probes have closed its breaker: from a tenth,
   * growing with the time. Source: Envoy's slow start.
   */
  share(now: number): number;
  /** Why it is open, as its snapshot has it; undefined while it is not. */
  readonly reason: string | undefined;
  snapshot(now: number): BreakerSnapshot;
  /** How long it has been in each state since it was made. */
  timeIn(now: number): TimeInStates;
}
