/** What headers said of one dimension when an answer came. What the provider does not know is left out. */
export interface SeenLimit {
  /** Requests or tokens in a period; a full bucket. */
  readonly limit?: number;
  /** What was left when the request had been counted. */
  readonly remaining?: number;
  /** Milliseconds until all is there again: of a bucket that fills steadily the time until it is full, of a window its end. */
  readonly resetMs?: number;
}

/** What the headers of an answer said. */
export interface SeenLimits {
  readonly requests?: SeenLimit;
  readonly tokens?: SeenLimit;
  readonly requestsPerDay?: SeenLimit;
  readonly tokensPerDay?: SeenLimit;
}
