import type { BreakerState, TimeInStates } from '../breaker/breaker.js';
import type { BudgetReading } from '../spending/budget.js';
import type { Spent } from '../spending/ledger.js';
import type { PeriodName } from '../spending/period.js';
import type { GroupStats } from './group-stats.js';
import type { RequestStats } from './request-stats.js';
import type { TimeStats } from './time-stats.js';

/** A breaker as statistics have it. */
export interface BreakerStats {
  readonly state: BreakerState;
  /** Milliseconds in each state since the breaker was made: when its target was met first, or sooner where others share it. */
  readonly inMs: TimeInStates;
}

/** What happened at one target. */
export interface TargetStats extends GroupStats {
  endpoint: string;
  model: string;
  /** Of streams: from the attempt to its first content, also of those that broke off later. */
  firstToken: TimeStats;
  /** Of attempts that were answered: to the end, which for a stream is when it was read. */
  total: TimeStats;
  /** Absent for a target that was forgotten, because callers made up too many models. */
  breaker?: BreakerStats;
}

/** What happened at the targets of a model, and the calls that asked for it, which other models may have answered. */
export interface ModelStats extends GroupStats {
  requests: RequestStats;
}

/** Counts since the client was made. Plain numbers: it can be turned to JSON as it is. */
export interface Stats {
  requests: RequestStats;
  attempts: number;
  retries: number;
  failovers: number;
  /** Answered requests that needed another target than the first, by all answered requests; 0 to 1. */
  fallbackRate: number;
  lastResorts: number;
  /** Streams that broke off and went on elsewhere. */
  rescues: number;
  /** The target that answered last. */
  currentTarget: string | undefined;
  /** The attempts of all targets together. */
  allTargets: GroupStats;
  /** By endpoint; one that was never asked is not in it. */
  endpoints: Record<string, GroupStats>;
  /** By model, as callers name it; `*` is for what has none, `other` for what a thousand others have left no place for. */
  models: Record<string, ModelStats>;
  targets: Record<string, TargetStats>;
  /** What answers used, and cost. */
  spent: Spent;
  /** The same by the tags of requests; a request with several counts for each of them. Of a thousand tags the rest is under `other`. */
  tags: Record<string, Spent>;
  /** How `router.budget` stands, by period; absent where there is none. */
  budget?: Partial<Record<PeriodName, BudgetReading>>;
}
