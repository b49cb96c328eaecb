/** What a request is before it is sent: about so many tokens in, and at most so many out, if it says so. */
export interface TokenEstimate {
  readonly input: number;
  /** Undefined when the caller has set no limit to the answer. */
  readonly maxOutput: number | undefined;
}

/** What an answer used. */
export interface TokenUsage {
  readonly inputTokens: number;
  /** How many of them were read from a cache, and cost less. */
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  /** Set where the provider did not tell: counted about, for a budget. */
  readonly estimated?: true;
}
