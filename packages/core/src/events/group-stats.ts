import type { FailureKind } from '../outcome/outcome.js';
import { addSpent, nothingSpent, type Spent, toldSpent } from '../spending/ledger.js';

/** How many of each kind there were; kinds that never happened are left out. */
export type CountsByKind = Partial<Record<FailureKind, number>>;

/** What became of the streams of a target after their first content. */
export interface StreamStats {
  /** Streams that were handed over, at their first content as a rule. */
  committed: number;
  /** Those of them that broke off. */
  broken: number;
  /** How often one brought nothing for `timeouts.idleMs` while somebody waited for it. */
  stalled: number;
  /** Those that broke off and went on elsewhere. */
  rescuedFrom: number;
  /** Those that broke off elsewhere and went on here. */
  rescuedTo: number;
}

/** Attempts by how they ended, at one target or at several together. Each attempt counts once, also in a call that had many. */
export interface GroupStats {
  attempts: number;
  /** Answered; a stream only when it was read to its end, or its reader had enough. */
  succeeded: number;
  failed: number;
  /** Taken back: by the caller, or because the other target of a hedged call was faster. */
  abandoned: number;
  /** Attempts that have not ended yet, streams that are still being read among them. */
  inFlight: number;
  /** The failed ones by what came back. */
  failedBy: CountsByKind;
  /** How often a call asked the same target once more, also with another of its keys. */
  retries: number;
  /** How often a call left a target of these for another one, and came to one of these from another one. */
  failovers: { from: number; to: number };
  streams: StreamStats;
  /** What answers used, and cost. */
  spent: Spent;
}

/** Counts of nothing yet. */
export const emptyGroup = (): GroupStats => ({
  attempts: 0,
  succeeded: 0,
  failed: 0,
  abandoned: 0,
  inFlight: 0,
  failedBy: {},
  retries: 0,
  failovers: { from: 0, to: 0 },
  streams: { committed: 0, broken: 0, stalled: 0, rescuedFrom: 0, rescuedTo: 0 },
  spent: nothingSpent(),
});

/** One more failure of a kind. */
export function countKind(counts: CountsByKind, kind: FailureKind, more = 1): void {
  counts[kind] = (counts[kind] ?? 0) + more;
}

/** Adds the counts of one to a sum. */
export function addGroup(sum: GroupStats, one: GroupStats): void {
  sum.attempts += one.attempts;
  sum.succeeded += one.succeeded;
  sum.failed += one.failed;
  sum.abandoned += one.abandoned;
  sum.inFlight += one.inFlight;
  sum.retries += one.retries;
  sum.failovers.from += one.failovers.from;
  sum.failovers.to += one.failovers.to;
  sum.streams.committed += one.streams.committed;
  sum.streams.broken += one.streams.broken;
  sum.streams.stalled += one.streams.stalled;
  sum.streams.rescuedFrom += one.streams.rescuedFrom;
  sum.streams.rescuedTo += one.streams.rescuedTo;
  for (const [kind, count] of Object.entries(one.failedBy)) countKind(sum.failedBy, kind as FailureKind, count);
  addSpent(sum.spent, one.spent);
}

/** The counts as they are told, as a copy, and nothing besides them. */
export function toldGroup({ failedBy, failovers, streams, spent, ...one }: GroupStats): GroupStats {
  const { attempts, succeeded, failed, abandoned, inFlight, retries } = one;
  return {
    ...{ attempts, succeeded, failed, abandoned },
    // Of a target that was forgotten meanwhile the end of an attempt may be known, and not its beginning.
    inFlight: Math.max(0, inFlight),
    failedBy: { ...failedBy },
    retries,
    failovers: { ...failovers },
    streams: { ...streams },
    spent: toldSpent(spent),
  };
}
