import type { BreakerMode, BreakerState, BudgetReading, ProbeVerdict, TargetStatus } from 'breakwater';

/** A target as the page shows it. */
export interface TargetView {
  readonly endpoint: string;
  readonly model: string;
  readonly state: TargetStatus['state'];
  /** Milliseconds since the Unix epoch until which it rests; absent while it may be asked, and where only somebody's hand ends the rest. */
  readonly until?: number;
  readonly mode: BreakerMode;
  readonly breaker: BreakerState;
  readonly inFlight: number;
  /** 0 to 1, a decaying share. */
  readonly successRate: number;
  readonly p50Ms?: number;
  readonly p95Ms?: number;
  readonly firstTokenMs?: number;
  readonly attempts: number;
  readonly failed: number;
  readonly costUSD: number;
}

/** What probes found of an endpoint, as seen from this process. */
export interface ProbeView {
  /** When the last one ended, in milliseconds since the Unix epoch. */
  readonly at: number;
  /** What it found. */
  readonly verdict: ProbeVerdict;
  /** The status of its answer, where there was one. */
  readonly status?: number;
  /** Whether so many in a row were bad that the endpoint is passed over. */
  readonly isDown: boolean;
  /** The shortest of the last 20 round trips that were measured, in milliseconds. */
  readonly leastMs?: number;
  /** Their median. */
  readonly p50Ms?: number;
}

/** An endpoint as the page shows it. */
export interface RegionView {
  readonly region?: string;
  /** Degrees; absent where it is not known. */
  readonly location?: { readonly lat: number; readonly lon: number };
  /** Absent where nobody has looked since the page is there. */
  readonly probe?: ProbeView;
  /** The way there and back, in milliseconds. */
  readonly rttMs?: number;
  /** What half of the answers take at most, in milliseconds: the median of its targets. */
  readonly p50Ms?: number;
  /** Those that were met so far: none before the first call. */
  readonly targets: number;
  /** How many of them may be asked now. */
  readonly ready: number;
  readonly inFlight: number;
}

/** What a breaker, or a rest, made of a lane of the timeline for a while. */
export interface Span {
  readonly what: 'open' | 'probing' | 'cooling' | 'quarantined' | 'observed';
  /** Milliseconds since the Unix epoch. */
  readonly from: number;
  /** Absent while nobody knows when it ends. */
  readonly to?: number;
}

/** Something worth telling, as the live log shows it. */
export interface Entry {
  readonly id: number;
  /** Grows with every change of an entry: what is above the last seen number is new. */
  readonly seq: number;
  readonly at: number;
  /** The event. */
  readonly name: string;
  readonly tone: 'bad' | 'warn' | 'good' | 'note';
  readonly title: string;
  readonly detail: string;
  /** How often it happened in a row. */
  readonly count: number;
}

/** An alert that was raised, and whether it is over. */
export interface AlertView {
  readonly at: number;
  readonly title: string;
  readonly detail: string;
  readonly isOver: boolean;
}

/** What is left of one limit, and of how much, where that is known. */
export interface LimitView {
  readonly left: number;
  readonly of?: number;
}

/** Sums since the client was made. */
export interface Totals {
  readonly started: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly inFlight: number;
  readonly attempts: number;
  readonly failovers: number;
  readonly retries: number;
  readonly rescues: number;
  readonly lastResorts: number;
  readonly fallbackRate: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costUSD: number;
  /** Answers of models whose price is not known. */
  readonly unpriced: number;
  readonly budget?: Readonly<Record<string, BudgetReading>>;
}

/** Attempts by target in each of the last seconds, the oldest first. */
export interface Series {
  /** The last second, since the Unix epoch. */
  readonly end: number;
  /** How many seconds there are. */
  readonly seconds: number;
  readonly targets: Readonly<Record<string, { readonly asked: readonly number[]; readonly failed: readonly number[] }>>;
}

/** Everything that the page shows, as plain JSON: counts, states and names, never a prompt, an answer or a key. */
export interface DashboardState {
  readonly title: string;
  /** When it was read, in milliseconds since the Unix epoch. */
  readonly at: number;
  /** Since when events were watched. */
  readonly since: number;
  readonly totals: Totals;
  readonly regions: Readonly<Record<string, RegionView>>;
  readonly targets: Readonly<Record<string, TargetView>>;
  readonly lanes: Readonly<Record<string, readonly Span[]>>;
  /** By what a limit holds for, then by its dimension. */
  readonly limits: Readonly<Record<string, Readonly<Record<string, LimitView>>>>;
  readonly series: Series;
  /** The newest last. */
  readonly log: readonly Entry[];
  readonly alerts: readonly AlertView[];
}
