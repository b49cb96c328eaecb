import type { LogEntry } from './log/log.js';

/** How much may be sent; what is left out is not limited. Buckets are full at first and fill up steadily over their minute or day. */
export interface RateNumbers {
  readonly requestsPerMinute?: number;
  readonly tokensPerMinute?: number;
  readonly requestsPerDay?: number;
  readonly tokensPerDay?: number;
  /** Tokens that were paid for: when they are used up, 429 `insufficient_quota` is answered for good. */
  readonly quotaTokens?: number;
}

/**
 * Whose headers and words a region uses for its limits. `azure` tells only what is left, and -1 of what it does not limit;
 * `azure-provisioned` tells how busy a deployment with bought capacity is; `groq` tells the requests of a day and the tokens of a minute.
 */
export type RateHeaders = 'openai' | 'azure' | 'azure-provisioned' | 'anthropic' | 'groq';

/** What a region enforces by itself, as the API does, and how it tells of it. */
export interface RateLimits extends RateNumbers {
  /** Limits of single models, besides the region's own. */
  readonly models?: Readonly<Record<string, RateNumbers>>;
  /** Limits of each key, whichever there are; requests without a key share one. */
  readonly perKey?: RateNumbers;
  /** Whose headers are on every answer; `false` sends none, and OpenAI's words in a 429. @default 'openai' */
  readonly headers?: RateHeaders | false;
  /** Whether a 429 says when to come back, in `retry-after` and, but for anthropic and groq, in `retry-after-ms`. @default true */
  readonly retryAfter?: boolean;
  /**
   * Tokens are charged when a request is let in: the larger of its `max_tokens` and of what its prompt is estimated to be. With `true` that is
   * corrected to the tokens that were used as soon as it is answered; OpenAI does not, Anthropic does. @default false
   */
  readonly settle?: boolean;
}

/**
 * What a region makes of a chat whose last turn is the assistant's. `prefill` goes on with it as Claude did for years and open models do; `refuse`
 * answers 400 in Anthropic's words; `ignore` answers the last turn of the user from the beginning; `repeat` says the last words again before it goes on.
 */
export type Continues = 'prefill' | 'refuse' | 'ignore' | 'repeat';

/**
 * What a region makes of a user's turn behind that, which quotes the last words as a JSON string: `anchor` says them again and goes on; `go-on` leaves them
 * out; `reword` says something of its own before them.
 */
export type Instructed = 'anchor' | 'go-on' | 'reword';

/** What may be changed while the simulator runs. */
export interface RegionSettings {
  /** Milliseconds before a region says anything. @default 0 */
  readonly latencyMs?: number;
  /** Up to so many milliseconds more, drawn evenly for each request. @default 0 */
  readonly jitterMs?: number;
  /** The pace of answers, streamed or not. @default Infinity */
  readonly tokensPerSecond?: number;
  /** What it makes of a last turn of the assistant's. @default 'ignore' */
  readonly continues?: Continues;
  /** What it makes of a user who quotes the last words of the answer before. @default 'anchor' */
  readonly instructed?: Instructed;
  /** The keys that are accepted; undefined accepts any, and none. @default undefined */
  readonly apiKeys?: readonly string[] | undefined;
}

/** One region; what it leaves out it takes from the simulator's own options. */
export interface RegionOptions extends RegionSettings {
  /** The models it serves. @default the simulator's */
  readonly models?: readonly string[];
  /** @default '127.0.0.1' */
  readonly host?: string;
  /** 0 lets the system choose. @default 0 */
  readonly port?: number;
  /** @default none */
  readonly limits?: RateLimits;
}

/** All that can be said to `startSimulator`. */
export interface SimulatorOptions extends RegionSettings {
  /** Answers, jitter and chances are drawn from it: the same seed gives the same ones. @default 1 */
  readonly seed?: number;
  /** @default a list of well-known models */
  readonly models?: readonly string[];
  /** By name. @default one named `local` */
  readonly regions?: Readonly<Record<string, RegionOptions>>;
  /** The fewest and the most tokens of an answer. @default [12, 40] */
  readonly answerTokens?: readonly [number, number];
  /** For each region by itself. @default none */
  readonly limits?: RateLimits;
  /** How many requests the log keeps. @default 10000 */
  readonly logSize?: number;
  /** Told of every request when it has ended. */
  readonly onRequest?: (entry: LogEntry) => void;
}

/** The defaults, as documented above. */
export const DEFAULTS = Object.freeze({
  latencyMs: 0,
  jitterMs: 0,
  continues: 'ignore' as const,
  instructed: 'anchor' as const,
  tokensPerSecond: Infinity,
  host: '127.0.0.1',
  port: 0,
  seed: 1,
  answerTokens: [12, 40] as const,
  logSize: 10000,
});

/** What limits are like unless they say so, as documented above. */
export const LIMIT_DEFAULTS = Object.freeze({ headers: 'openai', retryAfter: true, settle: false } as const);
