import type { TargetStatus } from '../flow/status.js';
import type { OpenIncident } from './incidents.js';
import type { JournalEntry } from './journal.js';
import type { ReportedOpening } from './opening-log.js';

/** A target in a report. */
export interface ReportedTarget extends Pick<TargetStatus, 'target' | 'endpoint' | 'region' | 'model' | 'state'> {
  /** Milliseconds until it may be asked again; 0 when it may be now, undefined for a breaker that only somebody's hand closes. */
  readonly readyInMs: number | undefined;
  /** Why its breaker is open, in a few words, such as `opened by hand`; undefined unless it is. */
  readonly reason: string | undefined;
  /** The share of time in which it might be asked and its last attempt had not failed, 0 to 100. */
  readonly score: number;
  /** Milliseconds in which it might not be asked. */
  readonly downMs: number;
  /** How often its breaker opened. */
  readonly openings: number;
}

/** How a client is, for people and as plain JSON. It covers the last hour, or the time since the client was made. */
export interface Report {
  /** When it was made, in milliseconds since the Unix epoch. */
  readonly at: number;
  /** How much time it covers, in milliseconds. */
  readonly windowMs: number;
  /** The mean of the targets' scores, 0 to 100; 100 where no target was asked so far. */
  readonly score: number;
  /** What is wrong now, a sentence each; empty when nothing is. */
  readonly wrong: readonly string[];
  /** The alerts that are firing, the oldest first. */
  readonly alerts: readonly OpenIncident[];
  /** Every target met so far. */
  readonly targets: readonly ReportedTarget[];
  /** The newest openings of breakers, the oldest of them first. */
  readonly openings: readonly ReportedOpening[];
  /** What of note happened lately, the oldest first. */
  readonly recent: readonly JournalEntry[];
  /** Counts since the client was made. */
  readonly counts: ReportCounts;
  /** The same as a text, to be pasted somewhere. */
  toString(): string;
}

/** Counts since the client was made. */
export interface ReportCounts {
  readonly requests: { readonly started: number; readonly succeeded: number; readonly failed: number };
  readonly attempts: number;
  readonly retries: number;
  readonly failovers: number;
  readonly rescues: number;
  readonly lastResorts: number;
  readonly openings: number;
  readonly alerts: number;
}
