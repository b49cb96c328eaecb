import type { Permit } from './contract.js';
import type { TimeWindow, WindowStats } from './windows.js';

/** Calls pass and are counted. */
export interface Closed {
  readonly name: 'closed';
  readonly window: TimeWindow;
  /** Failures since the last success. */
  streak: number;
  /** The level when it closed; time takes from it. */
  readonly levelThen: number;
  readonly since: number;
}

/** Calls are refused until an instant that only a manual command moves. */
export interface Open {
  readonly name: 'open';
  readonly until: number;
  readonly level: number;
  /** The calls that opened it. */
  readonly stats: WindowStats;
}

/** A few calls pass, and decide. */
export interface HalfOpen {
  readonly name: 'half-open';
  readonly level: number;
  /** Probes under way, those that are overdue included until somebody asks for a place. */
  readonly leases: Lease[];
  successes: number;
}

/** A place among the probes. */
export interface Lease extends Permit {
  readonly issuedAt: number;
  /** Whether its place was given back while its result is still to come. */
  readonly isReleased: boolean;
}

/** Each state carries its own fields only, and is a new object each time: permits know by identity whether theirs is over. */
export type State = Closed | Open | HalfOpen;
