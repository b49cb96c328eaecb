import type { BreakerMode, BreakerState, Permit } from './contract.js';
import type { Because, TripContext } from './trippers.js';
import type { CallWindow, Sums, WindowStats } from './windows.js';

/** Calls pass and are counted. A tripper is asked about the state as it is. */
export interface Closed extends TripContext {
  readonly state: 'closed';
  readonly stats: CallWindow;
  streak: number;
  /** The level when it closed; time takes from it. */
  readonly levelThen: number;
  readonly since: number;
  /** Whether it only says when it would have opened. */
  readonly observes: boolean;
  /** Whether it has said so, and has not been well since. */
  hasCrossed: boolean;
  /** Whether probes closed it: then it is eased in. */
  readonly isRecovered: boolean;
}

/** Calls are refused until an instant that only a manual command moves. */
export interface Open {
  readonly state: 'open';
  /** `Infinity` until somebody closes it. */
  until: number;
  /** Before this instant nothing but somebody's hand ends the wait: a person, the options or the provider wanted it so. */
  readonly firmUntil: number;
  readonly level: number;
  readonly since: number;
  /** Why, in words. */
  readonly reason: string;
  /** The calls that opened it. */
  readonly stats: WindowStats;
}

/** A few calls pass, and decide. */
export interface HalfOpen extends TripContext {
  readonly state: 'half-open';
  readonly level: number;
  readonly since: number;
  /** Settled probes. */
  readonly stats: Sums;
  streak: number;
  successes: number;
  /** When a probe was let through last. */
  admittedAt: number;
  /** Whether dice have refused somebody since then, though there was room. */
  hasRefused: boolean;
  /** Probes under way, those that are overdue included until somebody asks for a place. */
  readonly leases: Lease[];
}

/** The beginning of being half-open, with nobody let through yet. */
export function halfOpened({ level, since }: { level: number; since: number }, stats: Sums): HalfOpen {
  const admittedAt = Number.NEGATIVE_INFINITY;
  return {
    state: 'half-open',
    level,
    since,
    stats,
    streak: 0,
    successes: 0,
    admittedAt,
    hasRefused: false,
    leases: [],
  };
}

/** A mode in which nothing is counted and every call passes. */
export interface Disabled {
  readonly state: 'disabled';
  readonly since: number;
}

/** A mode in which nothing is counted and no call passes. */
export interface ForcedOpen {
  readonly state: 'forced-open';
  readonly since: number;
  /** Why, in words. */
  readonly reason: string;
}

/** The beginning of a mode that counts nothing; one that the options do not name is somebody's doing. */
export function fixed(mode: 'disabled' | 'forced-open', usual: BreakerMode, since: number): Disabled | ForcedOpen {
  if (mode === 'disabled') return { state: mode, since };
  return { state: mode, since, reason: mode === usual ? 'open by its options' : 'opened by hand' };
}

/** A place among the probes. */
export interface Lease extends Permit {
  readonly issuedAt: number;
  /** Whether its place was given back while its result is still to come. */
  readonly isReleased: boolean;
}

/** Each state carries its own fields only, and is a new object each time: permits know by identity whether theirs is over. */
export type State = Closed | Open | HalfOpen | Disabled | ForcedOpen;

/** A state by the name that users know. */
export const nameOf = ({ state }: State): BreakerState =>
  state === 'disabled' ? 'closed' : state === 'forced-open' ? 'open' : state;

/** Who decides while a state lasts. */
export function modeOf(state: State): BreakerMode {
  if (state.state === 'disabled' || state.state === 'forced-open') return state.state;
  return state.state === 'closed' && state.observes ? 'observe-only' : 'auto';
}

/** Why a state refuses calls, in words; undefined for one that does not. */
export const reasonOf = (state: State): string | undefined =>
  state.state === 'open' || state.state === 'forced-open' ? state.reason : undefined;

/** Why a breaker opens. */
export interface Cause {
  readonly level: number;
  readonly because: Because;
  readonly retryAfterMs: number | undefined;
  readonly now: number;
}

/** What it opens for. */
export interface Wait {
  readonly level: number;
  readonly forMs: number;
  /** How much of it nothing but somebody's hand may shorten. */
  readonly firmMs: number;
  readonly now: number;
  readonly reason: string;
}
