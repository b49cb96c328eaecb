/** What a limit is a limit of. */
export type LimitDimension =
  | 'requestsPerMinute'
  | 'tokensPerMinute'
  | 'requestsPerDay'
  | 'tokensPerDay'
  | 'concurrency';

/** What one request takes: itself, so many tokens, and one place among those under way. */
export interface Demand {
  /** Whole tokens; a fraction is rounded up, and what is no positive number counts as none. */
  readonly tokens: number;
  /** How many of them are for an answer whose length the caller leaves open. @default it is not left open */
  readonly answerTokens?: number | undefined;
}

/** The numbers of one scope; one that is absent means unlimited. All are above 0. */
export interface LimitNumbers {
  readonly requestsPerMinute?: number;
  readonly tokensPerMinute?: number;
  readonly requestsPerDay?: number;
  readonly tokensPerDay?: number;
  /** The most requests under way at a time. */
  readonly concurrency?: number;
  /**
   * So many may leave at once, and then steadily (GCRA). Without it the window slides: a whole period's worth may leave at once
   * when nothing did before.
   */
  readonly burst?: {
    readonly requestsPerMinute?: number;
    readonly tokensPerMinute?: number;
    readonly requestsPerDay?: number;
    readonly tokensPerDay?: number;
  };
}

/** How long a demand has to wait, and for which limit. */
export interface LimitWait {
  /** Milliseconds; `Number.MAX_SAFE_INTEGER` for concurrency, because nobody knows when a request ends: the line is told. */
  readonly waitMs: number;
  /** The limit that takes the longest. */
  readonly dimension: LimitDimension;
}

/** Whatever knows how long a demand has to wait. */
export interface Room {
  /** The longest wait of all limits; undefined when the demand fits now. The answer is valid until the next is asked for. */
  wait(demand: Demand, now: number): LimitWait | undefined;
}
